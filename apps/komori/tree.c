/* komori tree: the exact call tree of a profile. */
#include <stdlib.h>

#include "apps/komori/profile_file.h"
#include "profiler/report/tree_text.h"
#include "apps/komori/terminal.h"

enum { DEPTH, MIN };

static const struct option_rule options[] = {
	[DEPTH] = {"depth", "N", "show no paths of more than N calls below the root"},
	[MIN] = {"min", "PERCENT", "show no paths that took less of the time"},
	{0},
};

typedef struct request {
	const struct command *command;
	const char *file;
	km_tree_text_options text;
} request;

static int add_depth(request *wanted, const char *value)
{
	char *end;
	unsigned long depth = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end)
		return complain(wanted->command, "--depth is a number of calls, 3 for instance");
	wanted->text.depth = depth < UINT32_MAX ? (uint32_t)depth : UINT32_MAX;
	return DONE;
}

static int add_least_share(request *wanted, const char *value)
{
	char *end;
	double percent = strtod(value, &end);

	if (end == value || (*end && strcmp(end, "%") != 0) || !(percent >= 0 && percent <= 100))
		return complain(wanted->command, "--min is a percentage, 0.5 for instance");
	wanted->text.least_share = percent / 100;
	return DONE;
}

static int add_argument(request *wanted, int found, const char *value)
{
	if (found == DEPTH)
		return add_depth(wanted, value);
	if (found == MIN)
		return add_least_share(wanted, value);
	if (wanted->file)
		return complain(wanted->command, "one FILE, not two");
	wanted->file = value;
	return DONE;
}

static int print(const request *wanted, const km_prof *prof)
{
	if (!prof->recording.tree)
		return complain(wanted->command,
				"%s: only holds pairs of callers and callees, no call tree; "
				"try komori stats --callees",
				wanted->file);
	if (km_tree_text_write(stdout, prof->recording.tree, &wanted->text) == KM_ENOMEM)
		return complain(wanted->command, "out of memory");
	return DONE; /* main looks at the stream */
}

static int run(struct arguments *args)
{
	request wanted = {.command = args->command, .text = {.depth = UINT32_MAX}};
	const char *value;
	int found;

	while ((found = next_argument(args, &value)) != ARGUMENT_END) {
		if (found == ARGUMENT_EXIT)
			return args->status;
		if (add_argument(&wanted, found, value) != DONE)
			return FAILED;
	}
	if (!wanted.file)
		return complain(wanted.command, "which FILE?");
	wanted.text.bold = terminal_has_colour(stdout);
	km_prof *prof = open_profile(wanted.command, wanted.file);
	int status = prof ? print(&wanted, prof) : FAILED;
	km_prof_free(prof);
	return status;
}

const struct command tree_command = {
	.name = "tree",
	.operands = "FILE",
	.help = "print the exact call tree",
	.details = "Calls, seconds in total and in the function itself, share of the whole; the "
		   "hottest\n"
		   "path is marked with *. Only profiles that Komori wrote have a call tree.",
	.options = options,
	.run = run,
};
