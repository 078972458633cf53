#include "framework/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "framework/base/clock.h"

void km_log(const char *format, ...)
{
	char message[2048], line[4 * sizeof message + 16];
	size_t used = (size_t)snprintf(line, sizeof line, "komori: ");
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	for (const char *s = message; *s; s++) {
		unsigned char byte = (unsigned char)*s;
		if (byte < 0x20 || byte == 0x7f)
			used += (size_t)snprintf(line + used, sizeof line - used, "\\x%02x", byte);
		else
			line[used++] = *s;
	}
	line[used++] = '\n';
	ssize_t written = write(STDERR_FILENO, line, used);
	(void)written; /* no place to report a failure */
}

bool km_log_is_due(int64_t *last)
{
	int64_t now = km_clock_monotonic_ns();

	if (*last && now - *last < KM_SECOND_NS)
		return false;
	*last = now;
	return true;
}
