/* Clients that are heard together are read before the first is served; whoever ends connections, or
 * judges how long they have waited, meets those that were read and not served. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "tests/framework/server/client.h"
#include "framework/server/connection/connection.h"
#include "framework/server/connection/acceptor.h"

enum { CLIENTS = 3 * KM_READ_BATCH_MOST + 1 };

static km_listen_sockets sockets;
static km_acceptor listener;
static km_loop loop;
static int clients[CLIENTS], dialled;
static size_t most_unserved;	     /* that the application has seen */
static char served[2 * CLIENTS + 1]; /* what stands behind the "/" of each path, in order */

static int no_content(km_body *self, km_str *chunk)
{
	(void)self;
	(void)chunk;
	return 0;
}

static km_body *answer_nothing(km_wsgi_app *self, km_environ *request, km_start_response *start)
{
	static km_body body = {.next = no_content};

	(void)self;
	strncat(served, km_environ_get(request, "PATH_INFO").ptr + 1, 1);
	if (loop.gathering.count > most_unserved)
		most_unserved = loop.gathering.count;
	start->call(start, 200, NULL, 0);
	return &body;
}

static int set_up(void **state)
{
	static km_wsgi_app app = {.call = answer_nothing};
	char error[256];

	(void)state;
	loop = (km_loop){
		.max_connections = SIZE_MAX,
		.max_output = 65536,
		.max_requests = UINT64_MAX,
		.limits = {.request_line = 100, .headers = 100, .header_count = 4},
		.runner = {.app = &app, .output = &loop.output},
		.base = event_base_new(),
	};
	km_timeouts_init(&loop.deadlines);
	if (!loop.base || km_read_batch_init(&loop.gathering, loop.base) ||
	    km_listen_sockets_open(&sockets, "127.0.0.1", "0", error, sizeof error) ||
	    km_acceptor_init(&listener, &loop, &sockets))
		return -1;
	most_unserved = 0;
	*served = '\0';
	return 0;
}

static int tear_down(void **state)
{
	km_timeout *open;

	(void)state;
	for (int kind = 0; kind < KM_WAIT_KINDS; kind++) {
		while ((open = km_timeouts_oldest(&loop.deadlines, (km_wait)kind)))
			km_connection_free(km_connection_of(open));
	}
	while (dialled > 0)
		close(clients[--dialled]);
	km_acceptor_finish(&listener);
	km_listen_sockets_finish(&sockets);
	km_exchange_free_spares(&loop);
	km_buffer_finish(&loop.output);
	km_read_batch_finish(&loop.gathering);
	event_base_free(loop.base);
	return 0;
}

static void dial_one(void)
{
	clients[dialled++] = dial(atoi(sockets.all[0].port));
}

static void open_some(size_t count)
{
	for (size_t i = 0; i < count; i++)
		dial_one();
	while (loop.connections < count)
		event_base_loop(loop.base, EVLOOP_ONCE);
}

/* Loopback: what was sent has arrived. */
static void hear_them(void)
{
	event_base_loop(loop.base, EVLOOP_NONBLOCK);
}

static void each_gets_its_answers(void **state)
{
	(void)state;
	open_some(CLIENTS);
	for (int i = 0; i < CLIENTS; i++)
		send_text(clients[i], i % 2 ? GET("/") : GET("/") LAST("/"));
	hear_them();
	assert_int_equal(most_unserved, KM_READ_BATCH_MOST);
	for (int i = 0; i < CLIENTS; i++) {
		km_buffer answer = {0};
		if (i % 2)
			shutdown(clients[i], SHUT_WR);
		hear_them();
		assert_true(read_to_end(clients[i], &answer));
		assert_string_equal(answer.data, i % 2 ? OK("0") : OK("0") CLOSED("0"));
		km_buffer_finish(&answer);
	}
	assert_int_equal(loop.gathering.count, 0);
}

static void one_alone_is_served_at_once(void **state)
{
	(void)state;
	open_some(1);
	send_text(clients[0], GET("/"));
	hear_them();
	assert_int_equal(most_unserved, 0);
	read_exactly(clients[0], "HTTP/1.1 200 OK\r\n");
}

static void little_room_is_used_up_and_no_more(void **state)
{
	static char much[KM_READ_MOST + 1];

	(void)state;
	memset(much, '\n', sizeof much); /* no request */
	open_some(KM_READ_BATCH_MOST);
	for (int i = 0; i < KM_READ_BATCH_MOST; i++)
		send_bytes(clients[i], much, sizeof much, sizeof much);
	hear_them();
	for (int i = 0; i < KM_READ_BATCH_MOST; i++) {
		char status[12];
		read_count(clients[i], status, sizeof status);
		assert_memory_equal(status, "HTTP/1.1 400", sizeof status);
	}
}

