/* komori stats: prints what pstats prints for profiles. */
#include "apps/komori/browser.h"
#include "apps/komori/profile_file.h"
#include "apps/komori/terminal.h"
#include "profiler/report/pstats_text.h"

#include <limits.h>
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
	char **files;	/* up to a NULL */
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

	wanted->has_options = true;
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

/* Returns the first file with the others added, last one first as pstats does. */
static km_prof *read_files(const request *wanted)
{
	km_prof *sum = open_profile(&stats_command, wanted->files[0]);
	size_t count = 1;

	while (wanted->files[count])
		count++;
	for (size_t i = count; sum && --i > 0;) {
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

static int print_files(const request *wanted)
{
	bool interactive = !wanted->has_options && !wanted->files[1] && isatty(STDIN_FILENO) &&
			   isatty(STDOUT_FILENO);
	km_prof *prof = read_files(wanted);
	int status = !prof	   ? FAILED
		     : interactive ? browse(&stats_command, prof, wanted->files[0])
				   : print(wanted, prof->stats);

	km_prof_free(prof);
	return status;
}

static int run(const struct command *command, char **arguments)
{
	request wanted = {.files = arguments};

	if (km_restrictions_new(&wanted.limits, NULL))
		return complain_of_memory(command);
	int status = read_arguments(command, arguments, take, &wanted);
	if (status == RUN && wanted.callers && wanted.callees)
		status = complain(command, "--callers and --callees exclude each other");
	if (status == RUN)
		status = print_files(&wanted);
	km_buffer_finish(&wanted.sort);
	km_restrictions_free(wanted.limits);
	return status;
}

const struct command stats_command = {
	.name = "stats",
	.operands = "FILE...",
	.least_operands = 1,
	.most_operands = INT_MAX,
	.help = "print profiles as pstats does; several files are added up",
	.details =
		"--sort and --limit may come several times and apply in turn. With one FILE, no\n"
		"option and a terminal, an interactive browser starts.",
	.options = options,
	.run = run,
};
