/* The client's side of the server's tests: raw bytes to a socket and back. A function that fails
 * fails the test. */
#ifndef KM_TEST_CLIENT_H
#define KM_TEST_CLIENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "framework/base/buffer.h"

#define GET(path)      "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define LAST(path)     "GET " path " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
#define OK(length)     "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\n\r\n"
#define CLOSED(length) "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\nConnection: close\r\n\r\n"

#define POST(fields) "POST /echo HTTP/1.1\r\nHost: a\r\n" fields "\r\n"
#define TEXT	     "Content-Type: text/plain; charset=utf-8\r\n"
#define REFUSED(status, length, reason)                                                            \
	"HTTP/1.1 " status " " reason "\r\n" TEXT "Content-Length: " length                        \
	"\r\nConnection: close\r\n\r\n" status " " reason "\n"

/* Connects to 127.0.0.1; reads give up after BOUND_SECONDS. */
int dial(int port);
/* The same with a small receive buffer, so that the server has to wait. */
int dial_narrow(int port);
/* Sends `step` bytes at a time. A connection that was closed meanwhile is no failure. */
void send_bytes(int fd, const char *bytes, size_t len, size_t step);
void send_text(int fd, const char *text);
/* Reads until the end, and removes Date fields. False when the connection was reset or nothing came
 * for too long. */
bool read_to_end(int fd, km_buffer *response);
/* Reads that many bytes; `bytes` may be NULL. */
void read_count(int fd, char *bytes, size_t len);
/* Reads `expected`, which is shorter than 256 bytes. */
void read_exactly(int fd, const char *expected);
/* Closes with an end or with a reset. */
void hang_up(int fd, bool reset);
/* Waits until the peer's kernel has all that was sent. */
void wait_until_delivered(int fd);
/* Waits for what another process does. */
void wait_until(atomic_int *counter, int value);
/* The same, for any value above this one. */
void wait_beyond(atomic_int *counter, int value);

#endif
