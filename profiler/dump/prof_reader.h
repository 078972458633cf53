/* Reads .prof files: those of Komori, of Python's cProfile and of its `profile`. */
#ifndef KM_DUMP_PROF_READER_H
#define KM_DUMP_PROF_READER_H

#include "profiler/dump/call_tree_reader.h"
#include "profiler/stats/stats.h"

typedef struct km_prof {
	km_stats
		*stats; /* rows as the file has them, unsorted; may be sorted, stripped, added to */
	/* The exact call tree and the facts, where there are; no tree in files of Python's. */
	km_call_tree_object recording;
	km_arena texts; /* what both point to */
} km_prof;

/* Reads the file at `path` as pstats does, whoever wrote it: marshal of every version, texts of
 * Python 2 too. The callers of each row are there with calls, primitive calls, tottime and cumtime.
 * A pipe is read to its end. Takes memory in proportion to the file's size, whatever it holds, and
 * time too.
 *
 * Errors: KM_EIO with errno when the file cannot be read, KM_EINVAL when it is no profile,
 * KM_ELIMIT when it is larger than 4 GiB (a pipe: 256 MiB), KM_ENOMEM. `error` then is one line
 * without the path: "No such file or directory", "byte 12: a text where a number of calls should
 * be". Thread-safe. The process must not lose SIGBUS to a file that is made shorter while it is
 * read. */
int km_prof_read(km_prof **prof, const char *path, char *error, size_t error_size);
/* The same from memory, which is borrowed for the call. `files` gets no line. */
int km_prof_parse(km_prof **prof, const void *bytes, size_t size, char *error, size_t error_size);
/* Accepts NULL. */
void km_prof_free(km_prof *prof);

#endif
