/* Where a request's body is kept: in memory up to a bound, beyond it in a temporary file that has
 * no name, so that memory stays flat and nothing is left behind, whatever happens. */
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
	char *map;   /* of the file and a NUL behind it; NULL while nobody asked for it */
} km_http_body_store;

/* Appends bytes; with more than `most_memory` in all, all of them go to a file in $TMPDIR or /tmp.
 * Returns 0, KM_ENOMEM, or KM_EIO with errno set. */
int km_http_body_store_append(km_http_body_store *store, km_str bytes, size_t most_memory);
/* Copies up to `size` bytes from `offset` on, which lies within the body; 0 at its end, or KM_EIO.
 */
ssize_t km_http_body_store_read(const km_http_body_store *store, size_t offset, void *bytes,
				size_t size);
size_t km_http_body_store_size(const km_http_body_store *store);
/* All of it in one piece, terminated, valid until clear; {NULL, 0} when a file cannot be mapped. */
km_str km_http_body_store_view(km_http_body_store *store);
/* Forgets the body; keeps up to `keep` bytes of memory for the next. */
void km_http_body_store_clear(km_http_body_store *store, size_t keep);

#endif
