/* Notices that the program's files were built anew. */
#ifndef KM_MASTER_FILE_WATCH_H
#define KM_MASTER_FILE_WATCH_H

#include <stdbool.h>
#include <sys/stat.h>

#include <komori/base.h>

typedef struct km_watched_file {
	char *path;
	struct stat loaded, seen; /* as it was at the start; when it was looked at last */
} km_watched_file;

typedef struct km_file_watch {
	km_watched_file *files;
	size_t count;
} km_file_watch;

/* The program at `path`, and the shared objects it has loaded but for those of the system.
 * KM_ENOMEM.
 */
int km_file_watch_init(km_file_watch *watch, const char *path);
void km_file_watch_finish(km_file_watch *watch);
/* To be called every now and then: true when a file is another than at the start, and all are there
 * and as they were at the last call, so that none is being written. */
bool km_file_watch_changed(km_file_watch *watch);
/* Takes the files as they are for the ones loaded. */
void km_file_watch_accept(km_file_watch *watch);

#endif
