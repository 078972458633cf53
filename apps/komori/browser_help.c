#include "apps/komori/browser_help.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *help;
	bool restricts; /* takes restrictions */
} topics[] = {
	{"EOF", "Leave the profile browser.", false},
	{"add", "Add profile info from given file to current statistics object.", false},
	{"callees", "Print callees statistics from the current stat object.", true},
	{"callers", "Print callers statistics from the current stat object.", true},
	{"help", "Show help for a given command.", false},
	{"quit", "Leave the profile browser.", false},
	{"read",
	 "Read in profile data from a specified file.\n"
	 "Without argument, reload the current file.",
	 false},
	{"reverse", "Reverse the sort order of the profiling report.", false},
	{"sort",
	 "Sort profile data according to specified keys.\n"
	 "(Typing `sort' without arguments lists valid keys.)",
	 false},
	{"stats", "Print statistics from the current stat object.", true},
	{"strip", "Strip leading path information from filenames in the report.", false},
};
enum { TOPIC_COUNT = sizeof topics / sizeof *topics };

static const char restrictions_help[] =
	"Arguments may be:\n"
	"* An integer maximum number of entries to print.\n"
	"* A decimal fractional number between 0 and 1, controlling\n"
	"  what fraction of selected entries to print.\n"
	"* A regular expression; only entries with function names\n"
	"  that match it are printed.\n";

const char *browser_command_name(unsigned index)
{
	return index < TOPIC_COUNT ? topics[index].name : NULL;
}

static void print_list(void)
{
	printf("\nDocumented commands (type help <topic>):\n"
	       "========================================\n");
	for (unsigned i = 0; i < TOPIC_COUNT; i++)
		printf("%s%s", i ? "  " : "", topics[i].name);
	printf("\n\n");
}

void print_browser_help(const char *topic)
{
	unsigned i = 0;

	if (!*topic) {
		print_list();
		return;
	}
	while (i < TOPIC_COUNT && strcmp(topics[i].name, topic) != 0)
		i++;
	if (i == TOPIC_COUNT)
		printf("*** No help on %s\n", topic);
	else
		printf("%s\n%s", topics[i].help, topics[i].restricts ? restrictions_help : "");
}
