/* Reads command lines by a table of options: --name VALUE, --name=VALUE, -n VALUE, operands, and
 * "--" in front of operands that start with "-". */
#ifndef KM_BASE_OPTIONS_H
#define KM_BASE_OPTIONS_H

#include <stdbool.h>

typedef struct km_flag {
	const char *name;  /* without "--"; NULL ends the table */
	const char *value; /* name of its value in help texts; NULL: takes none */
	const char *help;  /* one line */
	char letter;	   /* short form; 0: none */
	bool optional;	   /* takes a value as --name=VALUE alone, and may do without */
} km_flag;

typedef struct km_arguments {
	const km_flag *flags;
	char **next;	    /* rest of the command line, up to a NULL */
	bool only_operands; /* "--" was read */
	char error[160];
} km_arguments;

enum {
	KM_ARGUMENT_END = -1,
	KM_ARGUMENT_OPERAND = -2,
	KM_ARGUMENT_HELP = -3, /* --help or -h */
	KM_ARGUMENT_WRONG = -4,
};

/* Reads the next argument. Returns the index of an option in the table, with its value or NULL;
 * KM_ARGUMENT_OPERAND with the operand as the value; KM_ARGUMENT_WRONG with `error`, which names
 * the nearest option for an unknown one; or another of the above. */
int km_arguments_next(km_arguments *arguments, const char **value);

#endif
