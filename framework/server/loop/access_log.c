#include "framework/server/loop/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"

static int open_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
}

int km_access_log_open(km_access_log *log, const char *where, const char *format)
{
	*log = (km_access_log){.combined = format && strcmp(format, "combined") == 0,
			       .where = where};
	if (strcmp(where, "off") == 0)
		return 0;
	if (strcmp(where, "stdout") == 0)
		log->fd = STDOUT_FILENO;
	else if (strcmp(where, "stderr") == 0)
		log->fd = STDERR_FILENO;
	else
		log->fd = open_file(where);
	log->on = log->fd >= 0;
	return log->on ? 0 : KM_EIO;
}

static bool has_file(const km_access_log *log)
{
	return log->on && log->fd != STDOUT_FILENO && log->fd != STDERR_FILENO;
}

void km_access_log_reopen(km_access_log *log)
{
	int fd = has_file(log) ? open_file(log->where) : -1;

	if (fd >= 0) {
		close(log->fd);
		log->fd = fd;
	} else if (has_file(log)) {
		km_log("cannot reopen the access log %s: %s", log->where, strerror(errno));
	}
}

void km_access_log_close(km_access_log *log)
{
	if (has_file(log))
		close(log->fd);
	log->on = false;
	km_buffer_finish(&log->line);
}

/* The time as Apache writes it. */
static const char *time_now(km_access_log *log)
{
	struct timespec now;
	struct tm local;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (now.tv_sec == log->second || !localtime_r(&now.tv_sec, &local))
		return log->time;
	log->second = now.tv_sec;
	km_clock_format(log->time, sizeof log->time, "[%d/%b/%Y:%H:%M:%S %z]", &local);
	return log->time;
}

/* Escapes as Apache does: a peer's bytes cannot end their field, start a line or control a
 * terminal.
 */
static void append_escaped(km_buffer *line, km_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.ptr[i];
		if (byte == '"' || byte == '\\')
			km_buffer_printf(line, "\\%c", byte);
		else if (byte < 0x20 || byte >= 0x7f)
			km_buffer_printf(line, "\\x%02x", byte);
		else
			km_buffer_char(line, (char)byte);
	}
}

/* Appends a space and the text in quotes; "-" for an empty one. */
static void append_quoted(km_buffer *line, km_str text)
{
	km_buffer_text(line, " \"");
	append_escaped(line, text.len ? text : KM_STR("-"));
	km_buffer_char(line, '"');
}

static void begin(km_access_log *log, km_str remote)
{
	km_buffer_clear(&log->line);
	km_buffer_text(&log->line, remote.len ? remote.ptr : "-");
	km_buffer_text(&log->line, " - - ");
	km_buffer_text(&log->line, time_now(log));
}

static void end(km_access_log *log, int status, uint64_t bytes, km_str referer, km_str agent)
{
	if (bytes)
		km_buffer_printf(&log->line, " %d %" PRIu64, status, bytes);
	else
		km_buffer_printf(&log->line, " %d -", status);
	if (log->combined) {
		append_quoted(&log->line, referer);
		append_quoted(&log->line, agent);
	}
	km_buffer_char(&log->line, '\n');
	if (log->line.failed)
		return;
	ssize_t written = write(log->fd, log->line.data, log->line.len);
	if (written < 0 && km_log_is_due(&log->failure))
		km_log("cannot write the access log: %s", strerror(errno));
}

void km_access_log_request(km_access_log *log, km_str remote, const km_http_request *request,
			   int status, uint64_t bytes)
{
	begin(log, remote);
	km_buffer_text(&log->line, " \"");
	append_escaped(&log->line, request->method);
	km_buffer_char(&log->line, ' ');
	append_escaped(&log->line, request->target);
	km_buffer_text(&log->line, request->minor ? " HTTP/1.1\"" : " HTTP/1.0\"");
	end(log, status, bytes, km_http_request_header(request, "Referer"),
	    km_http_request_header(request, "User-Agent"));
}

void km_access_log_refused(km_access_log *log, km_str remote, km_str line, int status,
			   uint64_t bytes)
{
	begin(log, remote);
	append_quoted(&log->line, line);
	end(log, status, bytes, KM_STR(""), KM_STR(""));
}
