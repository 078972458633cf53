#include "framework/server/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"
#include "framework/base/escaped_fork.h"
#include "framework/server/connection/connection.h"
#include "framework/server/connection/acceptor.h"
#include "framework/server/loop/signals.h"
#include "framework/server/connection/thread_events.h"

enum {
	LINGER_SECONDS = 2,
	OUTPUT_SIZE = 131072,
	MAX_RESERVED = 64, /* descriptors left to the application, at most a quarter of all */
};

struct km_server {
	km_loop loop;
	km_acceptor listener;
	km_signals signals;
	km_thread_events threaded, aside;
	uint32_t threads; /* in all; 0: none */
	km_listen_sockets *sockets;
	struct event *signalled, *tick;
	struct event *patience; /* runs out some time after a stop */
	struct timeval graceful_timeout;
	km_worker_slot *slot;
	void (*reopen_logs)(void *context);
	void (*serves)(void *context);
	void *reopen_context;
};

uint32_t km_loop_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint32_t)now.tv_sec;
}

void km_loop_end_if_done(km_loop *loop)
{
	if (loop->ending && loop->connections == 0 && loop->in_threads == loop->given_up)
		event_base_loopbreak(loop->base);
}

/* Profiles, logs and whatever handlers open need descriptors too. */
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

static void close_all(km_loop *loop, km_wait kind)
{
	km_timeout *oldest;

	while ((oldest = km_timeouts_oldest(&loop->deadlines, kind)))
		km_connection_free(km_connection_of(oldest));
}

static void close_connections(km_loop *loop)
{
	for (int kind = 0; kind < KM_WAIT_KINDS; kind++)
		close_all(loop, (km_wait)kind);
}

/* A client that was active a moment ago may be sending its next request right now, and would see it
 * fail. */
