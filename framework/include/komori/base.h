/* Visibility, error codes and string views, shared by all public headers of Komori. */
#ifndef KOMORI_BASE_H
#define KOMORI_BASE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Marks a symbol that the shared libraries export. All others are hidden. */
#define KM_API		      __attribute__((visibility("default")))
#define KM_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

#define KM_VERSION "0.1.0"

/* Errors. Functions return 0 or a count on success, and one of these on failure. */
enum {
	KM_ENOMEM = -1,	      /* memory or descriptors ran out */
	KM_EINVAL = -2,	      /* an argument breaks the contract */
	KM_ESTATE = -3,	      /* the call is too early, too late or repeated */
	KM_EIO = -4,	      /* a system call failed; errno has the reason */
	KM_ELIMIT = -5,	      /* a configured bound was reached */
	KM_ENOENT = -6,	      /* the name does not exist */
	KM_EUNSUPPORTED = -7, /* not supported by this machine or build */
	KM_ECLOSED = -8,      /* the peer closed the connection */
};

/* Returns one line of English for a KM_E* code; static, and not NULL for an unknown code. */
KM_API const char *km_strerror(int error);

/* A borrowed view of bytes. `ptr` is NULL for an absent value, and not NULL for an empty one. The
 * views that getters of a request return are also NUL-terminated. */
typedef struct km_str {
	const char *ptr;
	size_t len;
} km_str;

#define KM_STR(literal) ((km_str){(literal), sizeof(literal) - 1})

/* A header field. */
typedef struct km_header {
	km_str name, value;
} km_header;

static inline km_str km_str_from(const char *text)
{
	km_str view = {text, text ? strlen(text) : 0};

	return view;
}

static inline int km_str_equal(km_str a, km_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

#ifdef __cplusplus
}
#endif
#endif
