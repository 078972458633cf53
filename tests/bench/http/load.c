/* A closed loop of requests that does not read its answers: it learns the length of one and from
 *then on counts bytes, so that the server is the limit and not the load.
 *
 *	bench-http-load PORT CONNECTIONS DEPTH SECONDS small|browser
 *
 * Each connection sends DEPTH requests at once and the next ones when all are answered; where the
 * server closes behind its answer, over a new connection. Prints the answers and the seconds they
 * took. Exit status 3: the server stopped answering. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "tests/bench/http/requests.h"

enum { MAX_CONNECTIONS = 1024, MAX_DEPTH = 64, BUFFER = 1 << 18, STALL_MS = 1000 };

struct peer {
	int fd;
	size_t expected; /* bytes until all is answered */
};

static struct sockaddr_in address = {.sin_family = AF_INET};
static struct peer peers[MAX_CONNECTIONS];
static char batch[MAX_DEPTH * 1024], buffer[BUFFER];
static size_t batch_len, depth, answer_len;
static int epoll;

static void fail(int status, const char *what)
{
	fprintf(stderr, "bench-http-load: %s%s%s\n", what, errno ? ": " : "",
		errno ? strerror(errno) : "");
	exit(status);
}

static int dial(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address))
		fail(1, "connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

/* The length of the answer that the `len` bytes of the buffer begin; 0 when the head is not whole.
 */
static size_t whole_length(size_t len)
{
	const char *end = memmem(buffer, len, "\r\n\r\n", 4);

	if (!end)
		return 0;
	for (const char *at = buffer; at < end; at++) {
		if (!strncasecmp(at, "\r\nContent-Length:", 17))
			return (size_t)(end + 4 - buffer) + strtoul(at + 17, NULL, 10);
	}
	errno = 0;
	fail(1, "the answer has no Content-Length");
	return 0;
}

static size_t learn_answer(const char *request, size_t len)
{
	const struct timeval patience = {.tv_sec = 5};
	int fd = dial();
	size_t used = 0, whole = 0;
	ssize_t got = 1;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (write(fd, request, len) != (ssize_t)len)
		fail(1, "write");
	while (got > 0 && (whole == 0 || used < whole) && used < sizeof buffer) {
		got = read(fd, buffer + used, sizeof buffer - used);
		used += got > 0 ? (size_t)got : 0;
		whole = whole_length(used);
	}
	close(fd);
	if (used != whole || strncmp(buffer, "HTTP/1.1 200 ", 13) != 0) {
		errno = 0;
		fail(1, "the first answer is not whole or not 200");
	}
	return whole;
}

static void send_batch(struct peer *peer)
{
	peer->expected = answer_len * depth;
	if (write(peer->fd, batch, batch_len) != (ssize_t)batch_len)
		fail(1, "write");
}

static void start(struct peer *peer)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};

	peer->fd = dial();
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, peer->fd, &event))
		fail(1, "epoll_ctl");
	send_batch(peer);
}

/* Returns the answers that are complete now. An answer counts when its whole batch is here. */
static size_t receive(struct peer *peer)
{
	ssize_t got = read(peer->fd, buffer, sizeof buffer);

	errno = got < 0 ? errno : 0;
	if (got <= 0 && peer->expected != answer_len * depth)
		fail(1, "a connection ended in the middle of an answer");
	if (got <= 0) { /* behind the last answer, while the next request was under way */
		close(peer->fd);
		start(peer);
		return 0;
	}
	if ((size_t)got > peer->expected)
		fail(1, "an answer is longer than the first one");
	peer->expected -= (size_t)got;
	if (peer->expected > 0)
		return 0;
	send_batch(peer);
	return depth;
}

static size_t run(double seconds, double *took)
{
	struct epoll_event events[MAX_CONNECTIONS];
	int64_t begin = km_clock_monotonic_ns(), now = begin;
	size_t answered = 0;

	while ((double)(now - begin) < seconds * 1e9) {
		int count = epoll_wait(epoll, events, MAX_CONNECTIONS, STALL_MS);
		if (count == 0) {
			errno = 0;
			fail(3, "the server stopped answering");
		}
		for (int i = 0; i < count; i++)
			answered += receive(events[i].data.ptr);
		now = km_clock_monotonic_ns();
	}
	*took = (double)(now - begin) / 1e9;
	return answered;
}

int main(int argc, char **argv)
{
	size_t connections = argc == 6 ? strtoul(argv[2], NULL, 10) : 0;

	depth = argc == 6 ? strtoul(argv[3], NULL, 10) : 0;
	if (connections - 1 >= MAX_CONNECTIONS || depth - 1 >= MAX_DEPTH) {
		fprintf(stderr, "usage: %s PORT CONNECTIONS DEPTH SECONDS small|browser\n",
			argv[0]);
		return 2;
	}
	const char *request = strcmp(argv[5], "browser") ? request_small : request_browser;
	size_t len = strlen(request);

	address.sin_port = htons((uint16_t)atoi(argv[1]));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	answer_len = learn_answer(request, len);
	for (size_t i = 0; i < depth; i++) {
		memcpy(batch + batch_len, request, len);
		batch_len += len;
	}
	epoll = epoll_create1(0);
	for (size_t i = 0; i < connections; i++)
		start(&peers[i]);
	double took, seconds = atof(argv[4]);
	size_t answered = run(seconds, &took);
	printf("%zu %.6f\n", answered, took);
	return 0;
}
