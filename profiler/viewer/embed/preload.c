#include <stdio.h>

#include "profiler/viewer/embed/page_files.h"

/* With these links a browser loads all modules at once. Without, it finds an import only when it
 * has read the importing module, one round trip after the other. */
int km_preload(km_buffer *out, const km_page_files *files)
{
	static const char script[] = "<script type=\"module\"";
	const km_page_file *page = km_page_file_find(files, "index.html", strlen("index.html"));
	const char *at = page ? strstr(page->text.data, script) : NULL;

	if (!at) {
		fprintf(stderr, "index.html: there is no %s\n", script);
		return -1;
	}
	km_buffer_append(out, page->text.data, (size_t)(at - page->text.data));
	for (size_t i = 0; i < files->count; i++) {
		const char *end = strrchr(files->files[i].name, '.');
		if (end && strcmp(end, ".js") == 0)
			km_buffer_printf(out, "<link rel=\"modulepreload\" href=\"%s\">\n",
					 files->files[i].name);
	}
	km_buffer_text(out, at);
	return out->failed ? -1 : 0;
}
