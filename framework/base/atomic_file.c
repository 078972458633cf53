#include "framework/base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
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

/* A file without a name is given one through /proc. */
static bool has_proc(int fd)
{
	static atomic_bool known;
	link_source source;

	set_link_source(source, fd);
	if (!known && access(source, F_OK) == 0)
		known = true;
	return known;
}

/* Fails on file systems that cannot do this. */
static int open_unnamed(km_atomic_file *file, const char *path, mode_t mode)
{
	int length = folder_length(path);
	char *folder = length ? strndup(path, (size_t)length) : NULL;

	if (length && !folder)
		return KM_ENOMEM;
	file->fd =
		openat(file->folder, folder ? folder : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
	free(folder);
	if (file->fd < 0)
		return KM_EIO;
	if (has_proc(file->fd))
		return 0;
	close(file->fd);
	file->fd = -1;
	return KM_EIO;
}

/* Gives `name` to a file that has none; an existing name is EEXIST. */
static int name_it(const km_atomic_file *file, const char *name)
{
	link_source source;

	set_link_source(source, file->fd);
	return linkat(AT_FDCWD, source, file->folder, name, AT_SYMLINK_FOLLOW) ? KM_EIO : 0;
}

static int open_named(km_atomic_file *file, mode_t mode)
{
	file->fd = openat(file->folder, file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			  mode);
	return file->fd < 0 ? KM_EIO : 0;
}

/* Gives the file a temporary name, or opens one that has. The name is short and independent of the
 * file's: that one may have the longest length allowed. */
static int take_temporary(km_atomic_file *file, const char *path, mode_t mode)
{
	uint32_t number;
	int result = KM_EIO;

	errno = EEXIST;
	for (int i = 0; i < TRIES && result && errno == EEXIST; i++) {
		if (getrandom(&number, sizeof number, 0) < 0)
			return KM_EIO;
		if (asprintf(&file->temporary, "%.*s.komori-%06x", folder_length(path), path,
			     number & 0xffffff) < 0) {
			file->temporary = NULL;
			return KM_ENOMEM;
		}
		result = file->fd < 0 ? open_named(file, mode) : name_it(file, file->temporary);
		if (result) {
			free(file->temporary);
			file->temporary = NULL;
		}
	}
	return result;
}

int km_atomic_file_open_at(km_atomic_file *file, int folder, const char *path, mode_t mode)
{
	*file = (km_atomic_file){.fd = -1, .folder = folder};
	return open_unnamed(file, path, mode) == 0 ? 0 : take_temporary(file, path, mode);
}

int km_atomic_file_open(km_atomic_file *file, const char *path, mode_t mode)
{
	return km_atomic_file_open_at(file, AT_FDCWD, path, mode);
}

/* Errors of earlier writes may come as late as now. */
static int close_file(km_atomic_file *file)
{
	int fd = file->fd;

	file->fd = -1;
	return fd >= 0 && close(fd) ? KM_EIO : 0;
}

static int replace_file(km_atomic_file *file, const char *path)
{
	int result = file->temporary ? 0 : take_temporary(file, path, 0);

	if (!result)
		result = close_file(file);
	if (!result && renameat(file->folder, file->temporary, file->folder, path))
		result = KM_EIO;
	return result;
}

/* linkat refuses an existing name atomically. */
static int name_new(km_atomic_file *file, const char *path)
{
	const char *temporary = file->temporary;

	if (temporary ? linkat(file->folder, temporary, file->folder, path, 0)
		      : name_it(file, path))
		return KM_EIO;
	if (close_file(file)) {
		int error = errno;
		unlinkat(file->folder, path, 0);
		errno = error;
		return KM_EIO;
	}
	if (temporary)
		unlinkat(file->folder, temporary, 0);
	return 0;
}

int km_atomic_file_commit(km_atomic_file *file, const char *path, bool replace)
{
	int result = replace ? replace_file(file, path) : name_new(file, path);

	if (!result)
		free(file->temporary);
	else if (replace || errno != EEXIST)
		km_atomic_file_abandon(file);
	return result;
}

void km_atomic_file_abandon(km_atomic_file *file)
{
	int error = errno;

	close_file(file);
	if (file->temporary)
		unlinkat(file->folder, file->temporary, 0);
	free(file->temporary);
	errno = error;
}
