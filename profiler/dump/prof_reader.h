/* Reads .prof files of Komori and of Python's cProfile and profile. */
#ifndef KM_DUMP_PROF_READER_H
#define KM_DUMP_PROF_READER_H

#include "profiler/dump/call_tree_reader.h"
#include "profiler/stats/stats.h"

typedef struct km_prof {
	km_stats *stats;	       /* unsorted; may be sorted, stripped and added to */
	km_call_tree_object recording; /* call tree and facts, which Python's files do not have */
	km_arena texts;		       /* of both */
} km_prof;

/* Reads the file at `path` as pstats does, or a pipe to its end: marshal of Python 3.8 and later.
 * Time and memory are in proportion to the size of the file, whatever it holds.
 *
 * KM_EIO with errno when the file cannot be read, KM_EINVAL when it is not a profile, KM_ELIMIT
 * when it is larger than 4 GiB (a pipe: 256 MiB), KM_ENOMEM. `error` is then one line without the
 * path: "No such file or directory", "byte 12: a text where a number of calls should be".
 * Thread-safe. A file that is cut while it is read raises SIGBUS. */
int km_prof_read(km_prof **prof, const char *path, char *error, size_t error_size);
/* Parses the bytes of a file, which it borrows for the call. `files` gets no line. */
int km_prof_parse(km_prof **prof, const void *bytes, size_t size, char *error, size_t error_size);
/* Accepts NULL. */
void km_prof_free(km_prof *prof);

#endif
