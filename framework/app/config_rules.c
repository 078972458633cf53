/* The framework's options: defaults, allowed values, and the lines of --help. */
#include "framework/app/config.h"

#include <komori/profiler_middleware.h>

static const char *check_not_empty(const char *value)
{
	return *value ? NULL : "a host is a name, an address, unix:PATH or fd://N";
}

static const char *check_sort(const char *value)
{
	return km_profile_check_sort(value) ? km_profile_error() : NULL;
}

static const char *check_restrictions(const char *value)
{
	return km_profile_check_restrictions(value) ? km_profile_error() : NULL;
}

static const char *check_filename(const char *value)
{
	static __thread char error[256];

	return km_profiler_check_filename(value, error, sizeof error) ? error : NULL;
}

static const char *check_stream(const char *value)
{
	return *value ? NULL : "a stream is off, stdout, stderr or the path of a file";
}

/* Characters that need no escape in a query, a cookie or a header. */
static const char *check_secret(const char *value)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	size_t len = strlen(value);

	return len == 0 || (len >= 8 && strspn(value, allowed) == len)
		       ? NULL
		       : "a secret is at least 8 of A-Z, a-z, 0-9, \"-\", \".\", \"_\" and \"~\"";
}

static const char *check_log_format(const char *value)
{
	return strcmp(value, "common") && strcmp(value, "combined")
		       ? "a format is common or combined"
		       : NULL;
}

#define TEXT(name_, value_, check_, help_)                                                         \
	{                                                                                          \
		.name = (name_), .value = (value_), .check = (check_), .help = (help_)             \
	}
#define SWITCH(name_, alias_, help_)                                                               \
	{                                                                                          \
		.name = (name_), .value = "0", .kind = KM_OPTION_SWITCH, .alias = (alias_),        \
		.help = (help_)                                                                    \
	}
#define NUMBER(name_, value_, subject_, least_, most_, help_)                                      \
	{                                                                                          \
		.name = (name_), .value = (value_), .kind = KM_OPTION_NUMBER,                      \
		.subject = (subject_), .least = (least_), .most = (most_), .help = (help_)         \
	}
#define COUNT(name, value, least, most, help) NUMBER(name, value, "a count", least, most, help)
#define BYTES(name, value, least, most, help)                                                      \
	NUMBER(name, value, "a size in bytes", least, most, help)
#define SECONDS(name, value, least, help)                                                          \
	NUMBER(name, value, "a time in seconds", least, 86400, help)

const km_option_rule km_option_rules[] = {
	TEXT("HOST", "127.0.0.1", check_not_empty,
	     "where to listen: a name, an address, unix:PATH or fd://N"),
	NUMBER("PORT", "5000", "a port", 0, 65535,
	       "port of a name or an address; 0: any free port"),
	COUNT("WORKERS", "1", 0, 512,
	      "worker processes; 0: serve in this process, without a master"),
	COUNT("THREADS", "0", 0, 512,
	      "threads of a worker that run handlers; 0: the event loop runs them"),
	SECONDS("TIMEOUT", "30", 0,
		"seconds a handler may run before its worker is replaced; 0: no limit"),
	COUNT("MAX_REQUESTS", "0", 0, 1000000000,
	      "requests after which a worker is replaced; 0: never"),
	COUNT("MAX_REQUESTS_JITTER", "0", 0, 1000000000,
	      "up to this many requests are added to MAX_REQUESTS, at random"),
	SWITCH("RELOAD", NULL, "restart when the program is rebuilt"),
	TEXT("ON_EVENT", "", NULL, "shell command that gets the facts of a lost worker as JSON"),
	SWITCH("PROFILE", "PROFILE", "profile every request"),
	TEXT("PROFILE_SORT", "time,calls", check_sort,
	     "order of the table: sort keys as in pstats"),
	TEXT("PROFILE_RESTRICTIONS", "", check_restrictions,
	     "rows of the table: counts, fractions, regular expressions"),
	TEXT("PROFILE_DIR", "", NULL,
	     "folder for the .prof of each request; empty: a private folder"),
	TEXT("PROFILE_FILENAME", KM_PROFILER_FILENAME_FORMAT, check_filename,
	     "format of the name of a .prof"),
	COUNT("PROFILE_KEEP", "20", 0, 100000,
	      "how many slowest, failed and latest profiles of a route to keep; 0: all"),
	TEXT("PROFILE_SECRET", "", check_secret,
	     "lets other machines open /__profile__/; empty: none may"),
	TEXT("PROFILE_STREAM", "stdout", check_stream,
	     "where to print tables: off, stdout, stderr or a file"),
	NUMBER("PROFILE_MEMORY", "256", "a size in MiB", 1, 1536,
	       "most MiB for the recording of one request"),
	TEXT("ACCESS_LOG", "off", check_stream,
	     "where to log a line for each request: off, stdout, stderr or a file"),
	TEXT("ACCESS_LOG_FORMAT", "combined", check_log_format,
	     "common, or combined: with referer and user agent"),
	BYTES("MAX_BODY", "1048576", 0, (int64_t)1 << 40,
	      "most bytes of a request's body; more: 413"),
	BYTES("BODY_MEMORY", "65536", 0, 1 << 30,
	      "most bytes of a body in memory; more: a temporary file in TMPDIR"),
	BYTES("MAX_REQUEST_LINE", "8192", 64, 1 << 20, "most bytes of a request line; more: 414"),
	BYTES("MAX_HEADERS", "16384", 64, 1 << 20, "most bytes of a request's headers; more: 431"),
	COUNT("MAX_HEADER_COUNT", "100", 1, 1000, "most headers of a request; more: 431"),
	BYTES("MAX_OUTPUT", "65536", 1, 1 << 30,
	      "most bytes of pipelined responses to collect for one write"),
	COUNT("MAX_CONNECTIONS", "0", 0, 1 << 20,
	      "most connections at once; 0: as many as open files allow"),
	SECONDS("HEADER_TIMEOUT", "10", 1, "seconds to receive a request's headers; more: 408"),
	SECONDS("BODY_TIMEOUT", "30", 1, "seconds to receive a request's body; more: 408"),
	SECONDS("IDLE_TIMEOUT", "60", 1, "seconds a connection may wait for its next request"),
	SECONDS("WRITE_TIMEOUT", "30", 1, "seconds a response may wait for a slow client"),
	SECONDS("GRACEFUL_TIMEOUT", "30", 1, "seconds to finish responses when the server stops"),
};

const size_t km_option_rule_count = sizeof km_option_rules / sizeof km_option_rules[0];
