/* The access log: one line a request in Apache's common or combined format, one write a line. */
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

/* Opens `where`: off, stdout, stderr or the path of a file to append to; borrows it until close.
 * `format` is common or combined. Returns 0, or KM_EIO with errno set. */
int km_access_log_open(km_access_log *log, const char *where, const char *format);
/* Opens the path again, after the file was moved away; keeps the old one when that fails. */
void km_access_log_reopen(km_access_log *log);
/* Logs a request whose head was parsed. `bytes` counts the content of the response. */
void km_access_log_request(km_access_log *log, km_str remote, const km_http_request *request,
			   int status, uint64_t bytes);
/* Logs a request whose head was refused; `line` is its first line as far as it came. */
void km_access_log_refused(km_access_log *log, km_str remote, km_str line, int status,
			   uint64_t bytes);
/* Accepts zeroed ones. */
void km_access_log_close(km_access_log *log);

#endif
