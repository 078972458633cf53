/* What komori/profiler.h prints and dumps, into a buffer or an open file: for the middleware, in
 * another library. */
#ifndef KM_PROFILE_OUTPUT_H
#define KM_PROFILE_OUTPUT_H

#include <komori/profiler.h>

#include "framework/base/buffer.h"

/* km_profile_print_stats that appends to `out`. */
KM_API int km_profile_append_stats(km_profile *profile, km_buffer *out, const char *sort_by,
				   const char *restrictions);
/* km_profile_print_stack that appends to `out`. */
KM_API int km_profile_append_stack(km_profile *profile, km_buffer *out);
/* km_profile_dump_stats_facts into an open file. */
KM_API int km_profile_write(km_profile *profile, int fd, const km_profile_facts *facts);

#endif
