#include "tests/framework/server/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/bound.h"

static int dial_with(int port, int receive_buffer)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct timeval patience = {.tv_sec = BOUND_SECONDS};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (receive_buffer) {
		/* Loopback's segments of 64 KiB would keep such a window shut for seconds. */
		int segment = 536;
		setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, (struct sockaddr *)&address, sizeof address))
		fail_msg("cannot connect: %s", strerror(errno));
	return fd;
}

int dial(int port)
{
	return dial_with(port, 0);
}

int dial_narrow(int port)
{
	return dial_with(port, 4096);
}

void send_bytes(int fd, const char *bytes, size_t len, size_t step)
{
	for (size_t at = 0; at < len; at += step) {
		size_t size = len - at < step ? len - at : step;
		if (send(fd, bytes + at, size, MSG_NOSIGNAL) < 0)
			return; /* refused early: the response is what counts */
	}
}

void send_text(int fd, const char *text)
{
	send_bytes(fd, text, strlen(text), SIZE_MAX / 2);
}

bool read_to_end(int fd, km_buffer *response)
{
	ssize_t got;
	char *date;

	do {
		char *at = km_buffer_reserve(response, 65536);
		got = recv(fd, at, 65536, 0);
		response->len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	km_buffer_append(response, "", 0);
	while ((date = strstr(response->data, "Date: "))) {
		char *behind = strstr(date, "\r\n") + 2;
		memmove(date, behind, strlen(behind) + 1);
	}
	return got == 0;
}

void wait_until_delivered(int fd)
{
	int left = 1;

	for (int i = 0; i < BOUND_SECONDS * 1000 && ioctl(fd, TIOCOUTQ, &left) == 0 && left > 0;
	     i++)
		usleep(1000);
	assert_int_equal(left, 0);
}

void wait_until(atomic_int *counter, int value)
{
	for (int i = 0; i < BOUND_SECONDS * 1000 && atomic_load(counter) < value; i++)
		usleep(1000);
	assert_int_equal(atomic_load(counter), value);
}

void wait_beyond(atomic_int *counter, int value)
{
	for (int i = 0; i < BOUND_SECONDS * 1000 && atomic_load(counter) <= value; i++)
		usleep(1000);
	assert_true(atomic_load(counter) > value);
}

void read_count(int fd, char *bytes, size_t len)
{
	char scratch[4096];

	while (len > 0) {
		size_t most = bytes || len < sizeof scratch ? len : sizeof scratch;
		ssize_t got = recv(fd, bytes ? bytes : scratch, most, 0);
		assert_true(got > 0);
		len -= (size_t)got;
		bytes = bytes ? bytes + got : NULL;
	}
}

void read_exactly(int fd, const char *expected)
{
	char bytes[256];
	size_t len = strlen(expected);

	assert_true(len < sizeof bytes);
	read_count(fd, bytes, len);
	assert_memory_equal(bytes, expected, len);
}

void hang_up(int fd, bool reset)
{
	const struct linger at_once = {.l_onoff = 1};

	if (reset)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(fd);
}
