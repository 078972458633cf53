/* libmicrohttpd as a peer: one thread on epoll. bench-http-microhttpd PORT */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum MHD_Result answer(void *response, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **state)
{
	(void)method;
	(void)version;
	(void)upload;
	(void)upload_size;
	if (!*state) { /* the first of two calls: the head is here, a body could follow */
		*state = response;
		return MHD_YES;
	}
	return strcmp(url, "/hello") ? MHD_NO
				     : MHD_queue_response(connection, MHD_HTTP_OK, response);
}

int main(int argc, char **argv)
{
	static char text[] = "Hello, World!";
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	if (argc != 2) {
		fprintf(stderr, "usage: %s PORT\n", argv[0]);
		return 2;
	}
	address.sin_port = htons((uint16_t)atoi(argv[1]));
	struct MHD_Response *response =
		MHD_create_response_from_buffer(sizeof text - 1, text, MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
	struct MHD_Daemon *daemon =
		MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL,
				 answer, response, MHD_OPTION_SOCK_ADDR, &address,
				 MHD_OPTION_CONNECTION_LIMIT, 16384U, MHD_OPTION_END);
	if (!daemon) {
		fprintf(stderr, "%s: cannot listen\n", argv[0]);
		return 1;
	}
	for (;;)
		pause();
}