static void close_inactive(km_loop *loop, km_wait kind)
{
	km_timeout *oldest;

	while ((oldest = km_timeouts_oldest(&loop->deadlines, kind)) &&
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

/* Answers under way go on to their end. When all workers are told to stop nobody else takes who
 * waits to be accepted; one that stops by itself has a successor. */
static void stop(km_server *server, bool told)
{
	if (server->loop.draining)
		return;
	km_read_batch_serve(&server->loop.gathering);
	server->loop.draining = server->loop.runner.draining = true;
	km_acceptor_take(&server->listener, told);
	km_acceptor_finish(&server->listener);
	km_listen_sockets_close(server->sockets);
	if (server->slot) {
		server->slot->state = KM_WORKER_LEAVING;
		km_worker_slot_wake(server->slot);
	}
	/* A handler may have had the loop since it looked at the clock. */
	event_base_update_cache_time(server->loop.base);
	event_add(server->patience, &server->graceful_timeout);
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
	if (server->reopen_logs)
		server->reopen_logs(server->reopen_context);
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
	/* The clock anew each time: a handler may run in between. */
	while ((expired = km_timeouts_expired(&server->loop.deadlines, km_loop_now()))) {
		km_connection *connection = km_connection_of(expired);
		if (!km_connection_catch_up(connection))
			km_connection_expire(connection);
	}
	km_thread_events_watch(&server->threaded);
	if (server->loop.draining)
		drain(&server->loop);
}

/* The last connection that is closed ends the loop. Threads whose clients are gone have a last
 * chance to close what they had begun. */
static void on_patience(evutil_socket_t fd, short what, void *argument)
{
	const struct timeval last_chance = {.tv_sec = 1};
	km_server *server = argument;
	km_timeout *oldest;

	(void)fd;
	(void)what;
	km_read_batch_serve(&server->loop.gathering);
	if (server->loop.connections == 0) {
		server->loop.given_up = server->loop.in_threads;
		km_loop_end_if_done(&server->loop);
		return;
	}
	km_log("connections that did not end in time are closed: %zu", server->loop.connections);
	while ((oldest = km_timeouts_oldest(&server->loop.deadlines, KM_WAIT_WRITE)))
		km_connection_expire(km_connection_of(oldest));
	close_connections(&server->loop);
	event_add(server->patience, &last_chance);
	km_loop_end_if_done(&server->loop);
}

static struct event_base *new_base(void)
{
	struct event_config *config = event_config_new();

	if (!config)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	struct event_base *base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

static uint32_t seconds(int timeout)
{
	return timeout > 0 ? (uint32_t)timeout : 0;
}

static int loop_init(km_loop *loop, km_wsgi_app *app, const km_server_options *options)
{
	loop->runner.app = app;
	loop->runner.output = &loop->output;
	/* With handler threads each has its own, and the loop runs no handler. */
	if (options->slot && !options->threads && !options->lone_thread)
		loop->runner.progress = &options->slot->progress[0];
	loop->limits = (km_http_limits){
		.request_line = options->max_request_line,
		.headers = options->max_headers,
		.header_count = options->max_header_count,
	};
	loop->max_body = options->max_body;
	loop->body_memory = options->body_memory;
	loop->max_output = options->max_output;
	loop->multiprocess = options->multiprocess;
	loop->max_requests = options->max_requests ? options->max_requests : UINT64_MAX;
	loop->slot = options->slot;
	loop->max_connections = connection_limit(options->max_connections);
	km_timeouts_init(&loop->deadlines);
	loop->deadlines.seconds[KM_WAIT_IDLE] = seconds(options->idle_timeout);
	loop->deadlines.seconds[KM_WAIT_HEAD] = seconds(options->header_timeout);
	loop->deadlines.seconds[KM_WAIT_BODY] = seconds(options->body_timeout);
	loop->deadlines.seconds[KM_WAIT_WRITE] = seconds(options->write_timeout);
	loop->deadlines.seconds[KM_WAIT_THREAD] = UINT32_MAX;
	loop->deadlines.seconds[KM_WAIT_LINGER] = LINGER_SECONDS;
	loop->base = new_base();
	return loop->base && !km_read_batch_init(&loop->gathering, loop->base) &&
			       km_buffer_reserve(&loop->output, OUTPUT_SIZE - 1)
		       ? 0
		       : KM_ENOMEM;
}

/* The worker has one thread less, perhaps for good: another one takes its place. */
static void on_overtime(void *server)
{
	stop(server, false);
}

static int server_init(km_server *server, const km_server_options *options, char *error,
		       size_t error_size)
{
	const char *log = options->access_log ? options->access_log : "off";

	if (km_access_log_open(&server->loop.access_log, log, options->access_log_format)) {
		snprintf(error, error_size, "cannot open the access log %s: %s", log,
			 strerror(errno));
		return KM_EIO;
	}
	server->loop.name = km_str_from(server->sockets->all[0].host);
	server->loop.port = km_str_from(server->sockets->all[0].port);
	server->tick = event_new(server->loop.base, -1, EV_PERSIST, on_tick, server);
	server->patience = event_new(server->loop.base, -1, 0, on_patience, server);
	server->loop.retire = event_new(server->loop.base, -1, 0, on_retire, server);
	server->slot = options->slot;
	server->threads = options->threads ? options->threads + 1 : options->lone_thread;
	server->loop.aside = options->aside;
	server->threaded.timeout_ns = seconds(options->timeout) * KM_SECOND_NS;
	server->threaded.overtime = on_overtime;
	server->threaded.context = server;
	server->reopen_logs = options->reopen_logs;
	server->serves = options->serves;
	server->reopen_context = options->reopen_context;
	server->graceful_timeout.tv_sec = (time_t)seconds(options->graceful_timeout);
	if (!server->tick || !server->patience || !server->loop.retire ||
	    km_acceptor_init(&server->listener, &server->loop, server->sockets)) {
		snprintf(error, error_size, "cannot start a server: out of memory");
		return KM_ENOMEM;
	}
	return 0;
}

km_server *km_server_new(km_wsgi_app *app, km_listen_sockets *sockets,
			 const km_server_options *options, char *error, size_t error_size)
{
	km_server *server = calloc(1, sizeof *server);

	if (server)
		server->sockets = sockets;
	if (!server || loop_init(&server->loop, app, options))
		snprintf(error, error_size, "cannot start a server: out of memory");
	else if (server_init(server, options, error, error_size) == 0)
		return server;
	km_server_free(server);
	return NULL;
}

/* Deadlines are whole seconds; a time-out of handlers is to be seen soon. */
static struct timeval tick_period(const km_server *server)
{
	int64_t us = server->threads ? server->threaded.timeout_ns / 20000 : 0;

	if (us == 0 || us >= 1000000)
		return (struct timeval){.tv_sec = 1};
	return (struct timeval){.tv_usec = us};
}

static int start_threads(km_server *server)
{
	km_loop *loop = &server->loop;
	int failed = 0;

	if (server->threads)
		failed = km_thread_events_init(&server->threaded, loop, &loop->threads,
					       server->threads, server->slot);
	if (!failed && loop->aside)
		failed = km_thread_events_init(&server->aside, loop, &loop->aside_threads, 1, NULL);
	return failed;
}

/* Threads that hang cannot be ended, and what they use cannot be freed. A master tells of it. */
static void end_with_threads(const km_server *server)
{
	if (server->slot)
		kill(getpid(), SIGKILL);
	km_log("handlers that did not end in time: %zu", server->loop.in_threads);
	_exit(1);
}

int km_server_run(km_server *server)
{
	const struct timeval period = tick_period(server);

	if (server->loop.draining)
		return KM_ESTATE;
	km_escaped_fork_watch();
	if (km_signals_init(&server->signals, server->slot != NULL,
			    (unsigned)server->graceful_timeout.tv_sec + 1))
		return KM_EIO;
	server->signalled = event_new(server->loop.base, server->signals.fd, EV_READ | EV_PERSIST,
				      on_signal, server);
	int failed = !server->signalled || event_add(server->signalled, NULL) ||
		     event_add(server->tick, &period);
	if (server->slot) {
		reopen_logs(server); /* a SIGUSR1 before now was not seen */
		server->slot->state = KM_WORKER_SERVING;
		km_worker_slot_wake(server->slot);
	}
	if (server->serves)
		server->serves(server->reopen_context);
	failed = failed || start_threads(server) ||
		 event_base_loop(server->loop.base, EVLOOP_NO_EXIT_ON_EMPTY) < 0;
	if (server->signalled)
		event_free(server->signalled);
	server->signalled = NULL;
	km_signals_finish(&server->signals);
	if (server->loop.in_threads || (server->slot && server->slot->timed_out_ns))
		end_with_threads(server);
	return failed ? KM_EIO : 0;
}

void km_server_free(km_server *server)
{
	if (!server)
		return;
	km_thread_events_finish(&server->threaded);
	km_thread_events_finish(&server->aside);
	close_connections(&server->loop);
	km_acceptor_finish(&server->listener);
	if (server->tick)
		event_free(server->tick);
	if (server->patience)
		event_free(server->patience);
	if (server->loop.retire)
		event_free(server->loop.retire);
	km_read_batch_finish(&server->loop.gathering);
	if (server->loop.base)
		event_base_free(server->loop.base);
	km_exchange_free_spares(&server->loop);
	km_access_log_close(&server->loop.access_log);
	km_buffer_finish(&server->loop.output);
	free(server);
}
