#include "profiler/viewer/dump_file.h"

#include "framework/base/clock.h"
#include "framework/base/unicode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SIZE_LIMIT ((off_t)1 << 30)

void km_dump_stamp_set(km_dump_stamp *stamp, const struct stat *file)
{
	*stamp = (km_dump_stamp){
		.inode = file->st_ino,
		.size = file->st_size,
		.modified_ns = km_clock_ns(file->st_mtim),
	};
}

bool km_dump_stamp_equal(const km_dump_stamp *a, const km_dump_stamp *b)
{
	return a->inode == b->inode && a->size == b->size && a->modified_ns == b->modified_ns;
}

double km_dump_started(const km_profile_facts *facts, const km_dump_stamp *stamp)
{
	return facts->started != 0 ? facts->started : (double)stamp->modified_ns * 1e-9;
}

static bool is_utf8(km_str text)
{
	while (text.len > 0) {
		uint32_t character = km_unicode_next(&text);
		if (character >= 0xd800 && character <= 0xdfff)
			return false;
	}
	return true;
}

bool km_dump_name_is_fit(km_str name, const char *only)
{
	static const char suffix[] = ".prof";
	size_t suffix_len = sizeof suffix - 1;

	if (name.len == 0 || name.len > 255 || memchr(name.ptr, '/', name.len) ||
	    memchr(name.ptr, '\0', name.len) || !is_utf8(name))
		return false;
	if (only)
		return km_str_equal(name, km_str_from(only));
	return name.ptr[0] != '.' && name.len > suffix_len &&
	       memcmp(name.ptr + name.len - suffix_len, suffix, suffix_len) == 0;
}

static int fail(int result, const char *why, char *error, size_t error_size)
{
	snprintf(error, error_size, "%s", why);
	return result;
}

/* Reads instead of mapping: a mapped file that is truncated would kill the process. */
static int read_file(km_buffer *out, int fd, size_t size, char *error, size_t error_size)
{
	char *room = km_buffer_reserve(out, size + 1);

	if (!room)
		return fail(KM_ENOMEM, "out of memory", error, error_size);
	for (size_t got = 0; got < size;) {
		ssize_t count = read(fd, room + got, size - got);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return fail(KM_EIO, strerror(errno), error, error_size);
		if (count == 0)
			break;
		got += (size_t)count;
		out->len += (size_t)count;
	}
	return 0;
}

/* `stamp` may be NULL. */
static int read_named(km_buffer *out, int folder, const char *name, km_dump_stamp *stamp,
		      char *error, size_t error_size)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = openat(folder, name, flags), result = KM_ENOENT;
	struct stat file;

	if (fd < 0)
		return fail(KM_ENOENT, errno == ELOOP ? "no regular file" : strerror(errno), error,
			    error_size);
	if (fstat(fd, &file) || !S_ISREG(file.st_mode))
		fail(result, "no regular file", error, error_size);
	else if (file.st_size > SIZE_LIMIT)
		result = fail(KM_ELIMIT, "larger than 1 GiB", error, error_size);
	else
		result = read_file(out, fd, (size_t)file.st_size, error, error_size);
	if (stamp && result != KM_ENOENT)
		km_dump_stamp_set(stamp, &file);
	close(fd);
	return result;
}

int km_dump_file_read(km_prof **prof, int folder, const char *name, km_dump_stamp *stamp,
		      char *error, size_t error_size)
{
	km_buffer bytes = {0};
	int result = read_named(&bytes, folder, name, stamp, error, error_size);

	*prof = NULL;
	if (!result)
		result = km_prof_parse(prof, bytes.data, bytes.len, error, error_size);
	km_buffer_finish(&bytes);
	return result;
}

int km_dump_file_bytes(km_buffer *out, int folder, const char *name, char *error, size_t error_size)
{
	int result = read_named(out, folder, name, NULL, error, error_size);
	km_prof *prof = NULL;

	if (!result)
		result = km_prof_parse(&prof, out->data, out->len, error, error_size);
	km_prof_free(prof);
	return result;
}
