#include "apps/komori/profile_file.h"

#include <signal.h>
#include <unistd.h>

#include "apps/komori/terminal.h"

/* Handles SIGBUS: the file is mapped, and was cut while it was read. */
static void file_shrank(int signal)
{
	static const char text[] = "komori: the file shrank while it was read\n";

	(void)signal;
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(FAILED);
	_exit(FAILED);
}

/* Other tools read standard input for "-". */
static const char *advice(const char *path)
{
	return strcmp(path, "-") == 0 ? "; use /dev/stdin for standard input" : "";
}

km_prof *open_profile(const struct command *command, const char *path)
{
	char error[256];
	km_prof *prof;

	signal(SIGBUS, file_shrank);
	progress_begin("reading", path);
	int result = km_prof_read(&prof, path, error, sizeof error);
	progress_end();
	signal(SIGBUS, SIG_DFL);
	if (result)
		complain(command, "%s: %s%s", path, error, advice(path));
	return prof;
}
