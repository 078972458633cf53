#include "apps/komori/browser.h"

#include "apps/komori/terminal.h"
#include "framework/base/repr.h"
#include "profiler/report/pstats_text.h"
#include "profiler/stats/restrictions.h"

#include <ctype.h>
#include <editline/readline.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct browser {
	km_prof *prof;	      /* the current one */
	const km_prof *first; /* the caller frees it */
	char *path;
	char *last_line; /* what an empty line repeats */
	bool bold;
	bool leaving, failed;
} browser;

static const char blanks[] = " \t\n\r\f\v";

static void no_memory(browser *self)
{
	fprintf(stderr, "komori stats: out of memory\n");
	self->leaving = self->failed = true;
}

/* Appends each word of `line` as a restriction. */
static int read_restrictions(km_restrictions *limits, char *line)
{
	char *rest;

	for (char *word = strtok_r(line, blanks, &rest); word;
	     word = strtok_r(NULL, blanks, &rest)) {
		if (km_restrictions_append(limits, word))
			return KM_ENOMEM;
		const km_restriction *made = &limits->items[limits->count - 1];
		if (made->kind == KM_RESTRICT_FRACTION &&
		    (made->fraction > 1 || made->fraction < 0)) {
			printf("Fraction argument must be in [0, 1]\n");
			limits->count--;
		}
	}
	return 0;
}

static void list(browser *self, km_pstats_listing listing, char *line)
{
	km_restrictions *limits;

	if (km_restrictions_new(&limits, NULL)) {
		no_memory(self);
		return;
	}
	if (read_restrictions(limits, line) ||
	    km_pstats_write(stdout, listing, self->prof->stats, limits, self->bold) == KM_ENOMEM)
		no_memory(self);
	km_restrictions_free(limits);
}

static void do_stats(browser *self, char *line)
{
	list(self, KM_PSTATS_STATS, line);
}

static void do_callers(browser *self, char *line)
{
	list(self, KM_PSTATS_CALLERS, line);
}

static void do_callees(browser *self, char *line)
{
	list(self, KM_PSTATS_CALLEES, line);
}

static km_prof *read_file(const char *path, int *result, char *error, size_t error_size)
{
	km_prof *prof;

	progress_begin("reading", path);
	*result = km_prof_read(&prof, path, error, error_size);
	progress_end();
	return prof;
}

/* Prints what Python prints for an OSError. */
static void print_add_failure(const char *path, int result, int number, const char *error)
{
	km_buffer name = {0};

	km_repr(&name, km_str_from(path));
	if (result == KM_EIO && name.data)
		printf("Failed to load statistics for %s: [Errno %d] %s: %s\n", path, number, error,
		       name.data);
	else
		printf("Failed to load statistics for %s: %s\n", path, error);
	km_buffer_finish(&name);
}

static void do_add(browser *self, char *line)
{
	char error[256];
	int result;
	km_prof *more = read_file(line, &result, error, sizeof error);

	if (!more)
		print_add_failure(line, result, errno, error);
	else if (km_stats_add(self->prof->stats, more->stats))
		no_memory(self);
	km_prof_free(more);
}

static void replace_profile(browser *self, km_prof *prof)
{
	if (self->prof != self->first)
		km_prof_free(self->prof);
	self->prof = prof;
}

static void do_read(browser *self, char *line)
{
	char error[256], *path = strdup(*line ? line : self->path);
	int result;
	km_prof *prof = path ? read_file(path, &result, error, sizeof error) : NULL;

	if (!path) {
		no_memory(self);
	} else if (prof) {
		replace_profile(self, prof);
		free(self->path);
		self->path = path;
		return;
	} else {
		printf("%s\n", error);
	}
	free(path);
}

static void print_sort_keys(void)
{
	const char *key, *text;

	printf("Valid sort keys (unique prefixes are accepted):\n");
	for (size_t i = 0; (key = km_stats_sort_key(i, &text)); i++)
		printf("%s -- %s\n", key, text);
}

static void do_sort(browser *self, char *line)
{
	km_buffer keys = {0};
	char *rest;
	bool valid = *line && !strchr(line, ',');

	for (char *word = strtok_r(line, blanks, &rest); word;
	     word = strtok_r(NULL, blanks, &rest)) {
		km_buffer_text(&keys, keys.len ? "," : "");
		km_buffer_text(&keys, word);
	}
	int result = valid ? km_stats_sort(self->prof->stats, keys.data, NULL, 0) : KM_EINVAL;
	if (result == KM_EINVAL)
		print_sort_keys();
	else if (result)
		no_memory(self);
	km_buffer_finish(&keys);
}

static void do_reverse(browser *self, char *line)
{
	(void)line;
	km_stats_reverse(self->prof->stats);
}

static void do_strip(browser *self, char *line)
{
	(void)line;
	if (km_stats_strip_dirs(self->prof->stats))
		no_memory(self);
}

static void do_help(browser *self, char *topic);

static void do_quit(browser *self, char *line)
{
	(void)line;
	self->leaving = true;
}

static void do_eof(browser *self, char *line)
{
	putchar('\n');
	do_quit(self, line);
}

