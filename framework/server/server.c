#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../base/log.h"
#include "address.h"
#include "connection.h"
#include "listener.h"
#include "signals.h"

enum {
	LINGER_SECONDS = 2,
	OUTPUT_SIZE = 131072,
	MAX_RESERVED = 64, /* descriptors left to the application, at most a quarter of all */
};

struct km_server {
	km_loop loop;
	km_listener listener;
	km_signals signals;
	int fd; /* listening */
	struct event *stop, *tick;
	struct event *patience; /* runs out some time after a stop */
	struct timeval graceful_timeout;
	km_address_text address;
	char url[NI_MAXHOST + 24];
};

uint32_t km_loop_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint32_t)now.tv_sec;
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

static void on_tick(evutil_socket_t fd, short what, void *argument)
{
	km_server *server = argument;
	km_deadline *expired;
	uint32_t now = km_loop_now();

	(void)fd;
	(void)what;
	while ((expired = km_deadlines_expired(&server->loop.deadlines, now)))
		km_connection_expire(km_connection_of(expired));
}

static void close_all(km_loop *loop, km_wait kind)
{
	km_deadline *oldest;

	while ((oldest = km_deadlines_oldest(&loop->deadlines, kind)))
		km_connection_free(km_connection_of(oldest));
}

static void close_connections(km_loop *loop)
{
	for (int kind = 0; kind < KM_WAIT_KINDS; kind++)
		close_all(loop, (km_wait)kind);
}

/* Answers under way go on to their end; whoever has not sent a whole head gets none. */
static void on_stop(evutil_socket_t fd, short what, void *argument)
{
	km_server *server = argument;

	(void)fd;
	(void)what;
	event_del(server->stop);
	km_listener_finish(&server->listener);
	close(server->fd);
	server->fd = -1;
	server->loop.draining = true;
	close_all(&server->loop, KM_WAIT_IDLE);
	close_all(&server->loop, KM_WAIT_HEAD);
	close_all(&server->loop, KM_WAIT_LINGER);
	event_add(server->patience, &server->graceful_timeout);
	if (server->loop.connections == 0)
		event_base_loopbreak(server->loop.base);
}

/* The last connection that is closed ends the loop. */
static void on_patience(evutil_socket_t fd, short what, void *argument)
{
	km_server *server = argument;
	km_deadline *oldest;

	(void)fd;
	(void)what;
	km_log("%zu connections did not end in time and are closed", server->loop.connections);
	while ((oldest = km_deadlines_oldest(&server->loop.deadlines, KM_WAIT_WRITE)))
		km_connection_expire(km_connection_of(oldest));
	close_connections(&server->loop);
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
	loop->app = app;
	loop->limits = (km_http_limits){
		.request_line = options->max_request_line,
		.headers = options->max_headers,
		.header_count = options->max_header_count,
	};
	loop->max_body = options->max_body;
	loop->body_memory = options->body_memory;
	loop->max_output = options->max_output;
	loop->max_connections = connection_limit(options->max_connections);
	km_deadlines_init(&loop->deadlines);
	loop->deadlines.seconds[KM_WAIT_IDLE] = seconds(options->idle_timeout);
	loop->deadlines.seconds[KM_WAIT_HEAD] = seconds(options->header_timeout);
	loop->deadlines.seconds[KM_WAIT_BODY] = seconds(options->body_timeout);
	loop->deadlines.seconds[KM_WAIT_WRITE] = seconds(options->write_timeout);
	loop->deadlines.seconds[KM_WAIT_LINGER] = LINGER_SECONDS;
	loop->base = new_base();
	loop->input = malloc(KM_LOOP_INPUT);
	return loop->base && loop->input && km_buffer_reserve(&loop->output, OUTPUT_SIZE - 1)
		       ? 0
		       : KM_ENOMEM;
}

static int server_init(km_server *server, const km_server_options *options, char *error,
		       size_t error_size)
{
	const char *log = options->access_log ? options->access_log : "off";

	server->fd = -1;
	if (km_access_log_open(&server->loop.access_log, log, options->access_log_format)) {
		snprintf(error, error_size, "cannot open the access log %s: %s", log,
			 strerror(errno));
		return KM_EIO;
	}
	server->fd = km_address_listen(options->host, options->port, &server->address, error,
				       error_size);
	if (server->fd < 0)
		return KM_EIO;
	bool six = strchr(server->address.host, ':') != NULL;
	snprintf(server->url, sizeof server->url, six ? "http://[%s]:%s" : "http://%s:%s",
		 server->address.host, server->address.port);
	server->loop.name = km_str_from(server->address.host);
	server->loop.port = km_str_from(server->address.port);
	server->tick = event_new(server->loop.base, -1, EV_PERSIST, on_tick, server);
	server->patience = event_new(server->loop.base, -1, 0, on_patience, server);
	server->graceful_timeout.tv_sec = (time_t)seconds(options->graceful_timeout);
	if (!server->tick || !server->patience ||
	    km_listener_init(&server->listener, &server->loop, server->fd)) {
		snprintf(error, error_size, "cannot serve %s: out of memory", server->url);
		return KM_ENOMEM;
	}
	return 0;
}

km_server *km_server_new(km_wsgi_app *app, const km_server_options *options, char *error,
			 size_t error_size)
{
	km_server *server = calloc(1, sizeof *server);

	if (!server || loop_init(&server->loop, app, options)) {
		snprintf(error, error_size, "cannot start a server: out of memory");
		if (server)
			server->fd = -1;
	} else if (server_init(server, options, error, error_size) == 0) {
		return server;
	}
	km_server_free(server);
	return NULL;
}

const char *km_server_url(const km_server *server)
{
	return server->url;
}

int km_server_run(km_server *server)
{
	const struct timeval second = {.tv_sec = 1};

	if (server->loop.draining)
		return KM_ESTATE;
	if (km_signals_init(&server->signals))
		return KM_EIO;
	server->stop = event_new(server->loop.base, server->signals.fd, EV_READ, on_stop, server);
	int failed = !server->stop || event_add(server->stop, NULL) ||
		     event_add(server->tick, &second) ||
		     event_base_loop(server->loop.base, EVLOOP_NO_EXIT_ON_EMPTY) < 0;
	if (server->stop)
		event_free(server->stop);
	server->stop = NULL;
	km_signals_finish(&server->signals);
	return failed ? KM_EIO : 0;
}

void km_server_free(km_server *server)
{
	if (!server)
		return;
	close_connections(&server->loop);
	km_listener_finish(&server->listener);
	if (server->tick)
		event_free(server->tick);
	if (server->patience)
		event_free(server->patience);
	if (server->loop.base)
		event_base_free(server->loop.base);
	if (server->fd >= 0)
		close(server->fd);
	km_exchange_free_spares(&server->loop);
	km_access_log_close(&server->loop.access_log);
	km_buffer_finish(&server->loop.output);
	free(server->loop.input);
	free(server);
}
