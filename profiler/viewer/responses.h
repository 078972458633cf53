/* The content of the responses under api/, as docs/viewer.md describes it. The thread's locale has
 * a point as decimal point. Callers check the buffer for failure. */
#ifndef KM_VIEWER_RESPONSES_H
#define KM_VIEWER_RESPONSES_H

#include <komori/viewer.h>

#include "framework/base/json_writer.h"
#include "profiler/stats/function_set.h"
#include "profiler/viewer/listing.h"

/* --- parts of several responses --- */

void km_viewer_put_bool(km_json_writer *json, const char *key, bool value);
/* Writes the members of an object of facts, without its braces. */
void km_viewer_put_facts(km_json_writer *json, const char *id, const km_profile_facts *facts);
/* Writes the members "functions" and "labels". KM_ENOMEM. */
int km_viewer_put_functions(km_json_writer *json, km_function *functions, uint32_t count);

/* The functions of the rows, then those that only the tree has. Zero-initialised is empty. */
typedef struct km_viewer_functions {
	km_function_set set;
	uint32_t *of_tree; /* by function of the tree: its index in the set */
} km_viewer_functions;

/* KM_ENOMEM. */
int km_viewer_functions_init(km_viewer_functions *made, const km_prof *prof);
/* Also after a failed init. */
void km_viewer_functions_finish(km_viewer_functions *made);

/* --- responses --- */

/* Writes the array of profiles. `tag` is the same in every process for the same array. */
void km_viewer_put_requests(km_buffer *out, const km_listing *listing, uint64_t *tag);
/* Writes the array of requests that run. Extends `tag`, but not with their age. */
void km_viewer_put_running(km_json_writer *json, const km_viewer_options *options, uint64_t *tag);

/* The following return 0 or KM_ENOMEM. */
int km_viewer_put_profile(km_buffer *out, const char *id, const km_prof *prof);
int km_viewer_put_compare(km_buffer *out, const char *const ids[2], const km_prof *const profs[2]);
/* Writes the source of a function; `function` is its number as text. A file that was modified after
 * `since`, in seconds since the epoch, is marked as changed. KM_ENOENT with a line in `error` when
 * there is no source. */
int km_viewer_put_source(km_buffer *out, const km_prof *prof, km_str function, double since,
			 char *error, size_t error_size);

#endif
