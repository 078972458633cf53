/* The fastest answer that a server on epoll can give: finds the empty line that ends a head and
 * writes a constant. What a real server takes above this is its own. bench-http-ceiling PORT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_FDS = 4096, MAX_EVENTS = 512, INPUT = 65536, MAX_BATCH = 1024 };

/* As long as Komori's answer to the same request. */
static const char answer[] = "HTTP/1.1 200 OK\r\n"
			     "Content-Type: text/plain; charset=utf-8\r\n"
			     "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			     "Content-Length: 13\r\n"
			     "\r\n"
			     "Hello, World!";
static const char empty_line[] = "\r\n\r\n";

enum { ANSWER = sizeof answer - 1, EMPTY_LINE = sizeof empty_line - 1 };

static char input[INPUT];
static char answers[MAX_BATCH * ANSWER];
/* How much of an empty line stood at the end of what was read last, by descriptor. */
static unsigned char begun[MAX_FDS];

static int listen_on(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, MAX_FDS)) {
		perror("bench-http-ceiling");
		exit(1);
	}
	return fd;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) {
		perror("bench-http-ceiling");
		exit(1);
	}
}

static void accept_all(int epoll, int listening)
{
	int fd, one = 1;

	while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		if (fd >= MAX_FDS) {
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		begun[fd] = 0;
		watch(epoll, fd);
	}
}

/* How much of an empty line the bytes end with, when they do not end with all of it. */
static unsigned char end_begins(const char *bytes, size_t len)
{
	for (size_t part = EMPTY_LINE - 1; part > 0; part--) {
		if (len >= part && !memcmp(bytes + len - part, empty_line, part))
			return (unsigned char)part;
	}
	return 0;
}

static size_t count_heads(int fd, size_t len)
{
	size_t heads = 0, part = begun[fd];
	const char *at = input, *end = input + len, *found;

	while (part > 0 && at < end) {
		if (*at != empty_line[part]) {
			part = 0;
		} else {
			at++;
			part++;
		}
		if (part == EMPTY_LINE) {
			heads++;
			part = 0;
		}
	}
	if (part > 0) { /* still inside it */
		begun[fd] = (unsigned char)part;
		return heads;
	}
	while ((found = memmem(at, (size_t)(end - at), empty_line, EMPTY_LINE))) {
		heads++;
		at = found + EMPTY_LINE;
	}
	begun[fd] = end_begins(at, (size_t)(end - at));
	return heads;
}

static void serve(int fd)
{
	ssize_t got = read(fd, input, sizeof input);

	if (got < 0 && errno == EAGAIN)
		return;
	size_t heads = got > 0 ? count_heads(fd, (size_t)got) : 0;
	while (got > 0 && heads > 0) {
		size_t batch = heads < MAX_BATCH ? heads : MAX_BATCH;
		if (write(fd, answers, batch * ANSWER) != (ssize_t)(batch * ANSWER))
			got = -1;
		heads -= batch;
	}
	if (got <= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct epoll_event events[MAX_EVENTS];

	if (argc != 2) {
		fprintf(stderr, "usage: %s PORT\n", argv[0]);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < MAX_BATCH; i++)
		memcpy(answers + i * ANSWER, answer, ANSWER);
	int listening = listen_on(atoi(argv[1])), epoll = epoll_create1(0);
	watch(epoll, listening);
	for (;;) {
		int count = epoll_wait(epoll, events, MAX_EVENTS, -1);
		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == listening)
				accept_all(epoll, listening);
			else
				serve(events[i].data.fd);
		}
	}
}
