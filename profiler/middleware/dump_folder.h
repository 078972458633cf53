/* The folder of dumps. Each dump gets a name of its own. */
#ifndef KM_MIDDLEWARE_DUMP_FOLDER_H
#define KM_MIDDLEWARE_DUMP_FOLDER_H

#include <komori/profiler.h>
#include <stdatomic.h>

#include "profiler/middleware/file_name.h"

enum { KM_DUMP_NAMES = 512 };

typedef struct km_dump_folder {
	char *path; /* absolute; NULL: there is no folder */
	int fd;	    /* the folder */
	/* Names that were used lately, by any process forked from this one: the upper half of a
	 * number is the hash of a name, the lower half counts its dumps. Mapped. */
	_Atomic(uint64_t) *names;
} km_dump_folder;

/* Makes and opens the folder, and its parents when missing (0700). KM_EIO or KM_ENOMEM with a line
 * in `error`; then there is nothing to finish. */
int km_dump_folder_init(km_dump_folder *folder, const char *path, char *error, size_t error_size);
/* Accepts a zeroed folder. */
void km_dump_folder_finish(km_dump_folder *folder);
/* Writes the profile as `name`, or with a number in it ("-2") when that is taken. It replaces no
 * file, and the name appears with the complete file. Makes the folder again when it was removed.
 * KM_E* with a line in `error`. Thread-safe. */
int km_dump_folder_write(km_dump_folder *folder, const km_file_name name, km_profile *profile,
			 const km_profile_facts *facts, char *error, size_t error_size);

#endif
