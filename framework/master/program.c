#include "framework/master/program.h"

#include <argz.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

/* Each is "PID;TEXT" with the master's process id. */
#define SOCKETS	 "_KOMORI_SOCKETS"
#define PROFILES "_KOMORI_PROFILES"

/* --- handing over --- */

static char *take_variable(const char *name)
{
	const char *text = getenv(name);
	char *end = NULL, *taken = NULL;

	if (text && strtol(text, &end, 10) == getppid() && *end == ';')
		taken = strdup(end + 1);
	unsetenv(name);
	return taken;
}

void km_handover_take(km_handover *handover)
{
	*handover = (km_handover){
		.sockets = take_variable(SOCKETS),
		.profiles = take_variable(PROFILES),
	};
	handover->given = handover->sockets != NULL;
}

void km_handover_finish(km_handover *handover)
{
	free(handover->sockets);
	free(handover->profiles);
	*handover = (km_handover){0};
}

static int put_variable(const char *name, const char *text)
{
	km_buffer value = {0};

	if (!text)
		return 0;
	km_buffer_printf(&value, "%ld;%s", (long)getppid(), text);
	int failed = value.failed || setenv(name, value.data, 1) ? KM_ENOMEM : 0;
	km_buffer_finish(&value);
	return failed;
}

/* --- the program --- */

/* Reads the kernel's copy: km_main may have got some only, or in another order. */
static int read_arguments(km_program *program)
{
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	km_buffer *text = &program->text;
	ssize_t count = -1;
	char *room;

	while (fd >= 0 && (room = km_buffer_reserve(text, 4096)) &&
	       (count = read(fd, room, 4096)) > 0)
		text->len += (size_t)count;
	if (fd >= 0)
		close(fd);
	if (count != 0 || text->len == 0 || text->data[text->len - 1] != '\0')
		return KM_EIO;
	program->arguments =
		calloc(argz_count(text->data, text->len) + 1, sizeof *program->arguments);
	if (!program->arguments)
		return KM_ENOMEM;
	argz_extract(text->data, text->len, program->arguments);
	return 0;
}

int km_program_init(km_program *program, const char *name)
{
	const char *file = (const char *)(uintptr_t)getauxval(AT_EXECFN);

	*program = (km_program){.name = name, .folder = getcwd(NULL, 0)};
	if (!file || !program->folder || read_arguments(program))
		return KM_EIO;
	if (*file == '/')
		program->path = strdup(file);
	else if (asprintf(&program->path, "%s/%s", program->folder, file) < 0)
		program->path = NULL;
	if (program->path && access(program->path, X_OK)) { /* main changed the folder */
		free(program->path);
		program->path = realpath("/proc/self/exe", NULL);
	}
	return program->path ? 0 : KM_ENOMEM;
}

void km_program_finish(km_program *program)
{
	free(program->path);
	free(program->arguments);
	km_buffer_finish(&program->text);
	free(program->folder);
	*program = (km_program){0};
}

void km_program_run(const km_program *program, const km_handover *handover)
{
	if (put_variable(SOCKETS, handover->sockets) == 0 &&
	    put_variable(PROFILES, handover->profiles) == 0 && chdir(program->folder) == 0)
		execv(program->path, program->arguments);
}
