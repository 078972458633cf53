#include "framework/server/server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/escaped_fork.h"
#include "framework/base/log.h"
#include "framework/server/connection/acceptor.h"
#include "framework/server/connection/connection.h"
#include "framework/server/connection/thread_events.h"
#include "framework/server/loop/signals.h"

enum {
	LINGER_SECONDS = 2,
	MAX_RESERVED = 64, /* descriptors left to the application, at most a quarter of all */
};

struct km_server {
	km_loop loop;
	km_acceptor acceptor;
	km_signals signals;
	km_thread_events handlers, aside;
	km_listen_sockets *sockets;
	struct event *signalled, *tick;
	struct event *patience; /* runs out some time after a stop */
	km_server_options options;
};

/* Leaves descriptors for profiles, logs and what handlers open. */
static size_t connection_limit(size_t wanted)
{
	size_t most = wanted ? wanted : SIZE_MAX;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return most;
	size_t all = (size_t)limit.rlim_cur;
	size_t rest = all - (all / 4 < MAX_RESERVED ? all / 4 : MAX_RESERVED);
	return rest < most ? rest : most;
}

static void close_connections(km_loop *loop)
{
	km_timeout *oldest;

	for (km_wait kind = 0; kind < KM_WAIT_KINDS; kind++)
		while ((oldest = km_timeouts_oldest(&loop->timeouts, kind)))
			km_connection_free(km_connection_of(oldest));
}

/* Closes connections that wait for a request. A client that was active a moment ago may be sending
 * its next request right now, and would see it fail. */
static void close_inactive(km_loop *loop, km_wait kind)
{
	km_timeout *oldest;

	while ((oldest = km_timeouts_oldest(&loop->timeouts, kind)) &&
	       km_loop_now() - oldest->since >= 2) {
		km_connection *connection = km_connection_of(oldest);
		if (!km_connection_catch_up(connection))
			km_connection_free(connection);
	}
}

static void drain(km_loop *loop)
{
	close_inactive(loop, KM_WAIT_IDLE);
	close_inactive(loop, KM_WAIT_HEAD);
	km_loop_end_if_done(loop);
}

/* Stops accepting and finishes the responses under way. When the master stops `all` workers,
 * nothing else accepts the clients that wait in the backlog; a worker that stops by itself has a
 * successor.
 */
static void stop(km_server *server, bool all)
{
	const struct timeval patience = {.tv_sec = server->options.graceful_timeout};

	if (server->loop.draining)
		return;
	server->loop.draining = server->loop.runner.draining = true;
	km_acceptor_take(&server->acceptor, all);
	km_acceptor_finish(&server->acceptor);
	km_listen_sockets_close(server->sockets);
	if (server->loop.slot) {
		server->loop.slot->state = KM_WORKER_LEAVING;
		km_worker_slot_wake(server->loop.slot);
	}
	/* libevent looked at the clock before the handler that had the loop since. */
	event_base_update_cache_time(server->loop.base);
	event_add(server->patience, &patience);
	server->loop.ending = true;
	drain(&server->loop);
}

static void on_retire(evutil_socket_t fd, short what, void *argument)
{
	(void)fd;
	(void)what;
	stop(argument, false);
}

static void reopen_logs(km_server *server)
{
	km_access_log_reopen(&server->loop.access_log);
	if (server->options.reopen_logs)
		server->options.reopen_logs(server->options.reopen_context);
}

static void on_signal(evutil_socket_t fd, short what, void *argument)
{
	km_server *server = argument;
	int number;

	(void)fd;
	(void)what;
	while ((number = km_signals_take(&server->signals))) {
		if (number == SIGTERM)
			stop(server, true);
		else
			reopen_logs(server);
	}
}

static void on_tick(evutil_socket_t fd, short what, void *argument)
{
	km_server *server = argument;
	km_timeout *expired;

	(void)fd;
	(void)what;
	/* Reads the clock each time: a handler may run in between. */
	while ((expired = km_timeouts_expired(&server->loop.timeouts, km_loop_now()))) {
		km_connection *connection = km_connection_of(expired);
		if (!km_connection_catch_up(connection))
			km_connection_expire(connection);
	}
	km_thread_events_watch(&server->handlers);
	if (server->loop.draining)
		drain(&server->loop);
}

/* Closes what is left; the last connection ends the loop. Threads whose clients are gone get a last
 * chance to close their bodies. */
static void on_patience(evutil_socket_t fd, short what, void *argument)
{
	const struct timeval last_chance = {.tv_sec = 1};
	km_server *server = argument;
	km_timeout *oldest;

	(void)fd;
	(void)what;
	if (server->loop.connections == 0) {
		server->loop.given_up = server->loop.in_threads;
		km_loop_end_if_done(&server->loop);
		return;
	}
	km_log("connections that did not end in time are closed: %zu", server->loop.connections);
	while ((oldest = km_timeouts_oldest(&server->loop.timeouts, KM_WAIT_WRITE)))
		km_connection_expire(km_connection_of(oldest));
	close_connections(&server->loop);
	event_add(server->patience, &last_chance);
	km_loop_end_if_done(&server->loop);
}

