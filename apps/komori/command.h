/* The subcommands of `komori`: a new one is a file of its own and a line in main.c. */
#ifndef KOMORI_COMMAND_H
#define KOMORI_COMMAND_H

#include <stdbool.h>

/* Exit statuses. */
enum { DONE = 0, FAILED = 2 };

struct option_rule {
	const char *flag;  /* without "--" */
	const char *value; /* what help calls its value, NULL when it takes none */
	const char *help;  /* one line */
};

struct arguments;

struct command {
	const char *name;
	const char *operands;		   /* "FILE..." */
	const char *help;		   /* one line */
	const char *details;		   /* lines below the options, "" for none */
	const struct option_rule *options; /* up to one without a flag */
	/* Reads its arguments and does its work; returns the exit status. */
	int (*run)(struct arguments *args);
};

/* What is left of the command line. */
struct arguments {
	const struct command *command;
	char **next; /* up to a NULL */
	bool options_end;
	int status; /* of the exit, after ARGUMENT_EXIT */
};

enum { ARGUMENT_END = -1, ARGUMENT_OPERAND = -2, ARGUMENT_EXIT = -3 };

/* The next argument: the index of an option with its value, ARGUMENT_OPERAND with its text,
 * ARGUMENT_END behind the last, or ARGUMENT_EXIT when help was printed or a line about what is
 * wrong. */
int next_argument(struct arguments *args, const char **value);
/* Prints "komori NAME: ..." to standard error; returns FAILED. */
int complain(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void print_command_help(const struct command *command);

extern const struct command stats_command;
extern const struct command tree_command;
extern const struct command diff_command;
extern const struct command export_command;
extern const struct command run_command;
extern const struct command routes_command;
extern const struct command view_command;

#endif
