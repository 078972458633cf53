/* Watches the program's files for a new build. */
#ifndef KM_MASTER_FILE_WATCH_H
#define KM_MASTER_FILE_WATCH_H

#include <stdbool.h>
#include <sys/stat.h>

#include <komori/base.h>

typedef struct km_watched_file {
	char *path;
	struct stat loaded, seen; /* at the start; at the last look */
} km_watched_file;

typedef struct km_file_watch {
	km_watched_file *files;
	size_t count;
} km_file_watch;

/* Watches the program at `path` and the shared objects that it has loaded, except those of the
 * system. KM_ENOMEM. */
int km_file_watch_init(km_file_watch *watch, const char *path);
void km_file_watch_finish(km_file_watch *watch);
/* Returns true when a file differs from the start, and all exist and are as at the last call, so
 * that none is being written; later calls compare with the files as they are now. Called at
 * intervals. */
bool km_file_watch_changed(km_file_watch *watch);

#endif
