/* Writes a file that appears under its name only when it is complete. */
#ifndef KM_BASE_ATOMIC_FILE_H
#define KM_BASE_ATOMIC_FILE_H

#include <komori/base.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct km_atomic_file {
	int fd;		 /* open for writing */
	char *temporary; /* its current name; NULL while it has none */
} km_atomic_file;

/* Creates a file in the directory of `path`, with `mode` less the umask. The file has no name, so
 * that a killed process leaves none; where that is not supported, it has a temporary one. Returns
 * 0, KM_EIO with errno, or KM_ENOMEM; then the caller does not end it. */
int km_atomic_file_open(km_atomic_file *file, const char *path, mode_t mode);
/* Closes the file, and gives it the name `path`. Without `replace`, an existing `path` is KM_EIO
 * with EEXIST. On failure, removes the file. */
int km_atomic_file_commit(km_atomic_file *file, const char *path, bool replace);
/* Closes and removes the file. Keeps errno. */
void km_atomic_file_abandon(km_atomic_file *file);

#endif
