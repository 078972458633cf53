/* The framework's options: defaults, allowed values, and the lines of --help. */
#include "framework/app/config.h"

#include <komori/profiler_middleware.h>

static const char *check_not_empty(const char *value, char *buffer, size_t size)
{
	(void)buffer;
	(void)size;
	return *value ? NULL : "a host is a name, an address, unix:PATH or fd://N";
}

static const char *check_sort(const char *value, char *buffer, size_t size)
{
	(void)buffer;
	(void)size;
	return km_profile_check_sort(value) ? km_profile_error() : NULL;
}

static const char *check_restrictions(const char *value, char *buffer, size_t size)
{
	(void)buffer;
	(void)size;
	return km_profile_check_restrictions(value) ? km_profile_error() : NULL;
}

static const char *check_filename(const char *value, char *buffer, size_t size)
{
	return km_profiler_check_filename(value, buffer, size) ? buffer : NULL;
}

static const char *check_stream(const char *value, char *buffer, size_t size)
{
	(void)buffer;
	(void)size;
	return *value ? NULL : "a stream is off, stdout, stderr or the path of a file";
}

/* Characters that need no escape in a query, a cookie or a header. */
static const char *check_secret(const char *value, char *buffer, size_t size)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	size_t len = strlen(value);

	(void)buffer;
	(void)size;
	return len == 0 || (len >= 8 && strspn(value, allowed) == len)
		       ? NULL
		       : "a secret is at least 8 of A-Z, a-z, 0-9, \"-\", \".\", \"_\" and \"~\"";
}

static const char *check_log_format(const char *value, char *buffer, size_t size)
{
	(void)buffer;
	(void)size;
	return strcmp(value, "common") && strcmp(value, "combined")
		       ? "a format is common or combined"
		       : NULL;
}

#define BYTES(least_, most_)                                                                       \
	.kind = KM_OPTION_NUMBER, .subject = "a size in bytes", .least = (least_), .most = (most_)
#define SECONDS .kind = KM_OPTION_NUMBER, .subject = "a time in seconds", .least = 1, .most = 86400

