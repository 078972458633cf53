/* komori tree: prints the exact call tree of a profile. */
#include "apps/komori/profile_file.h"
#include "apps/komori/terminal.h"
#include "profiler/report/tree_text.h"

#include <stdlib.h>

enum { DEPTH, MIN };

static const km_flag options[] = {
	[DEPTH] = {"depth", "N", "hide paths of more than N calls below the root"},
	[MIN] = {"min", "PERCENT", "hide paths that took less of the total time"},
	{0},
};

typedef struct request {
	const char *file;
	km_tree_text_options text;
} request;

static int take_share(const char *value, double *share)
{
	char *end;
	double percent = strtod(value, &end);

	if (end == value || (*end && strcmp(end, "%") != 0) || !(percent >= 0 && percent <= 100))
		return complain(&tree_command, "--min takes a percentage, for example 0.5");
	*share = percent / 100;
	return DONE;
}

static int take(void *context, int option, const char *value)
{
	request *wanted = context;

	if (option == MIN)
		return take_share(value, &wanted->text.least_share);
	if (read_count(value, &wanted->text.depth))
		return DONE;
	return complain(&tree_command, "--depth takes a number of calls, for example 3");
}

static int print(const request *wanted, const km_prof *prof)
{
	if (!prof->recording.tree)
		return complain(&tree_command,
				"%s: has only pairs of callers and callees, no call tree; "
				"try komori stats --callees",
				wanted->file);
	if (km_tree_text_write(stdout, prof->recording.tree, &wanted->text) == KM_ENOMEM)
		return complain_of_memory(&tree_command);
	return DONE; /* main checks the stream */
}

static int run(const struct command *command, char **arguments)
{
	request wanted = {.text = {.depth = UINT32_MAX}};
	int status = read_arguments(command, arguments, take, &wanted);

	if (status != RUN)
		return status;
	wanted.file = arguments[0];
	wanted.text.bold = terminal_has_colour(stdout);
	km_prof *prof = open_profile(command, wanted.file);
	status = prof ? print(&wanted, prof) : FAILED;
	km_prof_free(prof);
	return status;
}

const struct command tree_command = {
	.name = "tree",
	.operands = "FILE",
	.least_operands = 1,
	.most_operands = 1,
	.help = "print the exact call tree",
	.details =
		"Columns: calls, seconds in total, seconds in the function itself, share of the\n"
		"whole. A * marks the hottest path. Only profiles of Komori have a call tree.",
	.options = options,
	.run = run,
};
