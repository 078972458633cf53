#include "framework/main/profile_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "komori-profiles-"
#define RANDOM "XXXXXX" /* of mkdtemp */

enum { TRIES = 10 };

static int open_folder(int parent, const char *name)
{
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Whether no other user can have put it there. */
static bool is_private(int folder)
{
	struct stat status;

	return fstat(folder, &status) == 0 && status.st_uid == geteuid() &&
	       (status.st_mode & 07777) == 0700;
}

/* Takes over `folder`. */
static void remove_files(int folder)
{
	DIR *files = fdopendir(folder);
	struct dirent *entry;

	while (files && (entry = readdir(files)))
		unlinkat(folder, entry->d_name, 0);
	if (files)
		closedir(files);
	else
		close(folder);
}

/* --- folders of programs that were killed --- */

static bool has_name(const char *name)
{
	return strncmp(name, PREFIX, strlen(PREFIX)) == 0 && strlen(name) == strlen(PREFIX RANDOM);
}

/* A lock says that a process of its program lives. */
static void remove_if_unused(int parent, const char *name)
{
	int folder = open_folder(parent, name);

	if (folder < 0)
		return;
	if (!is_private(folder) || flock(folder, LOCK_EX | LOCK_NB)) {
		close(folder);
		return;
	}
	/* The second descriptor has the lock until the folder is gone. */
	int lock = fcntl(folder, F_DUPFD_CLOEXEC, 0);
	remove_files(folder);
	unlinkat(parent, name, AT_REMOVEDIR);
	if (lock >= 0)
		close(lock);
}

static void remove_unused(const char *parent)
{
	DIR *folders = opendir(parent);
	struct dirent *entry;

	while (folders && (entry = readdir(folders)))
		if (has_name(entry->d_name))
			remove_if_unused(dirfd(folders), entry->d_name);
	if (folders)
		closedir(folders);
}

/* --- the folder of this program --- */

/* A folder system without locks costs no more than folders that stay. */
static int lock(km_profile_folder *folder)
{
	folder->lock = open_folder(AT_FDCWD, folder->path);
	if (folder->lock < 0)
		return KM_EIO;
	if (!is_private(folder->lock)) {
		close(folder->lock);
		errno = EPERM;
		return KM_EIO;
	}
	flock(folder->lock, LOCK_SH);
	return 0;
}

/* False when another program removed the folder before it was locked. */
static bool is_there(const km_profile_folder *folder)
{
	struct stat locked, named;

	return fstat(folder->lock, &locked) == 0 && lstat(folder->path, &named) == 0 &&
	       locked.st_ino == named.st_ino && locked.st_dev == named.st_dev;
}

static int make(km_profile_folder *folder, const char *parent)
{
	if (asprintf(&folder->path, "%s/" PREFIX RANDOM, parent) < 0) {
		folder->path = NULL;
		return KM_ENOMEM;
	}
	if (mkdtemp(folder->path) && lock(folder) == 0) {
		if (is_there(folder))
			return 0;
		close(folder->lock);
	}
	free(folder->path);
	folder->path = NULL;
	return KM_EIO;
}

int km_profile_folder_make(km_profile_folder *folder)
{
	const char *parent = getenv("TMPDIR");
	char *real = realpath(parent && *parent ? parent : "/tmp", NULL);
	int failed = KM_EIO;

	*folder = (km_profile_folder){.owner = getpid()};
	if (!real)
		real = strdup("/tmp");
	if (!real)
		return KM_ENOMEM;
	remove_unused(real);
	for (int tries = 0; tries < TRIES && failed == KM_EIO; tries++)
		failed = make(folder, real);
	free(real);
	return failed;
}

int km_profile_folder_inherit(km_profile_folder *folder, const char *path)
{
	*folder = (km_profile_folder){.path = strdup(path), .owner = getppid()};
	if (!folder->path)
		return KM_ENOMEM;
	int failed = lock(folder);
	if (failed) {
		free(folder->path);
		folder->path = NULL;
	}
	return failed;
}

static bool is_last(const km_profile_folder *folder)
{
	return folder->owner && getppid() != folder->owner &&
	       flock(folder->lock, LOCK_EX | LOCK_NB) == 0;
}

void km_profile_folder_finish(km_profile_folder *folder)
{
	if (!folder->path)
		return;
	if (folder->owner == getpid() || is_last(folder)) {
		remove_files(folder->lock);
		rmdir(folder->path);
	} else {
		close(folder->lock);
	}
	free(folder->path);
	*folder = (km_profile_folder){0};
}
