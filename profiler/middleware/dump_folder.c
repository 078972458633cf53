#include "profiler/middleware/dump_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINEAR = 100 }; /* numbers tried in turn before taking them from the counter */

/* Cuts `path` at each slash in turn and puts it back. */
static int make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		int failed = mkdir(path, 0700) && errno != EEXIST && errno != EISDIR;
		*slash = '/';
		if (failed)
			return KM_EIO;
	}
	return 0;
}

static int make_folder(const char *path)
{
	struct stat status;

	if (mkdir(path, 0700) == 0)
		return 0;
	if (errno == ENOENT && *path) {
		char *copy = strdup(path);
		int failed = copy ? make_parents(copy) : KM_ENOMEM;
		free(copy);
		if (failed)
			return failed;
		if (mkdir(path, 0700) == 0)
			return 0;
	}
	if (errno != EEXIST || stat(path, &status))
		return KM_EIO;
	if (S_ISDIR(status.st_mode))
		return 0;
	errno = ENOTDIR;
	return KM_EIO;
}

int km_dump_folder_init(km_dump_folder *folder, const char *path, char *error, size_t error_size)
{
	atomic_init(&folder->next_temporary, 1);
	atomic_init(&folder->next_number, LINEAR);
	if (make_folder(path) || !(folder->path = realpath(path, NULL))) {
		snprintf(error, error_size, "PROFILE_DIR \"%s\": cannot make this folder: %s", path,
			 strerror(errno));
		return KM_EIO;
	}
	if (access(folder->path, W_OK | X_OK)) {
		snprintf(error, error_size, "PROFILE_DIR \"%s\": cannot write there: %s",
			 folder->path, strerror(errno));
		km_dump_folder_finish(folder);
		return KM_EIO;
	}
	return 0;
}

void km_dump_folder_finish(km_dump_folder *folder)
{
	free(folder->path);
	folder->path = NULL;
}

/* Gives a complete file its name; fails with EEXIST rather than replace one. */
static int move(const char *temporary, const char *path)
{
	if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return 0;
	/* A file system without that flag. */
	if (errno != EINVAL && errno != ENOSYS)
		return KM_EIO;
	return link(temporary, path) || unlink(temporary) ? KM_EIO : 0;
}

static int move_to_free_name(km_dump_folder *folder, const char *temporary, const km_file_name name)
{
	char *path = NULL;
	int failed = KM_EIO;

	errno = EEXIST;
	for (unsigned number = 1; failed && errno == EEXIST && number < 1000000000; number++) {
		km_file_name numbered;
		if (number > LINEAR)
			number = atomic_fetch_add(&folder->next_number, 1);
		if (number == 1)
			snprintf(numbered, sizeof numbered, "%s", name);
		else
			km_file_name_numbered(numbered, name, number);
		if (asprintf(&path, "%s/%s", folder->path, numbered) < 0)
			return KM_ENOMEM;
		failed = move(temporary, path);
		int saved = errno;
		free(path);
		errno = saved;
	}
	return failed;
}

int km_dump_folder_write(km_dump_folder *folder, const km_file_name name, km_profile *profile,
			 const km_profile_facts *facts, char *error, size_t error_size)
{
	char *temporary;
	unsigned number = atomic_fetch_add(&folder->next_temporary, 1);

	if (asprintf(&temporary, "%s/.%ld-%u.prof.part", folder->path, (long)getpid(), number) <
	    0) {
		snprintf(error, error_size, "out of memory");
		return KM_ENOMEM;
	}
	int failed = make_folder(folder->path); /* somebody may have cleaned up */
	if (failed) {
		snprintf(error, error_size, "cannot make the folder %s: %s", folder->path,
			 strerror(errno));
	} else if ((failed = km_profile_dump_stats_facts(profile, temporary, facts))) {
		snprintf(error, error_size, "%s", km_profile_error());
	} else if ((failed = move_to_free_name(folder, temporary, name))) {
		snprintf(error, error_size, "cannot write %s/%s: %s", folder->path, name,
			 strerror(errno));
		unlink(temporary);
	}
	free(temporary);
	return failed;
}
