/* The folder where dumps go, each under a name of its own. */
#ifndef KM_MIDDLEWARE_DUMP_FOLDER_H
#define KM_MIDDLEWARE_DUMP_FOLDER_H

#include <komori/profiler.h>
#include <stdatomic.h>

#include "profiler/middleware/file_name.h"

typedef struct km_dump_folder {
	char *path;		    /* absolute */
	atomic_uint next_temporary; /* numbers of files under way */
	atomic_uint next_number;    /* of names that were taken very often */
} km_dump_folder;

/* Makes the folder and its parents when missing (0700). KM_EIO or KM_ENOMEM with a line in `error`.
 */
int km_dump_folder_init(km_dump_folder *folder, const char *path, char *error, size_t error_size);
void km_dump_folder_finish(km_dump_folder *folder);
/* Writes the profile as `name`, or with "-2", "-3" ... in it when that is taken: nothing is ever
 * overwritten, and a name appears with its complete file. KM_E* with a line in `error`. */
int km_dump_folder_write(km_dump_folder *folder, const km_file_name name, km_profile *profile,
			 const km_profile_facts *facts, char *error, size_t error_size);

#endif
