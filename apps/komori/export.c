/* komori export: a profile in another tool's format. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "framework/base/atomic_file.h"
#include "apps/komori/profile_file.h"
#include "profiler/export/export.h"
#include "apps/komori/terminal.h"

enum { TO, OUTPUT };

static const struct option_rule options[] = {
	[TO] = {"to", "FORMAT", "the format, one of those below"},
	[OUTPUT] = {"output", "OUT", "write the file OUT, also -o; without it: to standard output"},
	{0},
};

typedef struct request {
	const struct command *command;
	const char *file, *output;
	const km_export_format *format;
} request;

static int add_format(request *wanted, const char *name)
{
	wanted->format = km_export_format_find(name);
	if (wanted->format)
		return DONE;
	return complain(wanted->command, "--to: there is no format \"%.40s\"; --help lists them",
			name);
}

static int add_argument(request *wanted, int found, const char *value)
{
	if (found == TO)
		return add_format(wanted, value);
	if (found == OUTPUT)
		wanted->output = value;
	else if (wanted->file)
		return complain(wanted->command, "one FILE, not two");
	else
		wanted->file = value;
	return DONE;
}

static void tell(const request *wanted, const km_export_notes *notes)
{
	if (notes->from_rows)
		complain(wanted->command,
			 "%s has no call tree, only pairs: paths are a caller and a callee, no "
			 "deeper",
			 wanted->file);
	if (notes->cut_stacks)
		complain(wanted->command,
			 "frames in the middle of %u very deep stacks are left out",
			 notes->cut_stacks);
}

/* 0, KM_EIO with errno, KM_ENOMEM. */
static int write_to(const request *wanted, const km_prof *prof, int fd)
{
	km_export_notes notes;

	progress_begin("writing", wanted->output ? wanted->output : wanted->format->name);
	int result = km_export_write(wanted->format, prof, fd, &notes);
	int error = errno;
	progress_end();
	if (!result)
		tell(wanted, &notes);
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

/* A device, a pipe or a link is written to, not replaced. */
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

/* Its name may be another one: of a link, or in another folder. */
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
		return complain(wanted->command, "out of memory");
	if (result && errno != EPIPE)
		return complain(wanted->command, "%s: %s", where, strerror(errno));
	return result ? FAILED : DONE;
}

static void print_formats(void)
{
	printf("\n");
	for (const km_export_format *format = km_export_formats; format->name; format++)
		printf("  %-10s %s\n", format->name, format->help);
}

/* As other tools have it; the table of options has long ones only. */
static void expand_short_option(char **arguments)
{
	for (; *arguments && strcmp(*arguments, "--") != 0; arguments++) {
		if (strcmp(*arguments, "-o") == 0)
			*arguments = "--output";
	}
}

static int check(const request *wanted)
{
	if (!wanted->file)
		return complain(wanted->command, "which FILE?");
	if (!wanted->format)
		return complain(wanted->command, "--to FORMAT is missing; --help lists them");
	if (wanted->format->binary && !wanted->output && isatty(STDOUT_FILENO))
		return complain(wanted->command, "%s is nothing for a terminal: -o OUT",
				wanted->format->name);
	return DONE;
}

static int run(struct arguments *args)
{
	request wanted = {.command = args->command};
	const char *value;
	int found;

	expand_short_option(args->next);
	while ((found = next_argument(args, &value)) != ARGUMENT_END) {
		if (found == ARGUMENT_EXIT) {
			if (args->status == DONE)
				print_formats();
			return args->status;
		}
		if (add_argument(&wanted, found, value) != DONE)
			return FAILED;
	}
	if (check(&wanted) != DONE)
		return FAILED;
	if (is_own_input(&wanted))
		return complain(wanted.command, "%s: is the profile itself; -o another file",
				wanted.output);
	km_prof *prof = open_profile(wanted.command, wanted.file);
	int status = prof ? export(&wanted, prof) : FAILED;
	km_prof_free(prof);
	return status;
}

const struct command export_command = {
	.name = "export",
	.operands = "FILE",
	.help = "write a profile in another tool's format",
	.details = "Formats of paths are written from the exact call tree; from a profile without "
		   "one,\n"
		   "Python's, from pairs of caller and callee. The formats:",
	.options = options,
	.run = run,
};
