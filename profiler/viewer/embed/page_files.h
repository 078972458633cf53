/* The files of the viewer's page, in memory. All functions that return int return 0, or -1 after a
 * line on standard error. */
#ifndef KM_VIEWER_EMBED_PAGE_FILES_H
#define KM_VIEWER_EMBED_PAGE_FILES_H

#include "framework/base/buffer.h"

typedef struct km_page_file {
	const char *name; /* without folder */
	km_buffer text;
	int step; /* of bundling: not reached, in progress, done */
} km_page_file;

typedef struct km_page_files {
	km_page_file *files;
	size_t count;
} km_page_files;

/* Finds a file by its name of `len` bytes. Returns NULL when there is none. */
km_page_file *km_page_file_find(const km_page_files *files, const char *name, size_t len);

/* Makes one script of the module `name` and its imports. docs/viewer.md lists the forms of import
 * and export that it supports. */
int km_bundle(km_buffer *out, const km_page_files *files, const char *name);

/* Adds links to all modules to index.html. */
int km_preload(km_buffer *out, const km_page_files *files);

/* Makes the single page: its parts before and after the profile. */
int km_single_page(km_buffer *head, km_buffer *tail, const km_page_files *files);

#endif
