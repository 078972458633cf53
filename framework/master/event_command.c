#include "framework/master/event_command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"

enum { LOOK_US = 10000 };

/* The pipe has room for the facts, so that a command which does not read delays nothing. */
static void feed(int fd, km_str json)
{
	ssize_t written = write(fd, json.ptr, json.len);

	if (written == (ssize_t)json.len)
		written = write(fd, "\n", 1);
	if (written < 0 && errno != EPIPE)
		km_log("ON_EVENT: cannot write to the command: %s", strerror(errno));
}

static pid_t start(const char *command, int input)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	setpgid(0, 0); /* so that its children can be killed too */
	if (dup2(input, STDIN_FILENO) == STDIN_FILENO)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static void wait_for_end(pid_t pid, const char *command, int seconds)
{
	int64_t end = km_clock_monotonic_ns() + seconds * KM_SECOND_NS;
	int status = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (km_clock_monotonic_ns() > end) {
			km_log("ON_EVENT: %s took longer than %d s and is killed", command,
			       seconds);
			kill(-pid, SIGKILL);
			waitpid(pid, &status, 0);
			return;
		}
		usleep(LOOK_US);
	}
	if (WIFSIGNALED(status))
		km_log("ON_EVENT: %s was killed by signal %d", command, WTERMSIG(status));
	else if (WEXITSTATUS(status))
		km_log("ON_EVENT: %s exited with status %d", command, WEXITSTATUS(status));
}

void km_event_command_run(const char *command, km_str json, int seconds)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC)) {
		km_log("ON_EVENT: %s", strerror(errno));
		return;
	}
	pid_t pid = start(command, ends[0]);
	close(ends[0]);
	if (pid > 0)
		feed(ends[1], json);
	else
		km_log("ON_EVENT: cannot start a process: %s", strerror(errno));
	close(ends[1]);
	if (pid > 0)
		wait_for_end(pid, command, seconds);
}
