#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

enum { TRIES = 100 };

/* The name is short and independent of the file's: that one may have the longest length allowed. */
static int open_new(km_whole_file *file, int folder_length, const char *path, mode_t mode)
{
	uint32_t number;

	if (getrandom(&number, sizeof number, 0) < 0)
		return KM_EIO;
	if (asprintf(&file->temporary, "%.*s.komori-%06x", folder_length, path, number & 0xffffff) <
	    0)
		return KM_ENOMEM;
	file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (file->fd >= 0)
		return 0;
	free(file->temporary);
	return KM_EIO;
}

int km_whole_file_open(km_whole_file *file, const char *path, mode_t mode)
{
	const char *slash = strrchr(path, '/');
	int folder_length = slash ? (int)(slash - path) + 1 : 0, result = KM_EIO;

	errno = EEXIST;
	for (int i = 0; i < TRIES && result == KM_EIO && errno == EEXIST; i++)
		result = open_new(file, folder_length, path, mode);
	return result;
}

/* link refuses an existing name atomically. */
static int publish(const char *temporary, const char *path, bool replace)
{
	if (replace)
		return rename(temporary, path);
	if (link(temporary, path))
		return -1;
	unlink(temporary);
	return 0;
}

int km_whole_file_commit(km_whole_file *file, const char *path, bool replace)
{
	int fd = file->fd;

	file->fd = -1;
	if (close(fd) || publish(file->temporary, path, replace)) {
		km_whole_file_abandon(file);
		return KM_EIO;
	}
	free(file->temporary);
	return 0;
}

void km_whole_file_abandon(km_whole_file *file)
{
	int error = errno;

	if (file->fd >= 0)
		close(file->fd);
	unlink(file->temporary);
	free(file->temporary);
	errno = error;
}
