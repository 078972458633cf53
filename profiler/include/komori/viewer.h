/* The viewer of profiles: the page, and what it asks for, as bytes. It knows nothing of HTTP: who
 * has a server hands it paths (docs/viewer.md has them all) and sends what it answers. */
#ifndef KOMORI_VIEWER_H
#define KOMORI_VIEWER_H

#include <komori/profiler.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct km_viewer km_viewer;

/* Is told of a request that runs in process `pid`; `elapsed` is so far. Borrowed for the call. */
typedef void (*km_viewer_visit)(void *context, pid_t pid, const km_profile_facts *facts);

/* Strings are copied. */
typedef struct km_viewer_options {
	const char *folder; /* of the profiles */
	const char
		*file; /* only this one of them, whatever its name; NULL: all that end in .prof */
	bool live;     /* more may come */
	/* Calls `visit` for each request that runs now; NULL: none are known. */
	void (*each_running)(void *context, km_viewer_visit visit, void *visit_context);
	void *running_context;
} km_viewer_options;

/* What is asked. Absent strings are {NULL, 0}. */
typedef struct km_viewer_request {
	km_str path;	      /* decoded, below that of the page: "", "app.js", "api/requests" */
	km_str before, after; /* of api/compare, decoded */
	km_str if_none_match;
	bool gzip; /* the answer may be compressed */
} km_viewer_request;

typedef struct km_viewer_response {
	int status;	  /* 200, 304, 400, 404 or 500, as in HTTP */
	const char *type; /* "application/json"; static */
	bool gzip;	  /* the bytes are compressed */
	bool page; /* part of the page, not of what it shows: may be kept while the tag is the same
		    */
	char tag[40]; /* with its quotes; "": none */
	km_str bytes;
	void *memory; /* of the bytes */
} km_viewer_response;

/* NULL when memory ran out. */
KM_API km_viewer *km_viewer_new(const km_viewer_options *options);
/* Accepts NULL. */
KM_API void km_viewer_free(km_viewer *viewer);
/* Thread-safe. Time and memory are in proportion to the profiles that are asked for. The caller
 * finishes the answer, whatever it is. */
KM_API void km_viewer_get(km_viewer *viewer, const km_viewer_request *request,
			  km_viewer_response *answer);
KM_API void km_viewer_response_finish(km_viewer_response *answer);
/* Removes profiles of requests from the folder but, for each method and route, the `keep` slowest,
 * the `keep` latest that failed and the `keep` latest. Thread-safe. */
KM_API void km_viewer_prune(km_viewer *viewer, size_t keep);

#ifdef __cplusplus
}
#endif
#endif
