/* The profiler behind komori/profiler_middleware.h. */
#ifndef KM_MIDDLEWARE_PROFILER_H
#define KM_MIDDLEWARE_PROFILER_H

#include <komori/profiler_middleware.h>

#include "framework/wsgi/request_slot.h"
#include "profiler/middleware/dump_folder.h"
#include "profiler/middleware/profile_pool.h"

typedef struct km_profiler {
	km_wsgi_app app; /* first member */
	km_wsgi_app *inner;
	km_request_slots slots; /* each has the recording of the same index in the pool */
	km_profile_pool pool;
	FILE *stream; /* NULL: no tables */
	char *sort_by, *restrictions, *filename_format;
	km_profile_filename filename;
	void *filename_context;
	km_dump_folder folder;	       /* its path is NULL: no dumps */
	void (*dumped)(void *context); /* NULL: none */
	void *dumped_context;
} km_profiler;

/* Returns the profiler that `app` is, or NULL. */
km_profiler *km_profiler_of(km_wsgi_app *app);
/* Returns the slots that the server gives to requests; NULL when `middleware` is no profiler. The
 * middleware owns them. */
km_request_slots *km_profiler_slots(km_wsgi_app *middleware);
/* Names the profile for its request. Ignores a lack of memory: it keeps its name then. */
void km_profiler_name(km_profile *profile, const char *method, const char *route);
/* Names, dumps and prints the profile; logs what fails. `lost` is NULL, or the outcome of a request
 * that its process did not survive. */
void km_profiler_output(km_profiler *profiler, km_profile *profile, const km_profile_facts *facts,
			const char *lost);

#endif
