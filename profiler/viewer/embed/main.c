/* Writes the viewer's page as C: `embed OUT FILE...`. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "profiler/viewer/embed/page_files.h"

enum { GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 9, NUMBERS_A_LINE = 24 };

static int read_file(km_page_file *file, const char *path)
{
	const char *slash = strrchr(path, '/');
	FILE *stream = fopen(path, "rb");
	size_t got = 1;
	char *room;

	file->name = slash ? slash + 1 : path;
	while (stream && got && (room = km_buffer_reserve(&file->text, 65536))) {
		got = fread(room, 1, 65536, stream);
		file->text.len += got;
	}
	km_buffer_text(&file->text, "");
	if (!stream || ferror(stream) || file->text.failed) {
		perror(path);
		return -1;
	}
	fclose(stream);
	return 0;
}

static const char *type_of(const char *name)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{".html", "text/html; charset=utf-8"},
		{".js", "text/javascript; charset=utf-8"},
		{".css", "text/css; charset=utf-8"},
		{".svg", "image/svg+xml"},
		{".png", "image/png"},
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++)
		if (strcmp(dot, types[i].end) == 0)
			return types[i].type;
	return NULL;
}

/* --- as C --- */

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

static int put_asset(FILE *out, const char *variable, const char *name, const char *type,
		     const km_buffer *text)
{
	uLong check = crc32(0, (const Bytef *)text->data, (uInt)text->len);

	fprintf(out, "static const unsigned char %s_bytes[] = {", variable);
	size_t size = put_compressed(out, text);
	fprintf(out,
		"\n};\nstatic const km_asset %s = {\n\t\"%s\", \"%s\", \"\\\"%08lx-%zx\\\"\", "
		"%zu,\n"
		"\t{(const char *)%s_bytes, %zu},\n};\n",
		variable, name, type, check, text->len, text->len, variable, size);
	return size ? 0 : -1;
}

static int put_files(FILE *out, const km_page_files *files)
{
	km_buffer page = {0};
	char variable[32];
	int failed = km_preload(&page, files);

	for (size_t i = 0; i < files->count; i++) {
		const km_page_file *file = &files->files[i];
		const char *type = type_of(file->name);
		if (!type) {
			fprintf(stderr, "%s: of what type is this?\n", file->name);
			failed = -1;
			break;
		}
		snprintf(variable, sizeof variable, "file%zu", i);
		bool is_page = strcmp(file->name, "index.html") == 0;
		if (put_asset(out, variable, file->name, type, is_page ? &page : &file->text))
			failed = -1;
	}
	km_buffer_finish(&page);
	fprintf(out, "const km_asset *const km_assets[] = {");
	for (size_t i = 0; i < files->count; i++)
		fprintf(out, "&file%zu, ", i);
	fprintf(out, "NULL};\n");
	return failed;
}

static int put_single_page(FILE *out, const km_page_files *files)
{
	static const char type[] = "text/html; charset=utf-8";
	km_buffer head = {0}, tail = {0};

	int failed = km_single_page(&head, &tail, files) ||
		     put_asset(out, "head", "", type, &head) ||
		     put_asset(out, "tail", "", type, &tail);
	fprintf(out, "const km_asset *const km_single_page_parts[] = {&head, &tail};\n");
	km_buffer_finish(&head);
	km_buffer_finish(&tail);
	return failed ? -1 : 0;
}

static int write_all(FILE *out, const km_page_files *files)
{
	fprintf(out, "#include \"profiler/viewer/assets.h\"\n\n");
	if (put_files(out, files) || put_single_page(out, files))
		return -1;
	return ferror(out) ? -1 : 0;
}

int main(int argc, char **argv)
{
	km_page_files files = {.count = argc > 2 ? (size_t)argc - 2 : 0};
	FILE *out = argc > 2 ? fopen(argv[1], "w") : NULL;

	files.files = calloc(files.count + 1, sizeof *files.files);
	int failed = !out || !files.files;
	for (size_t i = 0; !failed && i < files.count; i++)
		failed = read_file(&files.files[i], argv[i + 2]);
	failed = failed || write_all(out, &files);
	if (out && fclose(out))
		failed = 1;
	for (size_t i = 0; i < files.count; i++)
		km_buffer_finish(&files.files[i].text);
	free(files.files);
	return failed ? 1 : 0;
}
