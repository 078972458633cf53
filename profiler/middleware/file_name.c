#include "profiler/middleware/file_name.h"

#include <stdio.h>

#include "framework/base/buffer.h"
#include "framework/base/unicode.h"

enum {
	SUFFIX_MAX = 10, /* "-" and nine digits */
	LONGEST = KM_FILE_NAME_MAX - SUFFIX_MAX,
	TAIL = 64, /* bytes that stay at the end: times, .prof */
};

static const km_str cut = {"...", 3};

static void clean(km_buffer *out, km_str text)
{
	while (text.len > 0) {
		km_str bytes = text;
		uint32_t character = km_unicode_next(&text);
		bytes.len -= text.len;
		bool front = out->len == 0 && (character == '.' || character == '-');
		if (front || character == '/' || !km_unicode_is_printable(character))
			bytes = KM_STR("_");
		km_buffer_append(out, bytes.ptr, bytes.len);
	}
}

static bool is_continuation(char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* Takes the middle out of well-formed UTF-8 that is longer than LONGEST. */
static void shorten(km_file_name name, km_str text)
{
	size_t head = LONGEST - cut.len - TAIL, tail = text.len - TAIL;

	while (is_continuation(text.ptr[head]))
		head--;
	while (tail < text.len && is_continuation(text.ptr[tail]))
		tail++;
	snprintf(name, sizeof(km_file_name), "%.*s%s%s", (int)head, text.ptr, cut.ptr,
		 text.ptr + tail);
}

void km_file_name_clean(km_file_name name, km_str text)
{
	km_buffer whole = {0};

	clean(&whole, text);
	if (whole.failed || whole.len == 0)
		snprintf(name, sizeof(km_file_name), "profile.prof");
	else if (whole.len > LONGEST)
		shorten(name, (km_str){whole.data, whole.len});
	else
		snprintf(name, sizeof(km_file_name), "%s", whole.data);
	km_buffer_finish(&whole);
}

void km_file_name_numbered(km_file_name numbered, const km_file_name name, unsigned number)
{
	const char *dot = strrchr(name, '.');
	size_t stem = dot && dot > name ? (size_t)(dot - name) : strlen(name);

	snprintf(numbered, sizeof(km_file_name), "%.*s-%u%s", (int)stem, name, number, name + stem);
}
