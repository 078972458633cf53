/* The `komori` command: finds the subcommand and runs it. */
#include "apps/komori/command.h"
#include "framework/base/suggest.h"

#include <komori/base.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>

static const struct command *const commands[] = {
	&stats_command, &tree_command, &diff_command,	&export_command,
	&view_command,	&run_command,  &routes_command,
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void print_help(void)
{
	printf("usage: komori COMMAND [argument]...\n\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->help);
	printf("\nkomori COMMAND --help describes a command. komori --version prints the "
	       "version.\n");
}

static int fail_unknown(const char *name)
{
	const char *near = NULL;
	km_suggest search;

	km_suggest_begin(&search, name, strlen(name));
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (km_suggest_try(&search, commands[i]->name))
			near = commands[i]->name;
	}
	if (near)
		fprintf(stderr, "komori: unknown command \"%s\"; did you mean %s?\n", name, near);
	else
		fprintf(stderr,
			"komori: unknown command \"%.60s\"; komori --help lists the commands\n",
			name);
	return FAILED;
}

/* Whether the word is `what`, as a command or as an option. */
static bool asks_for(const char *word, const char *what)
{
	return strcmp(word, what) == 0 ||
	       (strncmp(word, "--", 2) == 0 && strcmp(word + 2, what) == 0);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(name, commands[i]->name) == 0)
			return commands[i];
	}
	return NULL;
}

/* Prints the help of a command; NULL: of komori. */
static int help(const char *name)
{
	const struct command *command = name ? find_command(name) : NULL;
	char option[] = "--help", *argv[] = {option, NULL};

	if (name)
		return command ? command->run(command, argv) : fail_unknown(name);
	print_help();
	return DONE;
}

static int run(char **argv)
{
	const struct command *command = find_command(argv[1]);

	if (asks_for(argv[1], "help") || strcmp(argv[1], "-h") == 0)
		return help(argv[2]);
	if (asks_for(argv[1], "version")) {
		printf("komori %s\n", KM_VERSION);
		return DONE;
	}
	if (!command)
		return fail_unknown(argv[1]);
	return command->run(command, argv + 2);
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	if (argc < 2) {
		fprintf(stderr, "komori: missing command; komori --help lists the commands\n");
		return FAILED;
	}
	int status = run(argv);
	/* A closed pipe is no error: its reader has seen enough. */
	if ((fflush(stdout) || ferror(stdout)) && status == DONE) {
		if (errno != EPIPE)
			fprintf(stderr, "komori: cannot write: %s\n", strerror(errno));
		status = FAILED;
	}
	return status;
}
