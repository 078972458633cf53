/* komori diff: prints what changed between two profiles, and checks budgets. */
#include "apps/komori/profile_file.h"
#include "profiler/diff/budget.h"
#include "profiler/diff/diff_text.h"

#include <stdlib.h>

enum { BY, SORT, LIMIT, STRIP_DIRS, FAIL_IF };
enum { BUDGET_EXCEEDED = 1, DEFAULT_LIMIT = 30 };

static const km_flag options[] = {
	[BY] = {"by", "function|path", "compare functions, or paths of the exact call trees"},
	[SORT] = {"sort", "KEY",
		  "sort by change of calls, primcalls, tottime, cumtime; or by name"},
	[LIMIT] = {"limit", "N", "print N lines instead of 30; 0: all"},
	[STRIP_DIRS] = {"strip-dirs", NULL,
			"ignore the folders of files when functions are matched"},
	[FAIL_IF] = {"fail-if", "BUDGET",
		     "exit with 1 when this holds; may be given several times"},
	{0},
};

typedef struct request {
	char **files; /* BEFORE and AFTER */
	km_diff_text_options text;
	bool strip_dirs;
	km_budget *budgets;
	size_t budget_count;
} request;

static int set_by(request *wanted, const char *value)
{
	wanted->text.paths = strcmp(value, "path") == 0;
	if (!wanted->text.paths && strcmp(value, "function") != 0)
		return complain(&diff_command, "--by takes function or path");
	return DONE;
}

static int set_sort(request *wanted, const char *value)
{
	for (km_diff_key key = 0; key < KM_DIFF_KEY_COUNT; key++) {
		if (strcmp(value, km_diff_keys[key]) == 0) {
			wanted->text.sort = key;
			return DONE;
		}
	}
	return complain(&diff_command, "--sort takes calls, primcalls, tottime, cumtime or name");
}

static int set_limit(request *wanted, const char *value)
{
	if (!read_count(value, &wanted->text.limit))
		return complain(&diff_command, "--limit takes a number of lines");
	if (wanted->text.limit == 0)
		wanted->text.limit = UINT32_MAX;
	return DONE;
}

static int add_budget(request *wanted, const char *value)
{
	char error[256];
	km_budget *more = reallocarray(wanted->budgets, wanted->budget_count + 1, sizeof *more);

	if (!more)
		return complain_of_memory(&diff_command);
	wanted->budgets = more;
	if (km_budget_init(&more[wanted->budget_count], value, error, sizeof error))
		return complain(&diff_command, "--fail-if %s", error);
	wanted->budget_count++;
	return DONE;
}

static int take(void *context, int option, const char *value)
{
	request *wanted = context;

	switch (option) {
	case BY:
		return set_by(wanted, value);
	case SORT:
		return set_sort(wanted, value);
	case LIMIT:
		return set_limit(wanted, value);
	case STRIP_DIRS:
		wanted->strip_dirs = true;
		return DONE;
	default:
		return add_budget(wanted, value);
	}
}

/* Prints a line on standard error for each function that exceeds the budget. */
static int check_budget(const km_budget *budget, const km_diff *diff)
{
	km_buffer lines = {0};
	int result = km_budget_check(budget, diff, &lines);
	int status = lines.len ? BUDGET_EXCEEDED : DONE;

	if (!result && lines.len)
		fwrite(lines.data, 1, lines.len, stderr);
	km_buffer_finish(&lines);
	if (result == KM_EINVAL)
		return complain(&diff_command,
				"--fail-if: neither profile has a function \"%s\"%s%s",
				budget->function,
				*budget->problem ? ", and it is not a regular expression: " : "",
				budget->problem);
	return result ? complain_of_memory(&diff_command) : status;
}

/* An error wins over a budget that is exceeded. */
static int check_budgets(const request *wanted, const km_diff *diff)
{
	int status = DONE;

	for (size_t i = 0; i < wanted->budget_count; i++) {
		int found = check_budget(&wanted->budgets[i], diff);
		if (status != FAILED && found != DONE)
			status = found;
	}
	return status;
}

static int print(const request *wanted, const km_diff *diff)
{
	printf("%s -> %s\n", wanted->files[0], wanted->files[1]);
	int result = km_diff_text_write_verdict(stdout, diff, wanted->text.what);
	if (!result && putchar('\n') != EOF)
		result = km_diff_text_write(stdout, diff, &wanted->text);
	if (result == KM_ENOMEM)
		return complain_of_memory(&diff_command);
	fflush(stdout);
	return check_budgets(wanted, diff);
}

static int compare(request *wanted, const km_prof *before, const km_prof *after)
{
	km_diff *diff;

	for (int i = 0; wanted->text.paths && i < 2; i++) {
		if (!(i ? after : before)->recording.tree)
			return complain(
				&diff_command,
				"%s: --by path needs a call tree, and the file has only pairs",
				wanted->files[i]);
	}
	if (km_diff_new(&diff, before, after, wanted->strip_dirs))
		return complain_of_memory(&diff_command);
	bool requests = before->recording.facts.method && after->recording.facts.method;
	wanted->text.what = requests ? "request" : "total";
	int status = print(wanted, diff);
	km_diff_free(diff);
	return status;
}

static int compare_files(request *wanted)
{
	km_prof *before = open_profile(&diff_command, wanted->files[0]);
	km_prof *after = before ? open_profile(&diff_command, wanted->files[1]) : NULL;
	int status = after ? compare(wanted, before, after) : FAILED;

	km_prof_free(before);
	km_prof_free(after);
	return status;
}

static int run(const struct command *command, char **arguments)
{
	request wanted = {.files = arguments, .text = {.limit = DEFAULT_LIMIT}};
	int status = read_arguments(command, arguments, take, &wanted);

	if (status == RUN)
		status = compare_files(&wanted);
	for (size_t i = 0; i < wanted.budget_count; i++)
		km_budget_finish(&wanted.budgets[i]);
	free(wanted.budgets);
	return status;
}

const struct command diff_command = {
	.name = "diff",
	.operands = "BEFORE AFTER",
	.least_operands = 2,
	.most_operands = 2,
	.help = "print what changed between two profiles",
	.details =
		"A BUDGET is METRIC:FUNCTION OPERATOR VALUE, for example 'calls:expand > 1000' or\n"
		"'cumtime:hello > +10%'. METRIC: calls, primcalls, tottime, cumtime. FUNCTION: a "
		"name, a\n"
		"label, or a regular expression for labels. OPERATOR: > >= < <=. VALUE: a number "
		"(seconds\n"
		"for times), or +N% or -N% against BEFORE. The comparison uses the number of "
		"AFTER. A\n"
		"function that only BEFORE has fails, unless METRIC ends with ?: 'calls?:expand > "
		"1000'.",
	.options = options,
	.run = run,
};