/* In alphabetical order. Help texts are those of Lib/pstats.py. */
static const struct {
	const char *name;
	void (*run)(browser *self, char *line);
	bool restricts; /* takes restrictions */
	const char *help;
} actions[] = {
	{"EOF", do_eof, false, "Leave the profile browser."},
	{"add", do_add, false, "Add profile info from given file to current statistics object."},
	{"callees", do_callees, true, "Print callees statistics from the current stat object."},
	{"callers", do_callers, true, "Print callers statistics from the current stat object."},
	{"help", do_help, false, "Show help for a given command."},
	{"quit", do_quit, false, "Leave the profile browser."},
	{"read", do_read, false,
	 "Read in profile data from a specified file.\n"
	 "Without argument, reload the current file."},
	{"reverse", do_reverse, false, "Reverse the sort order of the profiling report."},
	{"sort", do_sort, false,
	 "Sort profile data according to specified keys.\n"
	 "(Typing `sort' without arguments lists valid keys.)"},
	{"stats", do_stats, true, "Print statistics from the current stat object."},
	{"strip", do_strip, false, "Strip leading path information from filenames in the report."},
};
enum { ACTION_COUNT = sizeof actions / sizeof *actions };

static const char restrictions_help[] =
	"Arguments may be:\n"
	"* An integer maximum number of entries to print.\n"
	"* A decimal fractional number between 0 and 1, controlling\n"
	"  what fraction of selected entries to print.\n"
	"* A regular expression; only entries with function names\n"
	"  that match it are printed.\n";

/* Returns the index of an action, or ACTION_COUNT. */
static size_t find_action(const char *name, size_t len)
{
	size_t i = 0;

	while (i < ACTION_COUNT &&
	       (strlen(actions[i].name) != len || strncmp(actions[i].name, name, len) != 0))
		i++;
	return i;
}

/* Prints the help of an action, or the list of actions for "". */
static void do_help(browser *self, char *topic)
{
	size_t i = find_action(topic, strlen(topic));

	(void)self;
	if (i < ACTION_COUNT) {
		printf("%s\n%s", actions[i].help, actions[i].restricts ? restrictions_help : "");
		return;
	}
	if (*topic) {
		printf("*** No help on %s\n", topic);
		return;
	}
	printf("\nDocumented commands (type help <topic>):\n"
	       "========================================\n");
	for (i = 0; i < ACTION_COUNT; i++)
		printf("%s%s", i ? "  " : "", actions[i].name);
	printf("\n\n");
}

static char *strip_blanks(char *text)
{
	text += strspn(text, blanks);
	size_t len = strlen(text);
	while (len && strchr(blanks, text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

/* Runs a command, a word of letters, digits and "_", with its arguments. Writes to `line`, which
 * has no blanks around it. */
static void run_line(browser *self, char *line)
{
	size_t len = 0;

	if (*line == '?') {
		do_help(self, strip_blanks(line + 1));
		return;
	}
	while (isalnum((unsigned char)line[len]) || line[len] == '_')
		len++;
	size_t i = find_action(line, len);
	if (i == ACTION_COUNT)
		printf("*** Unknown syntax: %s\n", line);
	else
		actions[i].run(self, strip_blanks(line + len));
}

/* Runs a line; an empty one repeats the last one. */
static void read_line(browser *self, const char *typed)
{
	char *line = strdup(typed ? typed : "EOF");
	char *text = line ? strip_blanks(line) : NULL;

	if (text && *text && *text != '!') {
		free(self->last_line);
		self->last_line = strdup(strcmp(text, "EOF") == 0 ? "" : text);
	} else if (text && !*text && self->last_line) {
		free(line);
		text = line = strdup(self->last_line);
	}
	if (!text)
		no_memory(self);
	else if (*text)
		run_line(self, text);
	free(line);
}

static char *complete_command(const char *text, int again)
{
	static size_t next;

	for (next = again ? next : 0; next < ACTION_COUNT; next++) {
		if (strncmp(actions[next].name, text, strlen(text)) == 0)
			return strdup(actions[next++].name);
	}
	return NULL;
}

static char *complete_key(const char *text, int again)
{
	static size_t next;
	const char *key, *label;

	for (next = again ? next : 0; (key = km_stats_sort_key(next++, &label));) {
		if (strncmp(key, text, strlen(text)) == 0)
			return strdup(key);
	}
	return NULL;
}

/* NULL makes libedit complete file names. */
static char **complete(const char *text, int start, int end)
{
	(void)end;
	if (start == 0)
		return rl_completion_matches(text, complete_command);
	if (strncmp(rl_line_buffer, "sort ", 5) == 0)
		return rl_completion_matches(text, complete_key);
	return NULL;
}

static void read_lines(browser *self)
{
	while (!self->leaving) {
		km_buffer prompt = {0};
		km_buffer_printf(&prompt, "%s%% ", self->path);
		fflush(stdout);
		char *line = readline(prompt.failed ? "% " : prompt.data);
		if (!line)
			printf("\b\b\33[K"); /* erases the ^D that libedit printed */
		else if (*line)
			add_history(line);
		read_line(self, line);
		free(line);
		km_buffer_finish(&prompt);
	}
}

int browse(const struct command *command, km_prof *prof, const char *path)
{
	browser self = {.prof = prof, .first = prof, .path = strdup(path)};

	if (!self.path)
		return complain_of_memory(command);
	self.bold = terminal_has_colour(stdout);
	rl_catch_signals = 1; /* so that an interrupt does not leave the terminal raw */
	rl_readline_name = "komori";
	rl_attempted_completion_function = complete;
	printf("Welcome to the profile statistics browser.\n");
	read_lines(&self);
	if (!self.failed)
		printf("Goodbye.\n");
	replace_profile(&self, NULL);
	free(self.path);
	free(self.last_line);
	return self.failed ? FAILED : DONE;
}
