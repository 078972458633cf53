/* The subcommands of `komori`. A new one is a file of its own and a line in main.c. */
#ifndef KOMORI_COMMAND_H
#define KOMORI_COMMAND_H

#include "framework/base/options.h"

#include <stdint.h>

/* Exit statuses, and what read_arguments returns for a command that is to run. */
enum { DONE = 0, FAILED = 2, RUN = -1 };

struct command {
	const char *name;
	const char *operands; /* "FILE..." */
	int least_operands, most_operands;
	const char *help;	  /* one line */
	const char *details;	  /* lines below the options, or NULL */
	void (*print_more)(void); /* lines below the details, or NULL */
	const km_flag *options;
	/* Reads the arguments and does the work; returns the exit status. */
	int (*run)(const struct command *command, char **arguments);
};

/* Takes an option by its index in the table. Returns DONE, or another status for a wrong value. */
typedef int take_option(void *request, int option, const char *value);

/* Calls `take` for each option and moves the operands to the front of `arguments`, in front of a
 * NULL. Returns RUN, or the exit status after help or an error. */
int read_arguments(const struct command *command, char **arguments, take_option *take,
		   void *request);
/* Parses a number of decimal digits; larger ones become UINT32_MAX. */
bool read_count(const char *text, uint32_t *count);

/* Prints "komori NAME: ..." to standard error; returns FAILED. */
int complain(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int complain_of_memory(const struct command *command);

extern const struct command stats_command;
extern const struct command tree_command;
extern const struct command diff_command;
extern const struct command export_command;
extern const struct command run_command;
extern const struct command routes_command;
extern const struct command view_command;

#endif
