/* The access log: one line a request in the common or combined format of Apache, one write a line.
 */
#ifndef KM_SERVER_LOOP_ACCESS_LOG_H
#define KM_SERVER_LOOP_ACCESS_LOG_H

#include <time.h>

#include "framework/base/buffer.h"
#include "framework/http/request.h"

typedef struct km_access_log {
	bool on;
	const char *where; /* borrowed */
	bool combined;	   /* with Referer and User-Agent */
	int fd;		   /* STDOUT_FILENO, STDERR_FILENO, or a file of the log's own */
	time_t second;	   /* that `time` was made for */
	char time[40];	   /* "[22/Nov/2026:16:50:06 +0000]" */
	km_buffer line;
	int64_t failure; /* for km_log_is_due */
} km_access_log;

/* `where` is off, stdout, stderr or a path, which is appended to; `format` is common or combined.
 * `where` is borrowed until close. Returns 0, or KM_EIO with errno set. */
int km_access_log_open(km_access_log *log, const char *where, const char *format);
/* Opens the path again, for a file that was moved away; the old one is kept when that fails. */
void km_access_log_reopen(km_access_log *log);
/* A request that the application answered. `bytes` is what it sent as content. */
void km_access_log_request(km_access_log *log, km_str remote, const km_http_request *request,
			   int status, uint64_t bytes);
/* One that was refused before it was understood; `line` is its first line as far as it came. */
void km_access_log_refused(km_access_log *log, km_str remote, km_str line, int status,
			   uint64_t bytes);
/* Accepts zeroed ones. */
void km_access_log_close(km_access_log *log);

#endif
