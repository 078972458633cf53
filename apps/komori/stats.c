/* komori stats: what pstats prints for profiles. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "apps/komori/browser.h"
#include "apps/komori/profile_file.h"
#include "profiler/report/pstats_text.h"
#include "apps/komori/terminal.h"

enum { SORT, LIMIT, CALLERS, CALLEES, STRIP_DIRS, REVERSE };

static const struct option_rule options[] = {
	[SORT] = {"sort", "KEY,...", "order of the rows: time, cumtime, ncalls, name, ..."},
	[LIMIT] = {"limit", "N|F|REGEX",
		   "show N rows, the fraction F of them, or those that match"},
	[CALLERS] = {"callers", NULL, "show who called each function"},
	[CALLEES] = {"callees", NULL, "show what each function called"},
	[STRIP_DIRS] = {"strip-dirs", NULL, "show files without their folders"},
	[REVERSE] = {"reverse", NULL, "turn the order round"},
	{0},
};

typedef struct request {
	const struct command *command;
	const char **files;
	size_t file_count;
	km_buffer sort; /* keys joined by "," */
	km_restrictions *limits;
	bool callers, callees, strip_dirs, reverse;
	bool plain; /* no option at all */
} request;

static int out_of_memory(const request *wanted)
{
	return complain(wanted->command, "out of memory");
}

static int add_sort(request *wanted, const char *keys)
{
	char error[256];

	if (!*keys)
		return complain(wanted->command, "--sort needs a key");
	if (km_stats_check_sort(keys, error, sizeof error))
		return complain(wanted->command, "--sort: %s", error);
	if (wanted->sort.len)
		km_buffer_char(&wanted->sort, ',');
	km_buffer_text(&wanted->sort, keys);
	return wanted->sort.failed ? out_of_memory(wanted) : DONE;
}

/* pstats itself lets one pass that is without effect. */
static int add_limit(request *wanted, const char *limit)
{
	char error[256];

	if (km_restrictions_append(wanted->limits, limit))
		return out_of_memory(wanted);
	if (km_restrictions_fault(wanted->limits, error, sizeof error))
		return complain(wanted->command, "--limit: %s", error);
	return DONE;
}

static int add_option(request *wanted, int option, const char *value)
{
	wanted->plain = false;
	switch (option) {
	case SORT:
		return add_sort(wanted, value);
	case LIMIT:
		return add_limit(wanted, value);
	case CALLERS:
		wanted->callers = true;
		break;
	case CALLEES:
		wanted->callees = true;
		break;
	case STRIP_DIRS:
		wanted->strip_dirs = true;
		break;
	case REVERSE:
		wanted->reverse = true;
		break;
	}
	return DONE;
}

static size_t count_arguments(char **next)
{
	size_t count = 0;

	while (next[count])
		count++;
	return count;
}

/* ARGUMENT_END when all is understood, else ARGUMENT_EXIT with args->status. */
static int read_arguments(request *wanted, struct arguments *args)
{
	const char *value;
	int found;

	wanted->files = malloc((count_arguments(args->next) + 1) * sizeof *wanted->files);
	if (!wanted->files || km_restrictions_new(&wanted->limits, NULL)) {
		args->status = out_of_memory(wanted);
		return ARGUMENT_EXIT;
	}
	while ((found = next_argument(args, &value)) != ARGUMENT_END) {
		if (found == ARGUMENT_EXIT)
			return found;
		if (found == ARGUMENT_OPERAND)
			wanted->files[wanted->file_count++] = value;
		else if ((args->status = add_option(wanted, found, value)) != DONE)
			return ARGUMENT_EXIT;
	}
	if (wanted->file_count == 0)
		args->status = complain(wanted->command, "which FILE?");
	else if (wanted->callers && wanted->callees)
		args->status = complain(wanted->command, "--callers or --callees, not both");
	return args->status == DONE ? ARGUMENT_END : ARGUMENT_EXIT;
}

/* The first file with the others added, last one first as pstats does. */
static km_prof *read_files(const request *wanted)
{
	km_prof *sum = open_profile(wanted->command, wanted->files[0]);

	for (size_t i = wanted->file_count; sum && --i > 0;) {
		km_prof *more = open_profile(wanted->command, wanted->files[i]);
		bool added = more && km_stats_add(sum->stats, more->stats) == 0;
		if (more && !added)
			out_of_memory(wanted);
		km_prof_free(more);
		if (!added) {
			km_prof_free(sum);
			sum = NULL;
		}
	}
	return sum;
}

static int print(const request *wanted, km_stats *stats)
{
	km_pstats_listing listing = wanted->callers   ? KM_PSTATS_CALLERS
				    : wanted->callees ? KM_PSTATS_CALLEES
						      : KM_PSTATS_STATS;

	if ((wanted->strip_dirs && km_stats_strip_dirs(stats)) ||
	    km_stats_sort(stats, wanted->sort.data, NULL, 0))
		return out_of_memory(wanted);
	if (wanted->reverse)
		km_stats_reverse(stats);
	int result = km_pstats_write(stdout, listing, stats, wanted->limits,
				     terminal_has_colour(stdout));
	return result == KM_ENOMEM ? out_of_memory(wanted) : DONE; /* main looks at the stream */
}

static int run(struct arguments *args)
{
	request wanted = {.command = args->command, .plain = true};

	if (read_arguments(&wanted, args) == ARGUMENT_END) {
		km_prof *prof = read_files(&wanted);
		if (!prof)
			args->status = FAILED;
		else if (wanted.plain && wanted.file_count == 1 && isatty(STDIN_FILENO) &&
			 isatty(STDOUT_FILENO))
			args->status = browse(args->command, prof, wanted.files[0]);
		else
			args->status = print(&wanted, prof->stats);
		km_prof_free(prof);
	}
	free(wanted.files);
	km_buffer_finish(&wanted.sort);
	km_restrictions_free(wanted.limits);
	return args->status;
}

const struct command stats_command = {
	.name = "stats",
	.operands = "FILE...",
	.help = "print profiles as pstats does, several files added up",
	.details = "--sort and --limit may be given several times, and apply in turn.\n"
		   "With one FILE, no option and a terminal: an interactive browser.",
	.options = options,
	.run = run,
};
