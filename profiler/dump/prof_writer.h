/* Writes .prof files: cProfile's dict for pstats and snakeviz, and behind it the exact call tree
 * with the facts of the recording (docs/prof-format.md). */
#ifndef KM_DUMP_PROF_WRITER_H
#define KM_DUMP_PROF_WRITER_H

#include "profiler/dump/call_tree_writer.h"

/* Writes a temporary file in the directory of `path` (mode 0600, through a buffer of fixed size)
 * and renames it once it is complete. When `replace` is false, an existing `path` is KM_EIO with
 * EEXIST. KM_EIO with errno; then no file is left behind. Thread-safe. */
int km_prof_write(const char *path, const km_prof_content *prof, bool replace);
/* Writes to an open file. KM_EIO with errno, KM_ENOMEM. */
int km_prof_write_fd(int fd, const km_prof_content *prof);

#endif
