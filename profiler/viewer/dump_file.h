/* One file of the folder. Its id is its name, which clients send. */
#ifndef KM_VIEWER_DUMP_FILE_H
#define KM_VIEWER_DUMP_FILE_H

#include "framework/base/buffer.h"
#include "profiler/dump/prof_reader.h"

#include <sys/stat.h>

/* Identifies a version of a file. */
typedef struct km_dump_stamp {
	uint64_t inode;
	int64_t size, modified_ns; /* the latter since the epoch */
} km_dump_stamp;

void km_dump_stamp_set(km_dump_stamp *stamp, const struct stat *file);
bool km_dump_stamp_equal(const km_dump_stamp *a, const km_dump_stamp *b);
/* Returns when the recording began, in seconds since the epoch; without that fact, when the file
 * was last modified. */
double km_dump_started(const km_profile_facts *facts, const km_dump_stamp *stamp);

/* Whether `name` may be shown: a plain file name in UTF-8, not hidden, that ends in .prof. When
 * `only` is not NULL, that is the one name that may be shown. */
bool km_dump_name_is_fit(km_str name, const char *only);

/* Reads a regular file of the folder; it follows no links. KM_ENOENT, KM_EIO, KM_EINVAL, KM_ELIMIT
 * or KM_ENOMEM, with a line in `error`. `stamp` may be NULL. A file that changes while it is read
 * is KM_EINVAL at worst. */
int km_dump_file_read(km_prof **prof, int folder, const char *name, km_dump_stamp *stamp,
		      char *error, size_t error_size);
/* Appends the bytes of such a file, after it was parsed as a profile. Errors as above. */
int km_dump_file_bytes(km_buffer *out, int folder, const char *name, char *error,
		       size_t error_size);

#endif
