/* The viewer of profiles: the page and the data behind it. It has no sockets and parses no HTTP:
 * the caller passes what matters of a GET request and sends the response, which has HTTP's status,
 * type, entity tag and coding. docs/viewer.md lists the paths. */
#ifndef KOMORI_VIEWER_H
#define KOMORI_VIEWER_H

#include <komori/profiler.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct km_viewer km_viewer;

/* Receives a request that runs in process `pid`. `facts` is valid during the call; `elapsed` is the
 * time until now. */
typedef void (*km_viewer_visit)(void *context, pid_t pid, const km_profile_facts *facts);

/* Strings are copied. */
typedef struct km_viewer_options {
	const char *folder; /* has the profiles */
	const char *file;   /* the only one to show, of any name; NULL: all that end in .prof */
	bool live;	    /* more profiles may appear; the page polls */
	/* Calls `visit` for each request that runs now. May be NULL. */
	void (*each_running)(void *context, km_viewer_visit visit, void *visit_context);
	void *running_context;
} km_viewer_options;

/* Absent strings are {NULL, 0}. */
typedef struct km_viewer_request {
	km_str path;	      /* decoded, relative to the page: "", "app.js", "api/requests" */
	km_str before, after; /* of api/compare, decoded */
	km_str if_none_match;
	bool gzip; /* the client accepts gzip */
} km_viewer_request;

typedef struct km_viewer_response {
	int status;	  /* 200, 304, 400, 404 or 500 */
	const char *type; /* "application/json"; static */
	bool gzip;	  /* the bytes are compressed */
	bool page;	  /* part of the page, not data: a client may cache it and revalidate */
	char tag[40];	  /* entity tag with its quotes; "": none */
	km_str bytes;
	void *memory; /* of the bytes */
} km_viewer_response;

/* Returns NULL when memory ran out. */
KM_API km_viewer *km_viewer_new(const km_viewer_options *options);
/* Accepts NULL. */
KM_API void km_viewer_free(km_viewer *viewer);
/* Makes the response, which the caller finishes in any case. Time and memory grow with the profiles
 * that the request asks for. Thread-safe. */
KM_API void km_viewer_get(km_viewer *viewer, const km_viewer_request *request,
			  km_viewer_response *response);
KM_API void km_viewer_response_finish(km_viewer_response *response);
/* Removes profiles of requests from the folder. For each method and route it keeps the `keep`
 * slowest, the `keep` latest that failed and the `keep` latest. Thread-safe. */
KM_API void km_viewer_prune(km_viewer *viewer, size_t keep);

#ifdef __cplusplus
}
#endif
#endif
