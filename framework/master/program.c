#include "framework/master/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/log.h"
#include "framework/master/child.h"
#include "framework/master/worker_exit.h"

/* "PID;check", or "PID;WORKERS;SOCKETS", last what may hold any byte. */
#define HANDOVER "_KOMORI_HANDOVER"

enum { CHECK_SECONDS = 20 };

/* --- handing over --- */

void km_handover_take(km_handover *handover)
{
	const char *text = getenv(HANDOVER);
	char *end = NULL;

	*handover = (km_handover){0};
	if (text && strtol(text, &end, 10) == getpid() && *end == ';') {
		const char *workers = end + 1, *sockets = strchr(workers, ';');
		handover->given = true;
		handover->check = !sockets;
		if (sockets) {
			handover->workers = strndup(workers, (size_t)(sockets - workers));
			handover->sockets = strdup(sockets + 1);
		}
	}
	unsetenv(HANDOVER);
}

void km_handover_finish(km_handover *handover)
{
	free(handover->sockets);
	free(handover->workers);
	*handover = (km_handover){0};
}

static int put_handover(const km_handover *handover)
{
	km_buffer text = {0};

	km_buffer_printf(&text, "%ld;", (long)getpid());
	if (handover->check)
		km_buffer_text(&text, "check");
	else
		km_buffer_printf(&text, "%s;%s", handover->workers, handover->sockets);
	int failed = text.failed || setenv(HANDOVER, text.data, 1) ? KM_ENOMEM : 0;
	km_buffer_finish(&text);
	return failed;
}

/* --- the program --- */

/* Each ends with a NUL byte. Returns an array in one piece with its strings. */
static char **split_arguments(const char *text, size_t len)
{
	size_t count = 0, at = 0;

	for (size_t i = 0; i < len; i++)
		count += text[i] == '\0';
	char **arguments = malloc((count + 1) * sizeof *arguments + len);
	if (!arguments)
		return NULL;
	char *strings = memcpy(arguments + count + 1, text, len);
	for (size_t i = 0; i < count; i++) {
		arguments[i] = strings + at;
		at += strlen(strings + at) + 1;
	}
	arguments[count] = NULL;
	return arguments;
}

/* The kernel's copy: what km_main is handed may lack some, or have them in another order. */
static char **read_arguments(void)
{
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	km_buffer text = {0};
	char **arguments = NULL, *room;
	ssize_t count = -1;

	while (fd >= 0 && (room = km_buffer_reserve(&text, 4096)) &&
	       (count = read(fd, room, 4096)) > 0)
		text.len += (size_t)count;
	if (fd >= 0)
		close(fd);
	if (count == 0 && text.len > 0 && text.data[text.len - 1] == '\0')
		arguments = split_arguments(text.data, text.len);
	km_buffer_finish(&text);
	return arguments;
}

int km_program_init(km_program *program, const char *name)
{
	const char *file = (const char *)(uintptr_t)getauxval(AT_EXECFN);

	*program = (km_program){
		.name = name,
		.arguments = read_arguments(),
		.folder = getcwd(NULL, 0),
	};
	if (!file || !program->folder || !program->arguments)
		return KM_EIO;
	if (*file == '/')
		program->path = strdup(file);
	else if (asprintf(&program->path, "%s/%s", program->folder, file) < 0)
		program->path = NULL;
	if (program->path && access(program->path, X_OK)) { /* it has changed its folder */
		free(program->path);
		program->path = realpath("/proc/self/exe", NULL);
	}
	return program->path ? 0 : KM_ENOMEM;
}

void km_program_finish(km_program *program)
{
	free(program->path);
	free(program->arguments);
	free(program->folder);
	*program = (km_program){0};
}

void km_program_replace(const km_program *program, const km_handover *handover)
{
	if (put_handover(handover) == 0) {
		if (chdir(program->folder) == 0)
			execv(program->path, program->arguments);
		int saved = errno;
		unsetenv(HANDOVER);
		errno = saved;
	}
}

/* --- whether it starts --- */

int km_program_check_start(km_program_check *check, const km_program *program)
{
	const km_handover handover = {.given = true, .check = true};

	fflush(NULL);
	check->end_ns = km_clock_monotonic_ns() + CHECK_SECONDS * KM_SECOND_NS;
	check->pid = fork();
	if (check->pid == 0) {
		sigset_t none;
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		km_program_replace(program, &handover);
		km_log("cannot run %s: %s", program->path, strerror(errno));
		_exit(127);
	}
	if (check->pid > 0)
		return 0;
	km_log("cannot try %s: %s", program->name, strerror(errno));
	check->pid = 0;
	return KM_EIO;
}

km_program_fitness km_program_check_tend(km_program_check *check, const km_program *program)
{
	km_worker_exit loss = {0};
	char end[64];

	if (!km_child_ended(NULL, check->pid, &loss.status)) {
		if (km_clock_monotonic_ns() < check->end_ns)
			return KM_PROGRAM_CHECKING;
		km_log("%s did not start within %d s", program->name, CHECK_SECONDS);
		km_program_check_stop(check);
		return KM_PROGRAM_FAILS;
	}
	check->pid = 0;
	if (loss.status == 0)
		return KM_PROGRAM_STARTS;
	km_log("%s does not start: %s", program->name,
	       km_worker_exit_describe(&loss, end, sizeof end));
	return KM_PROGRAM_FAILS;
}

void km_program_check_stop(km_program_check *check)
{
	if (!check->pid)
		return;
	kill(check->pid, SIGKILL);
	while (waitpid(check->pid, NULL, 0) < 0 && errno == EINTR)
		;
	check->pid = 0;
}
