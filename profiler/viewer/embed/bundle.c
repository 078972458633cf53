/* Makes each module a function that returns its exports. A module comes after those it imports. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>

#include "profiler/viewer/embed/page_files.h"

enum { WAITING, OPEN, DONE };

struct bundle {
	km_buffer *out;
	const km_page_files *files;
};

km_page_file *km_page_file_find(const km_page_files *files, const char *name, size_t len)
{
	for (size_t i = 0; i < files->count; i++) {
		const char *found = files->files[i].name;
		if (strlen(found) == len && memcmp(found, name, len) == 0)
			return &files->files[i];
	}
	return NULL;
}

static int refuse(const km_page_file *file, const char *why, const char *at)
{
	fprintf(stderr, "%s: %s: %.*s\n", file->name, why, (int)strcspn(at, "\n"), at);
	return -1;
}

static bool begins(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

static const char *next_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end ? end + 1 : at + strlen(at);
}

static size_t name_length(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) || text[len] == '_' || text[len] == '$')
		len++;
	return len;
}

static int add_module(struct bundle *bundle, km_page_file *file);

/* --- imports: `import { a, b as c } from "./other.js";` --- */

/* Returns the imported module, and sets `*end` behind the statement. Returns NULL for other forms.
 */
static km_page_file *imported(const struct bundle *bundle, const char *at, const char **end)
{
	static const char from[] = " from \"./";
	const char *close = strchr(at, '}');

	if (!begins(at, "import {") || !close || !begins(close + 1, from))
		return NULL;
	const char *name = close + 1 + sizeof from - 1;
	size_t len = strcspn(name, "\"\n");
	if (!begins(name + len, "\";"))
		return NULL;
	*end = name + len + 2;
	return km_page_file_find(bundle->files, name, len);
}

static int add_imports(struct bundle *bundle, const km_page_file *file)
{
	const char *end;

	for (const char *at = file->text.data; *at; at = next_line(at)) {
		if (!begins(at, "import"))
			continue;
		km_page_file *other = imported(bundle, at, &end);
		if (!other)
			return refuse(file, "not understood, or no such file", at);
		if (add_module(bundle, other))
			return -1;
	}
	return 0;
}

/* Makes "{ a, b: c }" of "{ a, b as c }". */
static void put_names(km_buffer *out, const char *at, const char *close)
{
	while (at <= close) {
		if (begins(at, " as ")) {
			km_buffer_text(out, ": ");
			at += 4;
		} else {
			km_buffer_char(out, *at++);
		}
	}
}

static const char *put_import(struct bundle *bundle, const char *at)
{
	const char *end;
	const km_page_file *other = imported(bundle, at, &end);

	km_buffer_text(bundle->out, "const ");
	put_names(bundle->out, strchr(at, '{'), strchr(at, '}'));
	km_buffer_printf(bundle->out, " = module%zu;", (size_t)(other - bundle->files->files));
	return end;
}

/* --- exports --- */

/* Returns the name after `export function`, `export const` and so on, or NULL. */
static const char *exported(const char *at)
{
	static const char *const forms[] = {"export async function ", "export function ",
					    "export class ", "export const "};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		const char *name = at + strlen(forms[i]);
		if (begins(at, forms[i]) && name_length(name))
			return name;
	}
	return NULL;
}

static void put_exports(km_buffer *out, const km_page_file *file)
{
	km_buffer_text(out, "\nreturn {");
	for (const char *at = file->text.data; *at; at = next_line(at)) {
		const char *name = begins(at, "export") ? exported(at) : NULL;
		if (name)
			km_buffer_printf(out, " %.*s,", (int)name_length(name), name);
	}
	km_buffer_text(out, " };\n})();\n");
}

/* --- a module --- */

static int put_text(struct bundle *bundle, const km_page_file *file)
{
	for (const char *at = file->text.data; *at;) {
		if (begins(at, "import"))
			at = put_import(bundle, at);
		if (begins(at, "export")) {
			if (!exported(at))
				return refuse(file, "not understood", at);
			at += strlen("export ");
		}
		const char *end = next_line(at);
		km_buffer_append(bundle->out, at, (size_t)(end - at));
		at = end;
	}
	return 0;
}

static int add_module(struct bundle *bundle, km_page_file *file)
{
	if (file->step == OPEN)
		return refuse(file, "imports itself by way of others", "");
	if (file->step == DONE)
		return 0;
	file->step = OPEN;
	if (add_imports(bundle, file))
		return -1;
	km_buffer_printf(bundle->out, "const module%zu = (() => {\n",
			 (size_t)(file - bundle->files->files));
	if (put_text(bundle, file))
		return -1;
	put_exports(bundle->out, file);
	file->step = DONE;
	return 0;
}

int km_bundle(km_buffer *out, const km_page_files *files, const char *name)
{
	struct bundle bundle = {.out = out, .files = files};
	km_page_file *file = km_page_file_find(files, name, strlen(name));

	if (!file) {
		fprintf(stderr, "there is no %s\n", name);
		return -1;
	}
	if (add_module(&bundle, file))
		return -1;
	/* "</" would end the script element (HTML section 13.1.2.6). */
	if (out->failed || strcasestr(out->data, "</script") || strstr(out->data, "<!--"))
		return refuse(file, "cannot stand in a page", "</script or <!--");
	return 0;
}