static void set_loop(km_loop *loop, km_wsgi_app *app, const km_server_options *options)
{
	loop->runner.app = app;
	/* With handler threads each has its own, and the loop runs none. */
	if (options->slot && !options->threads && !options->lone_thread)
		loop->runner.slot = &options->slot->thread_slots[0];
	loop->limits = options->limits;
	loop->max_output = options->max_output;
	loop->multiprocess = options->multiprocess;
	loop->max_requests = options->max_requests ? options->max_requests : UINT64_MAX;
	loop->slot = options->slot;
	loop->slots = options->slots;
	loop->max_connections = connection_limit(options->max_connections);
	loop->timeouts.seconds[KM_WAIT_IDLE] = options->idle_timeout;
	loop->timeouts.seconds[KM_WAIT_HEAD] = options->header_timeout;
	loop->timeouts.seconds[KM_WAIT_BODY] = options->body_timeout;
	loop->timeouts.seconds[KM_WAIT_WRITE] = options->write_timeout;
	loop->timeouts.seconds[KM_WAIT_THREAD] = UINT32_MAX;
	loop->timeouts.seconds[KM_WAIT_LINGER] = LINGER_SECONDS;
	loop->aside = options->aside;
}

static int server_init(km_server *server, const km_server_options *options)
{
	const char *log = options->access_log ? options->access_log : "off";

	if (km_access_log_open(&server->loop.access_log, log, options->access_log_format)) {
		km_log("cannot open the access log %s: %s", log, strerror(errno));
		return KM_EIO;
	}
	server->loop.name = km_str_from(server->sockets->all[0].host);
	server->loop.port = km_str_from(server->sockets->all[0].port);
	server->tick = event_new(server->loop.base, -1, EV_PERSIST, on_tick, server);
	server->patience = event_new(server->loop.base, -1, 0, on_patience, server);
	server->loop.retire = event_new(server->loop.base, -1, 0, on_retire, server);
	server->handlers.timeout_ns = options->timeout * KM_SECOND_NS;
	server->options = *options;
	if (!server->tick || !server->patience || !server->loop.retire ||
	    km_acceptor_init(&server->acceptor, &server->loop, server->sockets)) {
		km_log("cannot start a server: out of memory");
		return KM_ENOMEM;
	}
	return 0;
}

km_server *km_server_new(km_wsgi_app *app, km_listen_sockets *sockets,
			 const km_server_options *options)
{
	km_server *server = calloc(1, sizeof *server);

	if (server)
		server->sockets = sockets;
	if (!server || km_loop_init(&server->loop)) {
		km_log("cannot start a server: out of memory");
	} else {
		set_loop(&server->loop, app, options);
		if (server_init(server, options) == 0)
			return server;
	}
	km_server_free(server);
	return NULL;
}

/* Timeouts of connections are whole seconds; that of handlers is checked more often. */
static struct timeval tick_period(const km_server *server)
{
	int64_t us = server->options.threads ? server->handlers.timeout_ns / 20000 : 0;

	if (us == 0 || us >= 1000000)
		return (struct timeval){.tv_sec = 1};
	return (struct timeval){.tv_usec = us};
}

static int start_threads(km_server *server)
{
	const km_server_options *options = &server->options;
	uint32_t count = options->threads ? options->threads + 1 : options->lone_thread;
	km_loop *loop = &server->loop;
	int failed = 0;

	if (count)
		failed = km_thread_events_init(&server->handlers, loop, &loop->threads, count,
					       loop->slot);
	if (!failed && loop->aside)
		failed = km_thread_events_init(&server->aside, loop, &loop->aside_threads, 1, NULL);
	return failed;
}

/* Ends the process: threads that hang cannot be ended, nor what they use freed. A master reports
 * them. */
static void end_with_threads(const km_server *server)
{
	if (server->loop.slot)
		kill(getpid(), SIGKILL);
	km_log("handlers that did not end in time: %zu", server->loop.in_threads);
	_exit(1);
}

int km_server_run(km_server *server)
{
	const struct timeval period = tick_period(server);
	km_worker_slot *slot = server->loop.slot;

	if (server->loop.draining)
		return KM_ESTATE;
	km_escaped_fork_watch();
	if (km_signals_init(&server->signals, slot != NULL, server->options.graceful_timeout + 1))
		return KM_EIO;
	server->signalled = event_new(server->loop.base, server->signals.fd, EV_READ | EV_PERSIST,
				      on_signal, server);
	int failed = !server->signalled || event_add(server->signalled, NULL) ||
		     event_add(server->tick, &period);
	if (slot) {
		reopen_logs(server); /* a SIGUSR1 before now was not seen */
		slot->state = KM_WORKER_SERVING;
		km_worker_slot_wake(slot);
	}
	if (server->options.serves)
		server->options.serves(server->options.reopen_context);
	failed = failed || start_threads(server) ||
		 event_base_loop(server->loop.base, EVLOOP_NO_EXIT_ON_EMPTY) < 0;
	if (server->signalled)
		event_free(server->signalled);
	server->signalled = NULL;
	km_signals_finish(&server->signals);
	if (server->loop.in_threads || (slot && slot->timed_out_ns))
		end_with_threads(server);
	return failed ? KM_EIO : 0;
}

void km_server_free(km_server *server)
{
	if (!server)
		return;
	km_thread_events_finish(&server->handlers);
	km_thread_events_finish(&server->aside);
	close_connections(&server->loop);
	km_acceptor_finish(&server->acceptor);
	if (server->tick)
		event_free(server->tick);
	if (server->patience)
		event_free(server->patience);
	km_exchange_free_spares(&server->loop);
	km_loop_finish(&server->loop);
	free(server);
}
