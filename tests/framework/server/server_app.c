#include "tests/framework/server/server_app.h"
#include "framework/server/listen/open.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bound.h"

#ifndef SERVER_THREADS
#define SERVER_THREADS 0
#endif

static struct seen *seen;

const km_server_options server_defaults = {
	.limits.request_line = 256,
	.limits.headers = 512,
	.limits.header_count = 8,
	.limits.body = 1000,
	.limits.body_memory = 16,
	.header_timeout = 30,
	.body_timeout = 30,
	.idle_timeout = 30,
	.write_timeout = 30,
	.graceful_timeout = 30,
	.max_output = 65536,
	.threads = SERVER_THREADS,
};

/* A body that gives the strings of a list, then `end` (0, or KM_E* for a failure). */
struct parts {
	km_body body;
	const km_str *next;
	size_t count;
	int end;
	bool endless;
	bool steps;		 /* each part waits for seen->allowed */
	bool waits;		 /* close waits for seen->release */
	km_start_response *late; /* to call with the first pull */
};

static int next_part(km_body *self, km_str *chunk)
{
	struct parts *parts = (struct parts *)self;

	atomic_fetch_add(&seen->pulls, 1);
	if (parts->late)
		parts->late->call(parts->late, 201, NULL, 0);
	parts->late = NULL;
	if (parts->count == 0)
		return parts->end;
	while (parts->steps && atomic_load(&seen->allowed) <= 0)
		usleep(100);
	if (parts->steps)
		atomic_fetch_sub(&seen->allowed, 1);
	*chunk = *parts->next;
	if (!parts->endless) {
		parts->next++;
		parts->count--;
	}
	return 1;
}

static void close_parts(km_body *self)
{
	struct parts *parts = (struct parts *)self;

	atomic_fetch_add(&seen->closes, 1);
	while (parts->waits && !atomic_load(&seen->release))
		usleep(1000);
}

static const km_str hello[] = {KM_STR("hello")};
static const km_str stream[] = {KM_STR(""), KM_STR("one"), KM_STR(""), KM_STR("sixteen bytes ok")};
static const km_str steps[] = {KM_STR("one"), KM_STR("two"), KM_STR("six"), KM_STR("ten")};
static char block[65536];
static const km_str blocks[] = {{block, sizeof block}};
static const km_str page[] = {{block, 16000}};
static const km_str blocks3[] = {{block, sizeof block}, {block, sizeof block}, {block, 5}};

static const struct route {
	const char *path;
	int status; /* 0: start_response is not called */
	km_header header;
	const km_str *parts;
	size_t count;
	int64_t length;
	bool no_close;
	int end;
	bool endless, steps, waits, late, null;
} routes[] = {
	{"/hello", 200, {{0}, {0}}, hello, 1, 5, .no_close = true},
	{"/closed", 200, {{0}, {0}}, hello, 1, 5, .end = 0},
	{"/empty", 200, {{0}, {0}}, NULL, 0, -1, .end = 0},
	{"/stream", 200, {{0}, {0}}, stream, 4, -1, .end = 0},
	{"/blocks", 200, {{0}, {0}}, blocks3, 3, -1, .end = 0},
	{"/page", 200, {{0}, {0}}, page, 1, 16000, .no_close = true},
	{"/endless", 200, {{0}, {0}}, blocks, 1, -1, .endless = true},
	{"/steps", 200, {{0}, {0}}, steps, 4, -1, .steps = true},
	{"/bye-steps", 200, {KM_STR("Connection"), KM_STR("close")}, steps, 4, -1, .steps = true},
	{"/late", 0, {{0}, {0}}, hello, 1, 5, .late = true},
	{"/null", 200, {{0}, {0}}, NULL, 0, 0, .null = true},
	{"/unstarted", 0, {{0}, {0}}, hello, 1, 5, .end = 0},
	{"/fails", 200, {{0}, {0}}, NULL, 0, -1, .end = KM_EIO},
	{"/breaks", 200, {{0}, {0}}, hello, 1, -1, .end = KM_EIO},
	{"/short", 200, {KM_STR("Content-Length"), KM_STR("9")}, hello, 1, -1, .end = 0},
	{"/long", 200, {KM_STR("Content-Length"), KM_STR("3")}, hello, 1, -1, .end = 0},
	{"/wrong", 200, {KM_STR("Content-Length"), KM_STR("x")}, hello, 1, 5, .end = 0},
	{"/204", 204, {KM_STR("Content-Length"), KM_STR("5")}, hello, 1, 5, .end = 0},
	{"/304", 304, {KM_STR("ETag"), KM_STR("\"a\"")}, hello, 1, -1, .end = 0},
	{"/101", 101, {{0}, {0}}, hello, 1, 5, .end = 0},
	{"/bye", 200, {KM_STR("Connection"), KM_STR("close")}, hello, 1, 5, .end = 0},
	{"/hop", 200, {KM_STR("Transfer-Encoding"), KM_STR("chunked")}, hello, 1, 5, .end = 0},
	{"/slowclose", 200, {{0}, {0}}, hello, 1, 5, .waits = true},
};

