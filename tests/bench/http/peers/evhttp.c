/* libevent's own HTTP server as a peer. bench-http-evhttp PORT */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void hello(struct evhttp_request *request, void *argument)
{
	struct evbuffer *content = evbuffer_new();

	(void)argument;
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
			  "text/plain; charset=utf-8");
	evbuffer_add(content, "Hello, World!", 13);
	evhttp_send_reply(request, HTTP_OK, "OK", content);
	evbuffer_free(content);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s PORT\n", argv[0]);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);
	evhttp_set_timeout(http, 120);
	evhttp_set_cb(http, "/hello", hello, NULL);
	if (evhttp_bind_socket(http, "127.0.0.1", (ev_uint16_t)atoi(argv[1]))) {
		fprintf(stderr, "%s: cannot listen\n", argv[0]);
		return 1;
	}
	return event_base_dispatch(base) < 0;
}
