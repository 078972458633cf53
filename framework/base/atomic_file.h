/* A file that appears under its name only when it is complete. */
#ifndef KM_BASE_ATOMIC_FILE_H
#define KM_BASE_ATOMIC_FILE_H

#include <komori/base.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct km_atomic_file {
	int fd;		 /* to write to */
	int folder;	 /* that paths are relative to: a descriptor or AT_FDCWD. Borrowed */
	char *temporary; /* its name; NULL while it has none */
} km_atomic_file;

/* Makes a file in the directory of `path`, with `mode` less the umask. It has no name, so that
 * nothing is left of it when the process is killed, or a temporary one where the system cannot do
 * that. KM_EIO with errno, KM_ENOMEM; then there is nothing to end. */
int km_atomic_file_open(km_atomic_file *file, const char *path, mode_t mode);
/* The same, and `path` is relative to the open directory `folder`. */
int km_atomic_file_open_at(km_atomic_file *file, int folder, const char *path, mode_t mode);
/* Ends the file: closes it and gives it the name `path`, in the same directory. KM_EIO with errno,
 * KM_ENOMEM; then nothing is left behind. With `replace` false an existing `path` is KM_EIO with
 * EEXIST, and the file stays open: the caller tries another name or abandons it. */
int km_atomic_file_commit(km_atomic_file *file, const char *path, bool replace);
/* Ends the file and leaves nothing behind. Keeps errno. */
void km_atomic_file_abandon(km_atomic_file *file);

#endif
