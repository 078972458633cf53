/* What every public header of Komori shares: visibility, error codes, string views. */
#ifndef KOMORI_BASE_H
#define KOMORI_BASE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Symbols that the shared libraries export. Everything else is hidden. */
#define KM_API		      __attribute__((visibility("default")))
#define KM_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

#define KM_VERSION "0.1.0"

/* Functions return 0 (or a count) on success, one of these on failure. */
enum {
	KM_ENOMEM = -1,	      /* memory or descriptors ran out */
	KM_EINVAL = -2,	      /* an argument is not what the contract asks for */
	KM_ESTATE = -3,	      /* right call, wrong moment: started twice, headers already sent */
	KM_EIO = -4,	      /* the operating system refused; errno tells why */
	KM_ELIMIT = -5,	      /* a configured bound was reached */
	KM_ENOENT = -6,	      /* no such name */
	KM_EUNSUPPORTED = -7, /* this machine or build cannot do it */
	KM_ECLOSED = -8,      /* the peer went away */
};

/* One line of English for a KM_E* code; static, never NULL, also for unknown codes. */
KM_API const char *km_strerror(int error);

/* A borrowed run of bytes. `ptr` is NULL for "absent"; an empty value has a non-NULL `ptr`.
 * Views that getters of the request hand out are also NUL-terminated. */
typedef struct km_str {
	const char *ptr;
	size_t len;
} km_str;

#define KM_STR(literal) ((km_str){(literal), sizeof(literal) - 1})

/* One header field. */
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
