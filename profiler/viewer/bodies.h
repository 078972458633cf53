/* The answers that show profiles, as docs/viewer.md describes them. All want a locale whose decimal
 * point is one; a buffer that failed is the caller's to see. */
#ifndef KM_VIEWER_BODIES_H
#define KM_VIEWER_BODIES_H

#include <komori/viewer.h>

#include "profiler/viewer/listing.h"

/* "NAME":"TEXT" or null, behind a comma. */
void km_viewer_put_text(km_buffer *out, const char *name, const char *value);
/* The facts without the braces around them: "id":...,"elapsed":0.1 */
void km_viewer_put_facts(km_buffer *out, const char *id, const km_profile_facts *facts);
/* "NAME":[[file,line,name],...] and "labels", each behind a comma. KM_ENOMEM. */
int km_viewer_put_functions(km_buffer *out, km_function *functions, uint32_t count);

/* The list without the braces and the two fields in front; `tag` changes with what does not merely
 * grow older, and is the same in every process for the same. */
void km_viewer_put_requests(km_buffer *out, const km_listing *listing, uint64_t *tag);
void km_viewer_put_running(km_buffer *out, const km_viewer_options *options, uint64_t *tag);

/* The others return 0 or KM_ENOMEM. */
int km_viewer_put_profile(km_buffer *out, const char *id, const km_prof *prof);
int km_viewer_put_compare(km_buffer *out, const char *const ids[2], const km_prof *const profs[2]);
/* KM_ENOENT: there is none, and `error` says why. What was modified after `since`, in seconds since
 * the epoch, has changed. */
int km_viewer_put_source(km_buffer *out, const km_prof *prof, km_str function, double since,
			 char *error, size_t error_size);

#endif
