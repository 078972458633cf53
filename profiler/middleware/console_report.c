#include "profiler/middleware/console_report.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/repr.h"
#include "profiler/profile/output.h"

static void append_rule(km_buffer *out)
{
	km_buffer_fill(out, '-', 80);
	km_buffer_char(out, '\n');
}

/* Says which numbers of the table are incomplete. */
static void append_bounds(km_buffer *out, const km_profile *profile)
{
	km_profile_summary summary;

	km_profile_summarise(profile, &summary);
	if (summary.other_calls)
		km_buffer_printf(
			out,
			"(other): %llu of %llu calls found no room in the call tree "
			"(PROFILE_MEMORY); their counts and times are exact, their callers "
			"are not distinguished\n",
			(unsigned long long)summary.other_calls, (unsigned long long)summary.calls);
	if (summary.lost_calls)
		km_buffer_printf(out, "%llu calls were nested too deep and are not counted\n",
				 (unsigned long long)summary.lost_calls);
}

static int append_end(km_buffer *out, km_profile *profile, const char *lost)
{
	km_buffer stack = {0};
	int count = km_profile_append_stack(profile, &stack);

	km_buffer_printf(out, "%s%s\n", lost, stack.len ? "; open then, innermost first:" : "");
	km_buffer_append(out, stack.data, stack.len);
	km_buffer_finish(&stack);
	return count < 0 ? count : 0;
}

/* Waits until `fd` is writable. A signal changes nothing of the time limit. */
static bool wait_for_room(int fd)
{
	const int64_t patience_ns = KM_SECOND_NS, ms = KM_SECOND_NS / 1000;
	int64_t end = km_clock_monotonic_ns() + patience_ns;
	struct pollfd ready = {.fd = fd, .events = POLLOUT};
	int got;

	do {
		int64_t left = end - km_clock_monotonic_ns();
		got = poll(&ready, 1, left > 0 ? (int)(left / ms) : 0);
	} while (got < 0 && errno == EINTR);
	if (got == 0)
		errno = EAGAIN;
	return got > 0;
}

/* A program that shares the terminal or pipe may have made it non-blocking. */
static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t written = write(fd, bytes, len);
		if (written >= 0) {
			bytes += written;
			len -= (size_t)written;
		} else if (errno == EAGAIN ? !wait_for_room(fd) : errno != EINTR) {
			return KM_EIO;
		}
	}
	return 0;
}

static int put(FILE *stream, const km_buffer *text)
{
	flockfile(stream);
	int failed = fflush(stream) ? KM_EIO : 0;
	int fd = fileno(stream);
	if (!failed && fd >= 0)
		failed = write_all(fd, text->data, text->len);
	else if (!failed &&
		 (fwrite(text->data, 1, text->len, stream) != text->len || fflush(stream)))
		failed = KM_EIO;
	funlockfile(stream);
	return failed;
}

int km_console_report(FILE *stream, km_profile *profile, km_str path, const char *sort_by,
		      const char *restrictions, const char *lost, char *error, size_t error_size)
{
	km_buffer text = {0};

	append_rule(&text);
	km_buffer_text(&text, "PATH: ");
	km_repr(&text, path);
	km_buffer_char(&text, '\n');
	int failed = km_profile_append_stats(profile, &text, sort_by, restrictions);
	append_rule(&text);
	km_buffer_char(&text, '\n');
	append_bounds(&text, profile);
	if (lost && !failed)
		failed = append_end(&text, profile, lost);
	if (failed)
		snprintf(error, error_size, "%s", km_profile_error());
	if (!failed && text.failed) {
		failed = KM_ENOMEM;
		snprintf(error, error_size, "out of memory");
	}
	if (!failed && (failed = put(stream, &text)))
		snprintf(error, error_size, "%s", strerror(errno));
	km_buffer_finish(&text);
	return failed;
}
