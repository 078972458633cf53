/* One file of the folder, by its id: its name, which a peer has chosen. */
#ifndef KM_VIEWER_DUMP_FILE_H
#define KM_VIEWER_DUMP_FILE_H

#include "framework/base/buffer.h"
#include "profiler/dump/prof_reader.h"

#include <sys/stat.h>

/* What tells a file from another one of the same name. */
typedef struct km_dump_stamp {
	uint64_t inode;
	int64_t size, modified_ns; /* the latter since the epoch */
} km_dump_stamp;

void km_dump_stamp_set(km_dump_stamp *stamp, const struct stat *file);
bool km_dump_stamp_equal(const km_dump_stamp *a, const km_dump_stamp *b);
/* When the recording began, or, of a file that does not say, when that was last modified: seconds
 * since the epoch. */
double km_dump_started(const km_profile_facts *facts, const km_dump_stamp *stamp);

/* Whether `name` may be shown at all: a name in a folder, UTF-8, not hidden, and one that ends in
 * .prof, or `only` when that is not NULL. */
bool km_dump_name_is_fit(km_str name, const char *only);

/* Reads a regular file of the folder, no link and no pipe. KM_ENOENT when there is none, KM_EIO,
 * KM_EINVAL, KM_ELIMIT or KM_ENOMEM, all with a line in `error`. `stamp` may be NULL. A file that
 * changes meanwhile is at worst no profile. */
int km_dump_file_read(km_prof **prof, int folder, const char *name, km_dump_stamp *stamp,
		      char *error, size_t error_size);
/* The bytes of such a file, which is a profile. As above. */
int km_dump_file_bytes(km_buffer *out, int folder, const char *name, char *error,
		       size_t error_size);

#endif
