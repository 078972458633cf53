/* PROFILE_FILENAME: Python's str.format with four fields. */
#ifndef KM_MIDDLEWARE_FILENAME_FORMAT_H
#define KM_MIDDLEWARE_FILENAME_FORMAT_H

#include <komori/profiler_middleware.h>

#include "framework/base/buffer.h"

/* Appends the name, which km_file_name_clean makes fit for a file system. KM_EINVAL with a line in
 * `error` for a malformed format, whatever the facts are; KM_ENOMEM. */
int km_filename_format(km_buffer *name, const char *format, const km_profile_facts *facts,
		       char *error, size_t error_size);

#endif
