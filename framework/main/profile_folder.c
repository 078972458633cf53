#include "framework/main/profile_folder.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* "PID;PATH": a reload keeps the process, and what its environment says. */
#define VARIABLE "_KOMORI_PROFILES"

/* Nobody else can have put something in its place. */
static bool is_private(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
	       (status.st_mode & 0777) == 0700;
}

void km_profile_folder_inherit(km_profile_folder *folder)
{
	const char *text = getenv(VARIABLE);
	char *end = NULL;

	*folder = (km_profile_folder){.owner = getpid()};
	if (text && strtol(text, &end, 10) == getpid() && *end == ';' && is_private(end + 1))
		folder->path = strdup(end + 1);
}

/* NULL when memory ran out. */
static char *template(void)
{
	const char *parent = getenv("TMPDIR");
	char *real = realpath(parent && *parent ? parent : "/tmp", NULL), *path = NULL;

	if (asprintf(&path, "%s/komori-profiles-XXXXXX", real ? real : "/tmp") < 0)
		path = NULL;
	free(real);
	return path;
}

static int leave_to_reload(const km_profile_folder *folder)
{
	char *text;

	if (asprintf(&text, "%ld;%s", (long)folder->owner, folder->path) < 0)
		return KM_ENOMEM;
	int failed = setenv(VARIABLE, text, 1) ? KM_ENOMEM : 0;
	free(text);
	return failed;
}

int km_profile_folder_make(km_profile_folder *folder)
{
	km_profile_folder_inherit(folder);
	if (folder->path)
		return 0;
	folder->path = template();
	if (!folder->path)
		return KM_ENOMEM;
	if (!mkdtemp(folder->path)) {
		free(folder->path);
		folder->path = NULL;
		return KM_EIO;
	}
	if (leave_to_reload(folder) == 0)
		return 0;
	km_profile_folder_finish(folder);
	return KM_ENOMEM;
}

static void remove_files(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
}

/* Each child removes what is there: the last one leaves nothing. */
static bool is_orphaned(const km_profile_folder *folder)
{
	return getppid() != folder->owner;
}

void km_profile_folder_finish(km_profile_folder *folder)
{
	if (folder->path && (folder->owner == getpid() || is_orphaned(folder))) {
		remove_files(folder->path);
		rmdir(folder->path);
	}
	free(folder->path);
	*folder = (km_profile_folder){0};
}
