/* komori export: writes a profile in the format of another tool. */
#include "apps/komori/profile_file.h"
#include "apps/komori/terminal.h"
#include "framework/base/atomic_file.h"
#include "profiler/export/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TO, OUTPUT };

static const km_flag options[] = {
	[TO] = {"to", "FORMAT", "write this format, one of those below"},
	[OUTPUT] = {"output", "OUT", "write the file OUT, not standard output; also -o OUT", 'o'},
	{0},
};

typedef struct request {
	const char *file, *output;
	const km_export_format *format;
} request;

static int take(void *context, int option, const char *value)
{
	request *wanted = context;

	if (option == OUTPUT)
		wanted->output = value;
	else
		wanted->format = km_export_format_find(value);
	if (wanted->format || option == OUTPUT)
		return DONE;
	return complain(&export_command, "unknown format \"%.40s\"; --help lists the formats",
			value);
}

static void print_notes(const request *wanted, const km_export_notes *notes)
{
	if (notes->from_rows)
		complain(&export_command,
			 "%s has no call tree, only pairs: each path is a caller and a callee",
			 wanted->file);
	if (notes->cut_stacks)
		complain(&export_command, "left out frames in the middle of %u very deep stacks",
			 notes->cut_stacks);
}

/* Returns 0, KM_EIO with errno, or KM_ENOMEM. */
static int write_to(const request *wanted, const km_prof *prof, int fd)
{
	km_export_notes notes;

	progress_begin("writing", wanted->output ? wanted->output : wanted->format->name);
	int result = km_export_write(wanted->format, prof, fd, &notes);
	int error = errno;
	progress_end();
	if (!result)
		print_notes(wanted, &notes);
	errno = error;
	return result;
}

static int write_whole(const request *wanted, const km_prof *prof)
{
	km_atomic_file file;
	int result = km_atomic_file_open(&file, wanted->output, 0666);

	if (result)
		return result;
	result = write_to(wanted, prof, file.fd);
	if (!result)
		return km_atomic_file_commit(&file, wanted->output, true);
	km_atomic_file_abandon(&file);
	return result;
}

/* Writes to a device, a pipe or a link, which must not be replaced. */
static int write_into(const request *wanted, const km_prof *prof)
{
	int fd = open(wanted->output, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0)
		return KM_EIO;
	int result = write_to(wanted, prof, fd);
	if (close(fd) && !result)
		result = KM_EIO;
	return result;
}

/* Compares inodes, because a link or another path may name the input. */
static bool is_own_input(const request *wanted)
{
	struct stat in, out;

	return wanted->output && !stat(wanted->file, &in) && !stat(wanted->output, &out) &&
	       S_ISREG(in.st_mode) && in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

static int write_output(const request *wanted, const km_prof *prof)
{
	struct stat file;

	if (!wanted->output)
		return write_to(wanted, prof, STDOUT_FILENO);
	if (lstat(wanted->output, &file) || S_ISREG(file.st_mode))
		return write_whole(wanted, prof);
	return write_into(wanted, prof);
}

static int export(const request *wanted, const km_prof *prof)
{
	const char *where = wanted->output ? wanted->output : "standard output";
	int result = write_output(wanted, prof);

	if (result == KM_ENOMEM)
		return complain_of_memory(&export_command);
	if (result && errno != EPIPE)
		return complain(&export_command, "%s: %s", where, strerror(errno));
	return result ? FAILED : DONE;
}

static void print_formats(void)
{
	printf("\n");
	for (const km_export_format *format = km_export_formats; format->name; format++)
		printf("  %-10s %s\n", format->name, format->help);
}

static int check(const request *wanted)
{
	if (!wanted->format)
		return complain(&export_command, "missing --to FORMAT; --help lists the formats");
	if (wanted->format->binary && !wanted->output && isatty(STDOUT_FILENO))
		return complain(&export_command, "%s is not for a terminal; use -o OUT",
				wanted->format->name);
	return DONE;
}

static int run(const struct command *command, char **arguments)
{
	request wanted = {0};
	int status = read_arguments(command, arguments, take, &wanted);

	if (status != RUN)
		return status;
	wanted.file = arguments[0];
	if (check(&wanted) != DONE)
		return FAILED;
	if (is_own_input(&wanted))
		return complain(command, "%s: is the profile itself; use -o with another file",
				wanted.output);
	km_prof *prof = open_profile(command, wanted.file);
	status = prof ? export(&wanted, prof) : FAILED;
	km_prof_free(prof);
	return status;
}

const struct command export_command = {
	.name = "export",
	.operands = "FILE",
	.least_operands = 1,
	.most_operands = 1,
	.help = "write a profile in the format of another tool",
	.details = "Formats of paths come from the exact call tree. A profile of Python has none: "
		   "there,\n"
		   "each path is a caller and a callee. The formats:",
	.print_more = print_formats,
	.options = options,
	.run = run,
};
