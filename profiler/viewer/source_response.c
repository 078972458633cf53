/* The source of a function, read from this machine's files. It opens only files that the profile
 * names. */
#include "framework/base/clock.h"
#include "profiler/viewer/responses.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SIZE_LIMIT = 2 << 20 };

/* Finds a function of the rows by its number in the response (docs/viewer.md). */
static const km_function *find(const km_stats *stats, km_str number)
{
	uint32_t index = 0;

	if (number.len == 0 || number.len > 9)
		return NULL;
	for (size_t i = 0; i < number.len; i++) {
		if (number.ptr[i] < '0' || number.ptr[i] > '9')
			return NULL;
		index = 10 * index + (uint32_t)(number.ptr[i] - '0');
	}
	return index < stats->function_count ? &stats->functions[index] : NULL;
}

static int fail(const char *why, char *error, size_t error_size)
{
	snprintf(error, error_size, "%s", why);
	return KM_ENOENT;
}

static int read_text(km_buffer *text, struct stat *file, int fd, char *error, size_t error_size)
{
	if (fstat(fd, file) || !S_ISREG(file->st_mode))
		return fail("the source is no regular file", error, error_size);
	for (ssize_t got = 1; got > 0 && text->len <= SIZE_LIMIT;) {
		char *room = km_buffer_reserve(text, 65536);
		if (!room)
			return KM_ENOMEM;
		got = read(fd, room, 65536);
		if (got < 0)
			return fail(strerror(errno), error, error_size);
		text->len += (size_t)got;
	}
	if (text->len > SIZE_LIMIT)
		return fail("the source is larger than 2 MiB", error, error_size);
	if (memchr(text->data, '\0', text->len))
		return fail("the source is no text", error, error_size);
	return 0;
}

static void put_text(km_buffer *out, const km_function *function, bool changed, km_str text)
{
	km_json_writer json = {.out = out};

	km_json_object(&json);
	km_json_key_text(&json, "file", function->file);
	km_viewer_put_bool(&json, "changed", changed);
	km_json_key_unsigned(&json, "first", 1);
	km_json_key_integer(&json, "line", function->line);
	km_json_key(&json, "text");
	km_json_str(&json, text);
	km_json_object_end(&json);
}

int km_viewer_put_source(km_buffer *out, const km_prof *prof, km_str number, double since,
			 char *error, size_t error_size)
{
	const km_function *function = find(prof->stats, number);
	km_buffer text = {0};
	struct stat file;

	if (!function)
		return fail("the profile has no such function", error, error_size);
	if (function->file[0] != '/')
		return fail("the profile does not say where the source is", error, error_size);
	int fd = open(function->file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		snprintf(error, error_size, "the source cannot be read: %s", strerror(errno));
		return KM_ENOENT;
	}
	int result = read_text(&text, &file, fd, error, error_size);
	close(fd);
	if (!result)
		put_text(out, function, (double)km_clock_ns(file.st_mtim) * 1e-9 > since,
			 (km_str){text.data, text.len});
	km_buffer_finish(&text);
	return result;
}
