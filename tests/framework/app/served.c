#include "tests/framework/app/served.h"

#include <stdio.h>

#include "framework/wsgi/start_response.h"
#include "framework/wsgi/environ.h"

static const km_wsgi_server server = {.name = {"test", 4}, .port = {"80", 2}};

static size_t split_fields(char *fields, km_header *headers, size_t most)
{
	size_t count = 0;

	for (char *line = strtok(fields, "\n"); line && count < most; line = strtok(NULL, "\n")) {
		char *colon = strstr(line, ": ");
		*colon = '\0';
		headers[count].name = km_str_from(line);
		headers[count++].value = km_str_from(colon + 2);
	}
	return count;
}

static void append(char *text, size_t size, const char *bytes, size_t len)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%.*s", (int)len, bytes);
}

static void pull(km_body *body, struct served *served, int pulls)
{
	km_str chunk;

	while (pulls-- != 0) {
		int got = body->next(body, &chunk);
		if (got <= 0) {
			served->error = got;
			return;
		}
		served->chunks++;
		append(served->content, sizeof served->content, chunk.ptr, chunk.len);
	}
}

const struct served *serve(km_wsgi_app *app, const char *method, const char *target,
			   const char *fields, const char *body, int pulls)
{
	static struct served served;
	char path[2048], lines[1024];
	km_header headers[32];
	km_arena arena = {0};
	km_environ environ;
	km_wsgi_response response;

	served = (struct served){0};
	snprintf(path, sizeof path, "%s", target);
	snprintf(lines, sizeof lines, "%s", fields ? fields : "");
	char *question = strchr(path, '?');
	if (question)
		*question = '\0';
	km_http_request request = {
		.method = km_str_from(method),
		.target = km_str_from(target),
		.path = km_str_from(path),
		.query = km_str_from(question ? question + 1 : NULL),
		.minor = 1,
		.headers = headers,
		.header_count = split_fields(lines, headers, 32),
		.body = km_str_from(body ? body : ""),
	};
	km_environ_init(&environ, &request, &server, &arena);
	km_wsgi_response_init(&response, &arena);
	km_body *content = app->call(app, &environ, &response.start_response);
	served.error = content ? 0 : KM_ECLOSED;
	served.length = content ? content->length : 0;
	if (content)
		pull(content, &served, pulls);
	served.status = response.status;
	for (size_t i = 0; i < response.header_count; i++) {
		append(served.headers, sizeof served.headers, response.headers[i].name.ptr, 200);
		append(served.headers, sizeof served.headers, ": ", 2);
		append(served.headers, sizeof served.headers, response.headers[i].value.ptr, 1000);
		append(served.headers, sizeof served.headers, "\n", 1);
	}
	if (content && content->close)
		content->close(content);
	km_arena_finish(&arena);
	return &served;
}

const struct served *get(km_wsgi_app *app, const char *target)
{
	return serve(app, "GET", target, NULL, NULL, -1);
}
