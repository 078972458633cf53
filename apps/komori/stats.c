/* komori stats: prints what pstats prints for profiles. */
#include "apps/komori/browser.h"
#include "apps/komori/profile_file.h"
#include "apps/komori/terminal.h"
#include "profiler/report/pstats_text.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { SORT, LIMIT, CALLERS, CALLEES, STRIP_DIRS, REVERSE };

static const km_flag options[] = {
	[SORT] = {"sort", "KEY,...", "sort rows by time, cumtime, ncalls, name, ..."},
	[LIMIT] = {"limit", "N|F|REGEX", "print N rows, the fraction F of them, or matching ones"},
	[CALLERS] = {"callers", NULL, "print the callers of each function"},
	[CALLEES] = {"callees", NULL, "print the functions that each function called"},
	[STRIP_DIRS] = {"strip-dirs", NULL, "print files without their folders"},
	[REVERSE] = {"reverse", NULL, "reverse the order"},
	{0},
};

typedef struct request {
	const char **files;
	size_t file_count;
	km_buffer sort; /* keys joined by "," */
	km_restrictions *limits;
	bool callers, callees, strip_dirs, reverse;
	bool has_options;
} request;

static int add_sort(request *wanted, const char *keys)
{
	char error[256];

	if (!*keys)
		return complain(&stats_command, "--sort needs a key");
	if (km_stats_check_sort(keys, error, sizeof error))
		return complain(&stats_command, "--sort: %s", error);
	if (wanted->sort.len)
		km_buffer_char(&wanted->sort, ',');
	km_buffer_text(&wanted->sort, keys);
	return wanted->sort.failed ? complain_of_memory(&stats_command) : DONE;
}

/* Unlike pstats, refuses a restriction that has no effect. */
static int add_limit(request *wanted, const char *limit)
{
	char error[256];

	if (km_restrictions_append(wanted->limits, limit))
		return complain_of_memory(&stats_command);
	if (km_restrictions_fault(wanted->limits, error, sizeof error))
		return complain(&stats_command, "--limit: %s", error);
	return DONE;
}

static int take(void *context, int option, const char *value)
{
	request *wanted = context;

	wanted->has_options |= option != KM_ARGUMENT_OPERAND;
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
	default:
		wanted->files[wanted->file_count++] = value;
	}
	return DONE;
}

static int request_init(request *wanted, const struct command *command, char **arguments)
{
	size_t count = 0;

	while (arguments[count])
		count++;
	wanted->files = malloc((count + 1) * sizeof *wanted->files);
	if (!wanted->files || km_restrictions_new(&wanted->limits, NULL))
		return complain_of_memory(command);
	int status = read_arguments(command, arguments, take, wanted);
	if (status == RUN && wanted->file_count == 0)
		return complain(command, "missing FILE; --help shows the usage");
	if (status == RUN && wanted->callers && wanted->callees)
		return complain(command, "--callers and --callees exclude each other");
	return status;
}

static void request_finish(request *wanted)
{
	free(wanted->files);
	km_buffer_finish(&wanted->sort);
	km_restrictions_free(wanted->limits);
}

/* Returns the first file with the others added, last one first as pstats does. */
static km_prof *read_files(const request *wanted)
{
	km_prof *sum = open_profile(&stats_command, wanted->files[0]);

	for (size_t i = wanted->file_count; sum && --i > 0;) {
		km_prof *more = open_profile(&stats_command, wanted->files[i]);
		bool added = more && km_stats_add(sum->stats, more->stats) == 0;
		if (more && !added)
			complain_of_memory(&stats_command);
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
		return complain_of_memory(&stats_command);
	if (wanted->reverse)
		km_stats_reverse(stats);
	int result = km_pstats_write(stdout, listing, stats, wanted->limits,
				     terminal_has_colour(stdout));
	return result == KM_ENOMEM ? complain_of_memory(&stats_command)
				   : DONE; /* main checks the stream */
}

static int run(const struct command *command, char **arguments)
{
	request wanted = {0};
	int status = request_init(&wanted, command, arguments);

	if (status == RUN) {
		km_prof *prof = read_files(&wanted);
		if (!prof)
			status = FAILED;
		else if (!wanted.has_options && wanted.file_count == 1 && isatty(STDIN_FILENO) &&
			 isatty(STDOUT_FILENO))
			status = browse(command, prof, wanted.files[0]);
		else
			status = print(&wanted, prof->stats);
		km_prof_free(prof);
	}
	request_finish(&wanted);
	return status;
}

const struct command stats_command = {
	.name = "stats",
	.operands = "FILE...",
	.help = "print profiles as pstats does; several files are added up",
	.details =
		"--sort and --limit may come several times and apply in turn. With one FILE, no\n"
		"option and a terminal, an interactive browser starts.",
	.options = options,
	.run = run,
};
