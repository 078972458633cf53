/* One request to a WSGI application, without a server. */
#ifndef TESTS_BY_HAND_H
#define TESTS_BY_HAND_H

#include <komori/wsgi.h>

#include "framework/wsgi/environ.h"

struct request {
	km_arena arena;
	km_http_request http;
	km_environ environ;
	km_start_response start_response;
	km_body *body;
	int status;
};

static const km_wsgi_server server = {.name = {"test", 4}, .port = {"80", 2}};

static inline int note_status(km_start_response *self, int status, const km_header *headers,
			      size_t count)
{
	struct request *request =
		(struct request *)((char *)self - offsetof(struct request, start_response));

	(void)headers;
	(void)count;
	request->status = status;
	return 0;
}

static inline void begin(struct request *request, km_wsgi_app *app, const char *method,
			 const char *path)
{
	*request = (struct request){
		.http = {.method = km_str_from(method),
			 .target = km_str_from(path),
			 .path = km_str_from(path),
			 .body = KM_STR("")},
		.start_response = {note_status},
	};
	request->environ = (km_environ){
		.request = &request->http, .server = &server, .arena = &request->arena};
	request->body = app->call(app, &request->environ, &request->start_response);
}

static inline int pull(struct request *request)
{
	km_str chunk;

	return request->body->next(request->body, &chunk);
}

static inline void end(struct request *request)
{
	if (request->body && request->body->close)
		request->body->close(request->body);
	km_arena_finish(&request->arena);
}

static inline void serve(km_wsgi_app *app, const char *method, const char *path)
{
	struct request request;

	begin(&request, app, method, path);
	while (request.body && pull(&request) > 0)
		;
	end(&request);
}

#endif
