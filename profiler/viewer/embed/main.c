/* Writes the viewer's page as C: `embed OUT FILE...`. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "framework/base/buffer.h"

enum { GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 9, NUMBERS_A_LINE = 24 };

static int read_file(km_buffer *text, const char *path)
{
	FILE *stream = fopen(path, "rb");
	size_t got = 1;
	char *room;

	while (stream && got && (room = km_buffer_reserve(text, 65536))) {
		got = fread(room, 1, 65536, stream);
		text->len += got;
	}
	km_buffer_text(text, "");
	if (!stream || ferror(stream) || text->failed) {
		perror(path);
		return -1;
	}
	fclose(stream);
	return 0;
}

static const char *type_of(const char *name)
{
	const char *end = strrchr(name, '.');

	if (strcmp(end, ".js") == 0)
		return "text/javascript; charset=utf-8";
	return strcmp(end, ".css") == 0 ? "text/css; charset=utf-8" : "text/html; charset=utf-8";
}

/* Adds links to all modules to a page. With these links a browser loads all at once. Without, it
 * finds an import only when it has read the importing module, one round trip after the other. */
static int preload(km_buffer *page, char **paths)
{
	const char *script = strstr(page->data, "<script");
	km_buffer made = {0};

	if (!script) {
		fprintf(stderr, "a page without a script\n");
		return -1;
	}
	km_buffer_append(&made, page->data, (size_t)(script - page->data));
	for (; *paths; paths++) {
		if (strncmp(type_of(*paths), "text/javascript", 15) == 0)
			km_buffer_printf(&made, "<link rel=\"modulepreload\" href=\"%s\">\n",
					 basename(*paths));
	}
	km_buffer_text(&made, script);
	km_buffer_finish(page);
	*page = made;
	return made.failed ? -1 : 0;
}

/* Prints a gzip file (RFC 1952) as numbers. Returns how many, 0 when memory ran out. */
static size_t put_compressed(FILE *out, const km_buffer *text)
{
	z_stream stream = {.next_in = (Bytef *)text->data, .avail_in = (uInt)text->len};

	if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return 0;
	uLong most = deflateBound(&stream, text->len);
	unsigned char *bytes = malloc(most);
	stream.next_out = bytes;
	stream.avail_out = (uInt)most;
	size_t size = bytes && deflate(&stream, Z_FINISH) == Z_STREAM_END ? stream.total_out : 0;
	for (size_t i = 0; i < size; i++)
		fprintf(out, "%s%d,", i % NUMBERS_A_LINE ? "" : "\n\t", bytes[i]);
	deflateEnd(&stream);
	free(bytes);
	return size;
}

/* Prints the bytes of a file, and appends its item of the table to `items`. */
static int put_asset(FILE *out, km_buffer *items, char **paths, int index)
{
	const char *path = paths[index];
	km_buffer text = {0};
	int failed = read_file(&text, path);

	if (!failed && strncmp(type_of(path), "text/html", 9) == 0)
		failed = preload(&text, paths);
	if (!failed) {
		fprintf(out, "static const unsigned char bytes%d[] = {", index);
		size_t size = put_compressed(out, &text);
		fprintf(out, "\n};\n");
		km_buffer_printf(items,
				 "\t{\"%s\", \"%s\", \"\\\"%08lx-%zx\\\"\", %zu,\n"
				 "\t\t{(const char *)bytes%d, %zu}},\n",
				 basename(path), type_of(path),
				 crc32(0, (const Bytef *)text.data, (uInt)text.len), text.len,
				 text.len, index, size);
		failed = size ? 0 : -1;
	}
	km_buffer_finish(&text);
	return failed;
}

int main(int argc, char **argv)
{
	FILE *out = argc > 2 ? fopen(argv[1], "w") : NULL;
	km_buffer items = {0};
	int failed = !out;

	if (out)
		fprintf(out, "#include \"profiler/viewer/assets.h\"\n\n");
	for (int i = 0; !failed && i < argc - 2; i++)
		failed = put_asset(out, &items, argv + 2, i);
	if (out)
		fprintf(out, "const km_asset km_assets[] = {\n%s\t{0},\n};\n",
			items.data ? items.data : "");
	failed = failed || items.failed || ferror(out);
	if (out && fclose(out))
		failed = 1;
	km_buffer_finish(&items);
	return failed ? 1 : 0;
}
