/* A connection from its first byte to its end, through the server's own code. The first byte says
 * how the rest arrives in pieces, the second how much each write takes. However it arrives, the
 * peer must get the same answers as when it arrives at once. */
#include <komori/komori.h>
#include <time.h>

#include "framework/base/buffer.h"
#include "tests/fuzz/fuzz.h"
#include "tests/framework/server/memory_socket.h"

static const km_server_options options = {
	.limits.request_line = 128,
	.limits.headers = 256,
	.limits.header_count = 8,
	.limits.body = 300,
	.limits.body_memory = 200,
	.max_output = 65536,
};

int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

/* The Date field stays the same, and no deadline starts anew. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){.tv_sec = 784111777};
	return 0;
}

/* What of the request reached the handler. */
static int tell(km_request *req, km_response *res)
{
	const char *host = km_request_header(req, "Host"), *given = km_request_header(req, "X-A");
	const char *first = km_request_query(req, "a");
	km_str body = km_request_body(req);
	km_buffer text = {0};

	km_buffer_printf(&text, "%s %s ? %s host %s x-a %s a %s body ", km_request_method(req),
			 km_request_path(req), km_request_query_string(req), host ? host : "-",
			 given ? given : "-", first ? first : "-");
	km_buffer_append(&text, body.ptr, body.len);
	int failed =
		text.failed ? KM_ENOMEM : km_bytes(res, 200, "text/plain", text.data, text.len);
	km_buffer_finish(&text);
	return failed;
}

static int next_chunk(void *context, km_str *chunk)
{
	int *left = context;

	*chunk = KM_STR("0123456789");
	return (*left)-- > 0;
}

static int stream(km_request *req, km_response *res)
{
	int *left = km_request_alloc(req, sizeof *left);

	*left = 5;
	return km_stream(res, 200, "text/plain", next_chunk, NULL, left);
}

static int header(km_request *req, km_response *res)
{
	const char *value = km_request_query(req, "a");

	if (value && km_response_header(res, "X-Value", value))
		return KM_EINVAL;
	return km_text(res, 200, "set");
}

static memory_server *server(void)
{
	static memory_server only;
	static km_app *app;

	if (app)
		return &only;
	app = km_app_new("fuzz");
	km_get(app, "/stream", stream);
	km_get(app, "/header", header);
	km_get(app, "/<int:number>/<name>", tell);
	km_route(app, "*", "/", tell);
	km_route(app, "GET POST PUT", "/<path:rest>", tell);
	MUST(memory_server_init(&only, km_app_wsgi(app), &options));
	return &only;
}

/* The interim answer depends on whether the body is there already: taken out. */
static void without_continue(km_buffer *text)
{
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const size_t len = sizeof interim - 1;
	char *at;

	while (text->len > 0 && (at = memmem(text->data, text->len, interim, len))) {
		size_t behind = text->len - (size_t)(at - text->data) - len;
		memmove(at, at + len, behind);
		text->len -= len;
	}
}

static void exchange(const uint8_t *bytes, size_t len, uint8_t pieces, size_t room,
		     km_buffer *answers)
{
	memory_server *here = server();
	size_t at = 0;

	here->room = room;
	MUST(memory_server_open(here));
	while (at < len && here->connection) {
		size_t size = fuzz_piece(pieces, at, len - at);
		char *piece = malloc(size); /* so that a byte read beyond it is seen */
		MUST(piece);
		memcpy(piece, bytes + at, size);
		memory_server_deliver(here, piece, size);
		free(piece);
		at += size;
	}
	if (here->connection)
		memory_server_end(here);
	memory_server_close(here);
	MUST(here->loop.connections == 0);
	km_buffer_append(answers, here->received.data, here->received.len);
	without_continue(answers);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	km_buffer whole = {0}, in_pieces = {0};

	if (len < 2)
		return 0;
	exchange(bytes + 2, len - 2, 0, 0, &whole);
	exchange(bytes + 2, len - 2, bytes[0], bytes[1], &in_pieces);
	MUST(whole.len == in_pieces.len);
	MUST(whole.len == 0 || !memcmp(whole.data, in_pieces.data, whole.len));
	km_buffer_finish(&whole);
	km_buffer_finish(&in_pieces);
	return 0;
}
