/* Keeps the body of a request: in memory up to a bound, a longer one in a temporary file without a
 * name. Memory stays flat, and no file is left even after a crash. */
#ifndef KM_HTTP_BODY_STORE_H
#define KM_HTTP_BODY_STORE_H

#include <stdbool.h>
#include <sys/types.h>

#include "framework/base/buffer.h"

/* Zero-initialised is a valid empty store. */
typedef struct km_http_body_store {
	km_buffer memory; /* all of the body, unless it is in the file */
	bool in_file;
	int fd;	     /* valid while in_file */
	size_t size; /* bytes in the file */
	char *map;   /* of the file and a NUL after it; NULL before the first view */
} km_http_body_store;

/* Appends bytes. Moves a body of more than `most_memory` bytes to a file in $TMPDIR or /tmp.
 * Returns 0, KM_ENOMEM, or KM_EIO with errno set. */
int km_http_body_store_append(km_http_body_store *store, km_str bytes, size_t most_memory);
/* Copies up to `size` bytes of a body in a file, from `offset`, which is at most its size. Returns
 * the count, 0 at the end, or KM_EIO. */
ssize_t km_http_body_store_read(const km_http_body_store *store, size_t offset, void *bytes,
				size_t size);
/* Returns the whole body, terminated, valid until clear; {NULL, 0} when the file cannot be mapped.
 */
km_str km_http_body_store_view(km_http_body_store *store);
/* Drops the body. Keeps up to `keep` bytes of memory for the next one. */
void km_http_body_store_clear(km_http_body_store *store, size_t keep);

#endif
