/* A file that appears under its name only when it is complete. */
#ifndef KM_BASE_ATOMIC_FILE_H
#define KM_BASE_ATOMIC_FILE_H

#include <komori/base.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct km_atomic_file {
	int fd;		 /* to be written to */
	char *temporary; /* its name; NULL while it has none */
} km_atomic_file;

/* Makes a file in the directory of `path`, with `mode` less the umask: without a name, so that
 * nothing is left of it should the process be killed, or where that cannot be done with a temporary
 * one. KM_EIO with errno, KM_ENOMEM; then there is nothing to end. */
int km_atomic_file_open(km_atomic_file *file, const char *path, mode_t mode);
/* Ends it: closes the file and gives it the name `path`. `replace` false: an existing `path` is
 * KM_EIO with EEXIST. On failure nothing is left behind. */
int km_atomic_file_commit(km_atomic_file *file, const char *path, bool replace);
/* Ends it without leaving anything behind; keeps errno. */
void km_atomic_file_abandon(km_atomic_file *file);

#endif
