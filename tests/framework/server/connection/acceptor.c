/* A worker that has more connections than another one gives way to it: how many it takes of a
 * burst, by what the other does meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/framework/server/client.h"
#include "framework/server/connection/connection.h"
#include "framework/server/connection/acceptor.h"

enum { CLIENTS = 64, FEW = 8 /* connections that make no difference */ };

static km_scoreboard scoreboard;
static km_worker_slot *other;
static km_listen_sockets sockets;
static km_acceptor listener;
static km_loop loop;
static int clients[CLIENTS], dialled;

static int set_up(void **state)
{
	char error[256];

	(void)state;
	loop = (km_loop){.max_connections = SIZE_MAX, .multiprocess = true};
	loop.base = event_base_new();
	km_timeouts_init(&loop.deadlines);
	if (!loop.base || km_scoreboard_init(&scoreboard, 2, 1) ||
	    km_listen_sockets_open(&sockets, "127.0.0.1", "0", error, sizeof error))
		return -1;
	loop.slot = km_scoreboard_slot(&scoreboard, 0);
	other = km_scoreboard_slot(&scoreboard, 1);
	loop.slot->pid = other->pid = getpid();
	loop.slot->state = other->state = KM_WORKER_SERVING;
	if (km_acceptor_init(&listener, &loop, &sockets))
		return -1;
	dialled = 0;
	return 0;
}

static int tear_down(void **state)
{
	km_timeout *open;

	(void)state;
	while ((open = km_timeouts_oldest(&loop.deadlines, KM_WAIT_IDLE)))
		km_connection_free(km_connection_of(open));
	while (dialled > 0)
		close(clients[--dialled]);
	km_acceptor_finish(&listener);
	km_listen_sockets_finish(&sockets);
	km_scoreboard_finish(&scoreboard);
	event_base_free(loop.base);
	return 0;
}

static uint32_t count_waiting(void)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof info;

	assert_int_equal(getsockopt(sockets.all[0].fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
	return info.tcpi_unacked; /* of a socket that listens: its queue */
}

/* So many more wait to be accepted. */
static void dial_some(uint32_t count)
{
	uint32_t goal = count_waiting() + count;

	for (; count > 0; count--)
		clients[dialled++] = dial(atoi(sockets.all[0].port));
	while (count_waiting() < goal)
		usleep(1000);
}

/* How many it has after it has taken some once more. */
static size_t take_some(void)
{
	size_t had = loop.connections;

	while (loop.connections == had)
		event_base_loop(loop.base, EVLOOP_ONCE);
	return loop.connections;
}

static void who_has_some_gives_way(void **state)
{
	(void)state;
	dial_some(CLIENTS);
	assert_int_equal(take_some(), FEW + 1);
	other->connections = 20; /* these were quicker */
	assert_int_equal(take_some(), 20 + 20 / 4 + FEW + 1);
}

static void who_takes_nothing_is_waited_for_less_and_less(void **state)
{
	(void)state;
	dial_some(CLIENTS);
	assert_int_equal(take_some(), FEW + 1);
	assert_int_equal(take_some(), FEW + 1 + FEW);
	assert_int_equal(take_some(), FEW + 1 + FEW + 3 * FEW);
	assert_int_equal(take_some(), CLIENTS);
}

static void who_had_nothing_to_take_is_waited_for(void **state)
{
	(void)state;
	for (int burst = 0; burst < 3; burst++) {
		dial_some(FEW + (burst == 0));
		assert_int_equal(take_some(), FEW + 1 + burst * FEW);
		while (!event_pending(listener.readable[0], EV_READ, NULL)) /* it has given way */
			event_base_loop(loop.base, EVLOOP_ONCE);
		dial_some(1);
		event_base_loop(loop.base, EVLOOP_NONBLOCK);
		assert_int_equal(loop.connections, FEW + 1 + burst * FEW);
		close(accept(sockets.all[0].fd, NULL, NULL)); /* the other */
	}
}

static void who_takes_one_is_waited_for_again(void **state)
{
	(void)state;
	dial_some(CLIENTS);
	for (uint32_t taken = 0; taken < 5; taken++) {
		other->connections = taken;
		assert_int_equal(take_some(), FEW + 1 + taken * FEW);
	}
}

static void nobody_waits_for_who_cannot_take_any(void **state)
{
	(void)state;
	dial_some(CLIENTS);
	other->progress[0].since_ns = 1; /* in a handler */
	assert_int_equal(take_some(), CLIENTS);
}

static void nor_for_who_is_going(void **state)
{
	(void)state;
	dial_some(CLIENTS);
	other->state = KM_WORKER_LEAVING;
	assert_int_equal(take_some(), CLIENTS);
}

static void nor_for_who_is_gone(void **state)
{
	(void)state;
	dial_some(CLIENTS);
	other->pid = 0;
	assert_int_equal(take_some(), CLIENTS);
}

int main(void)
{
#define listening(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		listening(who_has_some_gives_way),
		listening(who_takes_nothing_is_waited_for_less_and_less),
		listening(who_had_nothing_to_take_is_waited_for),
		listening(who_takes_one_is_waited_for_again),
		listening(nobody_waits_for_who_cannot_take_any),
		listening(nor_for_who_is_going),
		listening(nor_for_who_is_gone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/server/listener", tests, NULL, NULL);
}
