/* The .prof file: cProfile's dict for pstats and snakeviz, and behind it the exact call tree with
 * the facts of the recording (docs/prof-format.md). */
#ifndef KM_DUMP_PROF_WRITER_H
#define KM_DUMP_PROF_WRITER_H

#include "profiler/stats/stats.h"

#include <komori/profiler.h>
#include <sys/types.h>

typedef struct km_prof_content {
	const km_stats *stats; /* made from `tree` */
	const km_tree *tree;
	const km_profile_facts *facts; /* NULL: none are known */
	pid_t pid;		       /* the process that was recorded */
	const uint32_t
		*open_node; /* the deepest node that was open when the process died, or NULL */
} km_prof_content;

/* Writes to a temporary name in the directory of `path` (mode 0600, through a buffer of fixed size)
 * and gives it its name when complete. `replace` false: an existing `path` is KM_EIO with EEXIST.
 * KM_EIO with errno; then nothing is left behind. Thread-safe. */
int km_prof_write(const char *path, const km_prof_content *prof, bool replace);
/* Writes to an open file. KM_EIO with errno, KM_ENOMEM. */
int km_prof_write_fd(int fd, const km_prof_content *prof);

#endif