static km_body *echo(km_environ *request, struct parts *parts, km_start_response *start_response)
{
	char *bytes = km_environ_alloc(request, 2000);
	km_str *chunk = km_environ_alloc(request, sizeof *chunk);
	ssize_t got = km_environ_read(request, bytes, 2000);

	*chunk = (km_str){bytes, (size_t)got};
	start_response->call(start_response, 200, NULL, 0);
	atomic_fetch_add(&seen->bodies, 1);
	parts->body.length = got;
	parts->next = chunk;
	parts->count = 1;
	return &parts->body;
}

static km_body *call(km_wsgi_app *self, km_environ *request, km_start_response *start_response)
{
	const char *path = km_environ_get(request, "PATH_INFO").ptr;
	struct parts *parts = km_environ_alloc(request, sizeof *parts);
	const struct route *route = routes;

	(void)self;
	atomic_fetch_add(&seen->calls, 1);
	parts->body = (km_body){next_part, close_parts, -1};
	if (strcmp(path, "/echo") == 0)
		return echo(request, parts, start_response);
	while (strcmp(path, route->path) != 0) {
		if (++route == routes + sizeof routes / sizeof *routes) {
			route = routes; /* any other path is /hello */
			break;
		}
	}
	parts->body.length = route->length;
	parts->body.close = route->no_close ? NULL : close_parts;
	parts->next = route->parts;
	parts->count = route->count;
	parts->end = route->end;
	parts->endless = route->endless;
	parts->steps = route->steps;
	parts->waits = route->waits;
	parts->late = route->late ? start_response : NULL;
	if (route->status)
		start_response->call(start_response, route->status, &route->header,
				     route->header.name.ptr != NULL);
	if (!route->null && !route->no_close)
		atomic_fetch_add(&seen->bodies, 1);
	return route->null ? NULL : &parts->body;
}

static int serve(const km_server_options *options, int report)
{
	km_wsgi_app app = {call, NULL};
	km_listen_sockets sockets;
	km_server *server = NULL;

	if (km_listen_sockets_open(&sockets, "127.0.0.1", "0") == 0)
		server = km_server_new(&app, &sockets, options);
	if (!server) {
		fprintf(stderr, "%s\n", sockets.error);
		return 2;
	}
	int port = atoi(sockets.all[0].port);
	if (write(report, &port, sizeof port) != sizeof port)
		return 3;
	int result = km_server_run(server);
	km_server_free(server);
	km_listen_sockets_finish(&sockets);
	return result ? 1 : 0;
}

struct server server_start(const km_server_options *options)
{
	struct server server = {0};
	int report[2];

	memset(block, 'b', sizeof block);
	seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED || pipe(report))
		abort();
	server.seen = seen;
	server.pid = fork();
	if (server.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves no server behind */
		close(report[0]);
		exit(serve(options, report[1]));
	}
	close(report[1]);
	if (read(report[0], &server.port, sizeof server.port) != sizeof server.port)
		abort();
	close(report[0]);
	return server;
}

static bool sleeps(pid_t pid, const char *thread)
{
	char path[64], state = '?';

	snprintf(path, sizeof path, "/proc/%d/task/%.16s/stat", (int)pid, thread);
	FILE *stat = fopen(path, "re");
	if (stat && fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
		state = '?';
	if (stat)
		fclose(stat);
	return state == 'S';
}

static bool all_sleep(pid_t pid)
{
	char path[64];
	bool all = true;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	DIR *threads = opendir(path);
	if (!threads)
		abort();
	for (struct dirent *entry; (entry = readdir(threads));)
		all &= *entry->d_name == '.' || sleeps(pid, entry->d_name);
	closedir(threads);
	return all;
}

int server_settled(const struct server *server, atomic_int *counter)
{
	int value, looks = 0;

	do {
		value = atomic_load(counter);
		usleep(50000);
	} while (++looks < BOUND_SECONDS * 20 &&
		 (value != atomic_load(counter) || !all_sleep(server->pid)));
	return value;
}

int server_stop(struct server *server, int number)
{
	int status = 0;

	kill(server->pid, number);
	for (int i = 0; waitpid(server->pid, &status, WNOHANG) == 0; i++) {
		if (i == BOUND_SECONDS * 1000)
			kill(server->pid, SIGKILL);
		usleep(1000);
	}
	munmap(server->seen, sizeof *server->seen);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
