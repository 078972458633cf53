/* A worker that has more connections than another one gives way to it: how many it accepts of a
 * burst, by what the other worker does meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/framework/server/client.h"
#include "framework/server/connection/acceptor.h"
#include "framework/server/connection/connection.h"
#include "framework/server/listen/open.h"

enum { CLIENTS = 64, FEW = 8 /* connections that make no difference */ };

static km_scoreboard scoreboard;
static km_worker_slot *other;
static km_listen_sockets sockets;
static km_acceptor acceptor;
static km_loop loop;
static int clients[CLIENTS], dialled;

static int set_up(void **state)
{

	(void)state;
	loop = (km_loop){.max_connections = SIZE_MAX, .multiprocess = true};
	if (km_loop_init(&loop) || km_scoreboard_init(&scoreboard, 2, 1) ||
	    km_listen_sockets_open(&sockets, "127.0.0.1", "0"))
		return -1;
	loop.slot = km_scoreboard_slot(&scoreboard, 0);
	other = km_scoreboard_slot(&scoreboard, 1);
	loop.slot->pid = other->pid = getpid();
	loop.slot->state = other->state = KM_WORKER_SERVING;
	if (km_acceptor_init(&acceptor, &loop, &sockets))
		return -1;
	dialled = 0;
	return 0;
}

static int tear_down(void **state)
{
	km_timeout *open;

	(void)state;
	while ((open = km_timeouts_oldest(&loop.timeouts, KM_WAIT_IDLE)))
		km_connection_free(km_connection_of(open));
	while (dialled > 0)
		close(clients[--dialled]);
	km_acceptor_finish(&acceptor);
	km_listen_sockets_finish(&sockets);
	km_scoreboard_finish(&scoreboard);
	km_loop_finish(&loop);
	return 0;
}

static uint32_t count_waiting(void)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof info;

	assert_int_equal(getsockopt(sockets.all[0].fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
	return info.tcpi_unacked; /* of a socket that listens: its queue */
}

/* Connects so many more, which wait to be accepted. */
static void dial_some(uint32_t count)
{
	uint32_t goal = count_waiting() + count;

	for (; count > 0; count--)
		clients[dialled++] = dial(atoi(sockets.all[0].port));
	while (count_waiting() < goal)
		usleep(1000);
}

/* Returns how many it has after it has accepted some once more. */
static size_t take_some(void)
{
	size_t had = loop.connections;

	while (loop.connections == had)
		event_base_loop(loop.base, EVLOOP_ONCE);
	return loop.connections;
}

static void gives_way_to_a_worker_with_fewer(void **state)
{
	(void)state;
	dial_some(CLIENTS);
	assert_int_equal(take_some(), FEW + 1);
	other->connections = 20; /* these were quicker */
	assert_int_equal(take_some(), 20 + 20 / 4 + FEW + 1);
}

static void takes_more_each_time_the_other_takes_nothing(void **state)
{
	(void)state;
	dial_some(CLIENTS);
	assert_int_equal(take_some(), FEW + 1);
	assert_int_equal(take_some(), FEW + 1 + FEW);
	assert_int_equal(take_some(), FEW + 1 + FEW + 3 * FEW);
	assert_int_equal(take_some(), CLIENTS);
}

static void gives_way_again_after_an_empty_backlog(void **state)
{
	(void)state;
	for (int burst = 0; burst < 3; burst++) {
		dial_some(FEW + (burst == 0));
		assert_int_equal(take_some(), FEW + 1 + burst * FEW);
		while (!event_pending(acceptor.readable[0], EV_READ, NULL)) /* it has given way */
			event_base_loop(loop.base, EVLOOP_ONCE);
		dial_some(1);
		event_base_loop(loop.base, EVLOOP_NONBLOCK);
		assert_int_equal(loop.connections, FEW + 1 + burst * FEW);
		close(accept(sockets.all[0].fd, NULL, NULL)); /* the other */
	}
}

static void gives_way_again_when_the_other_takes_one(void **state)
{
	(void)state;
	dial_some(CLIENTS);
	for (uint32_t taken = 0; taken < 5; taken++) {
		other->connections = taken;
		assert_int_equal(take_some(), FEW + 1 + taken * FEW);
	}
}

static void does_not_wait_for_a_worker_in_a_handler(void **state)
{
	(void)state;
	dial_some(CLIENTS);
	other->thread_slots[0].since_ns = 1; /* in a handler */
	assert_int_equal(take_some(), CLIENTS);
}

static void does_not_wait_for_a_worker_that_leaves(void **state)
{
	(void)state;
	dial_some(CLIENTS);
	other->state = KM_WORKER_LEAVING;
	assert_int_equal(take_some(), CLIENTS);
}

static void does_not_wait_for_an_empty_slot(void **state)
{
	(void)state;
	dial_some(CLIENTS);
	other->pid = 0;
	assert_int_equal(take_some(), CLIENTS);
}

int main(void)
{
#define acceptor_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		acceptor_test(gives_way_to_a_worker_with_fewer),
		acceptor_test(takes_more_each_time_the_other_takes_nothing),
		acceptor_test(gives_way_again_after_an_empty_backlog),
		acceptor_test(gives_way_again_when_the_other_takes_one),
		acceptor_test(does_not_wait_for_a_worker_in_a_handler),
		acceptor_test(does_not_wait_for_a_worker_that_leaves),
		acceptor_test(does_not_wait_for_an_empty_slot),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/server/acceptor", tests, NULL, NULL);
}
