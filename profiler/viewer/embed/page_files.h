/* The files that the viewer's page is made of, in memory. */
#ifndef KM_VIEWER_EMBED_PAGE_FILES_H
#define KM_VIEWER_EMBED_PAGE_FILES_H

#include "framework/base/buffer.h"

typedef struct km_page_file {
	const char *name; /* without folder */
	km_buffer text;
	int step; /* of the bundle: whether it was put there */
} km_page_file;

typedef struct km_page_files {
	km_page_file *files;
	size_t count;
} km_page_files;

/* NULL when there is none of that name, of `len` bytes. */
km_page_file *km_page_file_find(const km_page_files *files, const char *name, size_t len);

/* Makes one script of the module `name` and all that it imports (docs/viewer.md has the forms that
 * are understood). Returns 0, or -1 after a line on standard error. */
int km_bundle(km_buffer *out, const km_page_files *files, const char *name);

/* index.html with links to all modules. Returns 0, or -1 after a line on standard error. */
int km_preload(km_buffer *out, const km_page_files *files);

/* The page that stands alone: what stands before its profile, and behind it. Returns 0, or -1 after
 * a line on standard error. */
int km_single_page(km_buffer *head, km_buffer *tail, const km_page_files *files);

#endif