static void nothing(evutil_socket_t fd, short what, void *argument)
{
	(void)fd;
	(void)what;
	(void)argument;
}

static void behind_them_comes_no_client(void **state)
{
	struct event *timer = event_new(loop.base, -1, 0, nothing, NULL);

	(void)state;
	open_some(1);
	send_text(clients[0], GET("/"));
	event_active(&km_connection_of(km_timeouts_oldest(&loop.deadlines, KM_WAIT_IDLE))->event,
		     EV_READ, 0);
	event_active(timer, EV_TIMEOUT, 0);
	hear_them();
	assert_int_equal(loop.gathering.count, 0);
	assert_int_equal(most_unserved, 1);
	read_exactly(clients[0], "HTTP/1.1 200 OK\r\n");
	event_free(timer);
}

/* Two connections are heard, and between them something else. */
static void hear_around(event_callback_fn between)
{
	struct event *event = event_new(loop.base, -1, 0, between, NULL);
	km_timeout *first = km_timeouts_oldest(&loop.deadlines, KM_WAIT_IDLE);

	assert_non_null(event);
	event_active(&km_connection_of(first)->event, EV_READ, 0);
	event_active(event, EV_TIMEOUT, 0);
	event_active(&km_connection_of(first->next)->event, EV_READ, 0);
	hear_them();
	event_free(event);
	assert_int_equal(most_unserved, 1);
}

static void judge(evutil_socket_t fd, short what, void *argument)
{
	km_timeout *first = km_timeouts_oldest(&loop.deadlines, KM_WAIT_IDLE);

	(void)fd;
	(void)what;
	(void)argument;
	assert_int_equal(loop.gathering.count, 1);
	assert_true(km_connection_catch_up(km_connection_of(first)));
	assert_int_equal(loop.gathering.count, 0);
}

static void nobody_is_late_who_was_read(void **state)
{
	(void)state;
	open_some(2);
	for (int i = 0; i < 2; i++)
		send_text(clients[i], GET("/"));
	hear_around(judge);
	for (int i = 0; i < 2; i++)
		read_exactly(clients[i], "HTTP/1.1 200 OK\r\n");
}

static void accept_another(evutil_socket_t fd, short what, void *argument)
{
	(void)fd;
	(void)what;
	(void)argument;
	assert_int_equal(loop.gathering.count, 1);
	km_acceptor_take(&listener, false);
}

static void nobody_makes_room_who_was_read(void **state)
{
	(void)state;
	open_some(2);
	loop.max_connections = 2;
	for (int i = 0; i < 2; i++)
		send_text(clients[i], GET("/"));
	dial_one();
	km_timeouts_oldest(&loop.deadlines, KM_WAIT_IDLE)->since = 0;
	hear_around(accept_another);
	assert_int_equal(loop.connections, 2);
	for (int i = 0; i < 2; i++)
		read_exactly(clients[i], "HTTP/1.1 200 OK\r\n");
}

static void who_ends_makes_room(void **state)
{
	(void)state;
	open_some(2);
	loop.max_connections = 2;
	dial_one();
	send_text(clients[0], "GET / HTTP/1.0\r\n\r\n");
	send_text(clients[1], GET("/"));
	hear_around(accept_another);
	assert_int_equal(loop.connections, 2);
	send_text(clients[2], GET("/"));
	for (int i = 0; i < 3; i++) {
		hear_them();
		read_exactly(clients[i], "HTTP/1.1 200 OK\r\n");
	}
}

static void who_has_sent_more_is_served_behind_others(void **state)
{
	km_timeout *head = &loop.deadlines.heads[KM_WAIT_HEAD];

	(void)state;
	open_some(2);
	send_text(clients[0], "GET /b HTTP/1.1\r\n");
	hear_them();
	send_text(clients[0], "Host: a\r\n\r\n");
	send_text(clients[1], GET("/a"));
	event_active(&km_connection_of(km_timeouts_oldest(&loop.deadlines, KM_WAIT_IDLE))->event,
		     EV_READ, 0);
	event_active(&km_connection_of(head->next)->event, EV_READ, 0);
	hear_them();
	assert_string_equal(served, "ab");
}

int main(void)
{
#define gathering(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		gathering(each_gets_its_answers),
		gathering(one_alone_is_served_at_once),
		gathering(little_room_is_used_up_and_no_more),
		gathering(behind_them_comes_no_client),
		gathering(nobody_is_late_who_was_read),
		gathering(nobody_makes_room_who_was_read),
		gathering(who_ends_makes_room),
		gathering(who_has_sent_more_is_served_behind_others),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/server/gathering", tests, NULL, NULL);
}
