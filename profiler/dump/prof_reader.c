#include "profiler/dump/prof_reader.h"

#include "profiler/dump/rows_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIPE_LIMIT = 256 << 20, PIPE_STEP = 1 << 16, DICT_CODE = '{', FLAG_REFERENCE = 0x80 };

/* The bytes of a file: mapped, or read to `buffer`. */
typedef struct content {
	const void *bytes;
	size_t size;
	void *mapping; /* or NULL */
	km_buffer buffer;
	double modified; /* seconds since the epoch, as os.stat().st_mtime */
} content;

static int fail(int result, const char *why, char *error, size_t error_size)
{
	snprintf(error, error_size, "%s", why);
	return result;
}

static bool starts_as_profile(const void *bytes)
{
	return (*(const unsigned char *)bytes & ~FLAG_REFERENCE) == DICT_CODE;
}

/* Reads to the end, or until the first byte shows that this is not a profile. */
static int read_pipe(int fd, content *made, char *error, size_t error_size)
{
	while (made->buffer.len <= PIPE_LIMIT) {
		char *room = km_buffer_reserve(&made->buffer, PIPE_STEP);
		if (!room)
			return fail(KM_ENOMEM, "out of memory", error, error_size);
		ssize_t got = read(fd, room, PIPE_STEP);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(KM_EIO, strerror(errno), error, error_size);
		made->buffer.len += (size_t)got;
		if (got == 0 || !starts_as_profile(made->buffer.data)) {
			made->bytes = made->buffer.data;
			made->size = made->buffer.len;
			return 0;
		}
	}
	return fail(KM_ELIMIT, "more than 256 MiB, and not a file", error, error_size);
}

static int map_file(int fd, const struct stat *file, content *made, char *error, size_t error_size)
{
	made->size = (size_t)file->st_size;
	if (file->st_size > (off_t)UINT32_MAX)
		return fail(KM_ELIMIT, "larger than 4 GiB", error, error_size);
	if (made->size == 0)
		return 0;
	void *mapping = mmap(NULL, made->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapping == MAP_FAILED)
		return fail(KM_EIO, strerror(errno), error, error_size);
	madvise(mapping, made->size, MADV_SEQUENTIAL);
	made->bytes = made->mapping = mapping;
	return 0;
}

static int open_content(int fd, content *made, char *error, size_t error_size)
{
	struct stat file;

	if (fstat(fd, &file))
		return fail(KM_EIO, strerror(errno), error, error_size);
	made->modified = (double)file.st_mtim.tv_sec + 1e-9 * (double)file.st_mtim.tv_nsec;
	if (S_ISREG(file.st_mode))
		return map_file(fd, &file, made, error, error_size);
	return read_pipe(fd, made, error, error_size);
}

static void close_content(content *made)
{
	if (made->mapping)
		munmap(made->mapping, made->size);
	km_buffer_finish(&made->buffer);
}

/* Appends the line that pstats prints for a file. */
static int name_file(km_prof *prof, const char *path, double modified, char *error,
		     size_t error_size)
{
	time_t when = (time_t)modified - ((double)(time_t)modified > modified);
	char text[64];

	if (!ctime_r(&when, text))
		snprintf(text, sizeof text, "(no time)");
	text[strcspn(text, "\n")] = '\0';
	km_buffer_printf(&prof->stats->files, "%s    %s\n", text, path);
	return prof->stats->files.failed ? fail(KM_ENOMEM, "out of memory", error, error_size) : 0;
}

static int parse(km_prof *prof, km_prof_source *source)
{
	int result = km_rows_read(&prof->stats, source);

	if (!result)
		result = km_call_tree_read(&prof->recording, source);
	prof->texts = source->functions.arena;
	source->functions.arena = (km_arena){0};
	return result;
}

int km_prof_parse(km_prof **prof, const void *bytes, size_t size, char *error, size_t error_size)
{
	km_prof_source source = {0};

	*prof = NULL;
	if (size == 0)
		return fail(KM_EINVAL, "byte 0: the file is empty", error, error_size);
	if (size > UINT32_MAX)
		return fail(KM_ELIMIT, "larger than 4 GiB", error, error_size);
	if (!starts_as_profile(bytes)) {
		snprintf(error, error_size, "byte 0: not a profile: it starts with 0x%02x",
			 *(const unsigned char *)bytes);
		return KM_EINVAL;
	}
	km_prof *made = calloc(1, sizeof *made);
	if (!made)
		return fail(KM_ENOMEM, "out of memory", error, error_size);
	km_marshal_reader_init(&source.marshal, bytes, (uint32_t)size);
	km_function_set_init(&source.functions);
	int result = parse(made, &source);
	if (result)
		snprintf(error, error_size, "%s", source.marshal.error);
	km_marshal_reader_finish(&source.marshal);
	km_function_set_finish(&source.functions);
	km_buffer_finish(&source.text);
	if (result)
		km_prof_free(made);
	else
		*prof = made;
	return result;
}

int km_prof_read(km_prof **prof, const char *path, char *error, size_t error_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	content file = {0};

	*prof = NULL;
	if (fd < 0)
		return fail(KM_EIO, strerror(errno), error, error_size);
	int result = open_content(fd, &file, error, error_size);
	close(fd);
	if (!result)
		result = km_prof_parse(prof, file.bytes, file.size, error, error_size);
	if (!result)
		result = name_file(*prof, path, file.modified, error, error_size);
	if (result) {
		km_prof_free(*prof);
		*prof = NULL;
	}
	close_content(&file);
	return result;
}

void km_prof_free(km_prof *prof)
{
	if (!prof)
		return;
	km_stats_free(prof->stats);
	km_call_tree_object_finish(&prof->recording);
	km_arena_finish(&prof->texts);
	free(prof);
}
