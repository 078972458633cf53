#include "profiler/middleware/dump_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "framework/base/atomic_file.h"
#include "framework/base/fnv.h"
#include "profiler/profile/output.h"

enum { TRIES = 16 }; /* names for one dump */

/* --- the folder --- */

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

/* Opening the folder finds a file that has its name. */
static int make_folder(const char *path)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	if (errno != ENOENT || !*path)
		return KM_EIO;
	char *copy = strdup(path);
	int failed = copy ? make_parents(copy) : KM_ENOMEM;
	free(copy);
	if (failed)
		return failed;
	return mkdir(path, 0700) && errno != EEXIST ? KM_EIO : 0;
}

/* Returns the folder's descriptor, or KM_E*. */
static int open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? KM_EIO : fd;
}

/* Another thread may write through the descriptor, so its number stays. */
static int make_again(km_dump_folder *folder)
{
	int failed = make_folder(folder->path);
	int fd = failed ? failed : open_folder(folder->path);

	if (fd < 0)
		return fd;
	failed = dup3(fd, folder->fd, O_CLOEXEC) < 0 ? KM_EIO : 0;
	close(fd);
	return failed;
}

int km_dump_folder_init(km_dump_folder *folder, const char *path, char *error, size_t error_size)
{
	const size_t size = KM_DUMP_NAMES * sizeof *folder->names;

	*folder = (km_dump_folder){.fd = -1};
	void *names = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	folder->names = names == MAP_FAILED ? NULL : names;
	if (folder->names && make_folder(path) == 0 && (folder->path = realpath(path, NULL)) &&
	    (folder->fd = open_folder(folder->path)) >= 0 && access(path, W_OK | X_OK) == 0)
		return 0;
	snprintf(error, error_size, "PROFILE_DIR \"%s\": cannot %s this folder: %s", path,
		 folder->fd >= 0 ? "write to" : "make", strerror(errno));
	km_dump_folder_finish(folder);
	return KM_EIO;
}

void km_dump_folder_finish(km_dump_folder *folder)
{
	if (folder->names && folder->fd >= 0)
		close(folder->fd);
	if (folder->names)
		munmap(folder->names, KM_DUMP_NAMES * sizeof *folder->names);
	free(folder->path);
	*folder = (km_dump_folder){0};
}

/* --- names --- */

/* Counts a dump of this name, and returns its number: 1 for the first. */
static uint32_t next_number(km_dump_folder *folder, const km_file_name name)
{
	uint64_t hash = km_fnv(KM_FNV_BEGIN, name, strlen(name)) >> 32;
	_Atomic(uint64_t) *entry = &folder->names[hash % KM_DUMP_NAMES];
	uint64_t old = *entry, new;

	do {
		uint32_t count = old >> 32 == hash ? (uint32_t)old : 0;
		new = hash << 32 | (count + 1);
	} while (!atomic_compare_exchange_weak(entry, &old, new));
	return (uint32_t) new;
}

/* For a name that was taken before this program counted it. */
static uint32_t random_number(void)
{
	uint32_t number = 0;

	if (getrandom(&number, sizeof number, 0) != sizeof number)
		number = (uint32_t)getpid();
	return 2 + number % 999999998;
}

/* Ends the file: under a free name, or by abandoning it. */
static int commit(km_dump_folder *folder, km_atomic_file *file, const km_file_name name)
{
	uint32_t number = next_number(folder, name);
	int failed = KM_EIO;

	for (int tries = 0; tries < TRIES && failed && file->fd >= 0; tries++) {
		km_file_name numbered;
		if (number == 1)
			snprintf(numbered, sizeof numbered, "%s", name);
		else
			km_file_name_numbered(numbered, name, number);
		failed = km_atomic_file_commit(file, numbered, false);
		number = random_number();
	}
	if (failed && file->fd >= 0)
		km_atomic_file_abandon(file);
	return failed;
}

/* --- */

static int open_file(km_dump_folder *folder, km_atomic_file *file, const char *name)
{
	int failed = km_atomic_file_open_at(file, folder->fd, name, 0600);

	if (!failed || errno != ENOENT)
		return failed;
	failed = make_again(folder);
	return failed ? failed : km_atomic_file_open_at(file, folder->fd, name, 0600);
}

int km_dump_folder_write(km_dump_folder *folder, const km_file_name name, km_profile *profile,
			 const km_profile_facts *facts, char *error, size_t error_size)
{
	km_atomic_file file;
	int failed = open_file(folder, &file, name);

	if (failed) {
		snprintf(error, error_size, "cannot make a file in %s: %s", folder->path,
			 strerror(errno));
	} else if ((failed = km_profile_write(profile, file.fd, facts))) {
		snprintf(error, error_size, "%s", km_profile_error());
		km_atomic_file_abandon(&file);
	} else if ((failed = commit(folder, &file, name))) {
		snprintf(error, error_size, "cannot name %s/%s: %s", folder->path, name,
			 strerror(errno));
	}
	return failed;
}