const km_option_rule km_option_rules[] = {
	{.name = "HOST",
	 .value = "127.0.0.1",
	 .check = check_not_empty,
	 .help = "where to listen: a name, an address, unix:PATH or fd://N"},
	{.name = "PORT",
	 .value = "5000",
	 .kind = KM_OPTION_NUMBER,
	 .subject = "a port",
	 .least = 0,
	 .most = 65535,
	 .help = "port of a name or an address; 0: any free port"},
	{.name = "WORKERS",
	 .value = "1",
	 .kind = KM_OPTION_NUMBER,
	 .subject = "a count",
	 .least = 0,
	 .most = 512,
	 .help = "worker processes; 0: serve in this process, without a master"},
	{.name = "THREADS",
	 .value = "0",
	 .kind = KM_OPTION_NUMBER,
	 .subject = "a count",
	 .least = 0,
	 .most = 512,
	 .help = "threads of a worker that run handlers; 0: the event loop runs them"},
	{.name = "TIMEOUT",
	 .value = "30",
	 .kind = KM_OPTION_NUMBER,
	 .subject = "a time in seconds",
	 .least = 0,
	 .most = 86400,
	 .help = "seconds a handler may run before its worker is replaced; 0: no limit"},
	{.name = "MAX_REQUESTS",
	 .value = "0",
	 .kind = KM_OPTION_NUMBER,
	 .subject = "a count",
	 .least = 0,
	 .most = 1000000000,
	 .help = "requests after which a worker is replaced; 0: never"},
	{.name = "MAX_REQUESTS_JITTER",
	 .value = "0",
	 .kind = KM_OPTION_NUMBER,
	 .subject = "a count",
	 .least = 0,
	 .most = 1000000000,
	 .help = "up to this many requests are added to MAX_REQUESTS, at random"},
	{.name = "RELOAD",
	 .value = "0",
	 .kind = KM_OPTION_SWITCH,
	 .help = "restart when the program is rebuilt"},
	{.name = "ON_EVENT",
	 .value = "",
	 .help = "shell command that runs when a worker is lost, with the facts as JSON"},
	{.name = "PROFILE",
	 .value = "0",
	 .kind = KM_OPTION_SWITCH,
	 .alias = "PROFILE",
	 .help = "profile every request"},
	{.name = "PROFILE_SORT",
	 .value = "time,calls",
	 .check = check_sort,
	 .help = "order of the table: sort keys as in pstats"},
	{.name = "PROFILE_RESTRICTIONS",
	 .value = "",
	 .check = check_restrictions,
	 .help = "rows of the table: counts, fractions, regular expressions"},
	{.name = "PROFILE_DIR",
	 .value = "",
	 .help = "folder for a .prof of each request; empty: a private one, removed at the end"},
	{.name = "PROFILE_FILENAME",
	 .value = KM_PROFILER_FILENAME_FORMAT,
	 .check = check_filename,
	 .help = "format of the name of a .prof"},
	{.name = "PROFILE_KEEP",
	 .value = "20",
	 .kind = KM_OPTION_NUMBER,
	 .subject = "a count",
	 .least = 0,
	 .most = 100000,
	 .help = "how many slowest, failed and latest profiles of a route to keep; 0: all"},
	{.name = "PROFILE_SECRET",
	 .value = "",
	 .check = check_secret,
	 .help = "lets other machines open /__profile__/; empty: none may"},
	{.name = "PROFILE_STREAM",
	 .value = "stdout",
	 .check = check_stream,
	 .help = "where to print tables: off, stdout, stderr or a file"},
	{.name = "PROFILE_MEMORY",
	 .value = "256",
	 .kind = KM_OPTION_NUMBER,
	 .subject = "a size in MiB",
	 .least = 1,
	 .most = 1536,
	 .help = "most MiB for the recording of one request"},
	{.name = "ACCESS_LOG",
	 .value = "off",
	 .check = check_stream,
	 .help = "where to log a line for each request: off, stdout, stderr or a file"},
	{.name = "ACCESS_LOG_FORMAT",
	 .value = "combined",
	 .check = check_log_format,
	 .help = "common, or combined: with referer and user agent"},
	{.name = "MAX_BODY",
	 .value = "1048576",
	 BYTES(0, (int64_t)1 << 40),
	 .help = "most bytes of a request's body; more: 413"},
	{.name = "BODY_MEMORY",
	 .value = "65536",
	 BYTES(0, 1 << 30),
	 .help = "most bytes of a body in memory; more: a temporary file in TMPDIR"},
	{.name = "MAX_REQUEST_LINE",
	 .value = "8192",
	 BYTES(64, 1 << 20),
	 .help = "most bytes of a request line; more: 414"},
	{.name = "MAX_HEADERS",
	 .value = "16384",
	 BYTES(64, 1 << 20),
	 .help = "most bytes of a request's headers; more: 431"},
	{.name = "MAX_HEADER_COUNT",
	 .value = "100",
	 .kind = KM_OPTION_NUMBER,
	 .subject = "a count",
	 .least = 1,
	 .most = 1000,
	 .help = "most headers of a request; more: 431"},
	{.name = "MAX_OUTPUT",
	 .value = "65536",
	 BYTES(1, 1 << 30),
	 .help = "most bytes of pipelined responses to collect for one write"},
	{.name = "MAX_CONNECTIONS",
	 .value = "0",
	 .kind = KM_OPTION_NUMBER,
	 .subject = "a count",
	 .least = 0,
	 .most = 1 << 20,
	 .help = "most connections at once; 0: as many as open files allow"},
	{.name = "HEADER_TIMEOUT",
	 .value = "10",
	 SECONDS,
	 .help = "seconds to receive a request's headers; more: 408"},
	{.name = "BODY_TIMEOUT",
	 .value = "30",
	 SECONDS,
	 .help = "seconds to receive a request's body; more: 408"},
	{.name = "IDLE_TIMEOUT",
	 .value = "60",
	 SECONDS,
	 .help = "seconds a connection may wait for its next request"},
	{.name = "WRITE_TIMEOUT",
	 .value = "30",
	 SECONDS,
	 .help = "seconds a response may wait for a slow client"},
	{.name = "GRACEFUL_TIMEOUT",
	 .value = "30",
	 SECONDS,
	 .help = "seconds to finish responses when the server stops"},
};

const size_t km_option_rule_count = sizeof km_option_rules / sizeof km_option_rules[0];
