#include "framework/base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { TRIES = 100 };

/* How a file without a name is named to linkat. */
typedef char link_source[32];

static void set_link_source(link_source source, int fd)
{
	snprintf(source, sizeof(link_source), "/proc/self/fd/%d", fd);
}

static int folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (int)(slash - path) + 1 : 0;
}

/* Not on every file system, and not without /proc. */
static int open_unnamed(km_atomic_file *file, const char *path, mode_t mode)
{
	link_source source;
	int length = folder_length(path);
	char *folder = strndup(length ? path : ".", length ? (size_t)length : 1);

	if (!folder)
		return KM_ENOMEM;
	file->temporary = NULL;
	file->fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
	free(folder);
	if (file->fd < 0)
		return KM_EIO;
	set_link_source(source, file->fd);
	if (access(source, F_OK) == 0)
		return 0;
	close(file->fd);
	return KM_EIO;
}

/* The name is short and independent of the file's: that one may have the longest length allowed. */
static int choose_temporary(km_atomic_file *file, const char *path)
{
	uint32_t number;

	if (getrandom(&number, sizeof number, 0) < 0)
		return KM_EIO;
	if (asprintf(&file->temporary, "%.*s.komori-%06x", folder_length(path), path,
		     number & 0xffffff) >= 0)
		return 0;
	file->temporary = NULL;
	return KM_ENOMEM;
}

static int open_named(km_atomic_file *file, const char *path, mode_t mode)
{
	int result = choose_temporary(file, path);

	if (result)
		return result;
	file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (file->fd >= 0)
		return 0;
	free(file->temporary);
	return KM_EIO;
}

int km_atomic_file_open(km_atomic_file *file, const char *path, mode_t mode)
{
	int result = open_unnamed(file, path, mode);

	if (!result)
		return 0;
	result = KM_EIO;
	errno = EEXIST;
	for (int i = 0; i < TRIES && result == KM_EIO && errno == EEXIST; i++)
		result = open_named(file, path, mode);
	return result;
}

/* A temporary name for a file that has none. */
static int name_it(km_atomic_file *file, const char *path)
{
	link_source source;
	int result = KM_EIO;

	set_link_source(source, file->fd);
	errno = EEXIST;
	for (int i = 0; i < TRIES && result == KM_EIO && errno == EEXIST; i++) {
		result = choose_temporary(file, path);
		if (result ||
		    linkat(AT_FDCWD, source, AT_FDCWD, file->temporary, AT_SYMLINK_FOLLOW) == 0)
			break;
		result = KM_EIO;
		free(file->temporary);
		file->temporary = NULL;
	}
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

int km_atomic_file_commit(km_atomic_file *file, const char *path, bool replace)
{
	int result = file->temporary ? 0 : name_it(file, path), fd = file->fd;

	if (result) {
		km_atomic_file_abandon(file);
		return result;
	}
	file->fd = -1;
	if (close(fd) || publish(file->temporary, path, replace)) {
		km_atomic_file_abandon(file);
		return KM_EIO;
	}
	free(file->temporary);
	return 0;
}

void km_atomic_file_abandon(km_atomic_file *file)
{
	int error = errno;

	if (file->fd >= 0)
		close(file->fd);
	if (file->temporary)
		unlink(file->temporary);
	free(file->temporary);
	errno = error;
}
