#include "apps/komori/terminal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static char line[256]; /* for the signal handler; a longer path is cut */
static volatile sig_atomic_t shown;

bool terminal_has_colour(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0) &&
	       isatty(fileno(stream));
}

static void show(int signal)
{
	(void)signal;
	if (write(STDERR_FILENO, line, strlen(line)) > 0)
		shown = 1;
}

void progress_begin(const char *what, const char *path)
{
	struct sigaction action = {.sa_handler = show, .sa_flags = SA_RESTART};
	struct itimerval second = {.it_value.tv_sec = 1};

	if (!isatty(STDERR_FILENO))
		return;
	snprintf(line, sizeof line, "%s %s ...", what, path);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &second, NULL);
}

void progress_end(void)
{
	static const char clear[] = "\r\33[K";
	struct itimerval never = {0};

	setitimer(ITIMER_REAL, &never, NULL);
	if (shown && write(STDERR_FILENO, clear, sizeof clear - 1) > 0)
		shown = 0;
}
