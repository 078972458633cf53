/* Options: X_Y in code, KOMORI_X_Y in the environment, --x-y on the command line. */
#ifndef KM_APP_CONFIG_H
#define KM_APP_CONFIG_H

#include <komori/base.h>
#include <stdbool.h>

/* Who set a value; a later one wins over an earlier one, whatever the order in time. */
typedef enum km_config_source {
	KM_CONFIG_DEFAULT,
	KM_CONFIG_CODE,
	KM_CONFIG_ENVIRONMENT,
	KM_CONFIG_COMMAND_LINE,
} km_config_source;

typedef enum km_option_kind {
	KM_OPTION_TEXT,
	KM_OPTION_SWITCH, /* its value is "1" or "0" */
	KM_OPTION_NUMBER, /* decimal digits, from `least` to `most` */
} km_option_kind;

/* What an option may be. */
typedef struct km_option_rule {
	const char *name, *value; /* the default */
	const char *help;
	km_option_kind kind;
	const char *subject; /* of a number: "a port" */
	int64_t least, most;
	/* Of text: returns what is allowed when `value` is not, else NULL; may use `buffer`. */
	const char *(*check)(const char *value, char *buffer, size_t size);
	const char *alias; /* a second name in the environment, or NULL */
} km_option_rule;

typedef struct km_option {
	const km_option_rule *rule; /* the framework's, or `own` */
	char *value;
	char *preset; /* the program's value, once another has replaced it; else NULL */
	km_config_source source;
	km_option_rule *own; /* of an option that the program declared; its strings are owned */
} km_option;

typedef struct km_config {
	km_option *options; /* in the order of --help */
	size_t count;
} km_config;

/* The framework's options. */
extern const km_option_rule km_option_rules[];
extern const size_t km_option_rule_count;

/* KM_ENOMEM; finish is to be called all the same. */
int km_config_init(km_config *config);
void km_config_finish(km_config *config);
/* NULL when there is none of that name, which is spelled as in code. */
km_option *km_config_find(const km_config *config, const char *name);
/* Checks the value and takes it unless a stronger source has set one. `where` says where it comes
 * from, for the message: `PORT: "70000" WHERE: a port is a number from 0 to 65535`. */
int km_config_assign(km_option *option, const char *value, km_config_source source,
		     const char *where, char *error, size_t error_size);
/* Of the framework's options, which are there and were checked. */
const char *km_config_text(const km_config *config, const char *name);
int64_t km_config_number(const km_config *config, const char *name);
bool km_config_is_on(const km_config *config, const char *name);

/* Reads KOMORI_* from `environ`: prints a line for each bad value and each unknown name. Returns
 * the count of bad values. */
int km_config_read_environment(km_config *config, char **environ);
/* Returns -1 when the program is to go on, else its exit status: 0 after --help or --version, 2
 * after a line for bad usage. `program` is the application's name. */
int km_config_read_command_line(km_config *config, const char *program, int argc, char **argv);
/* The option whose name is nearest to a misspelled one, or NULL when none is near. It may be
 * spelled as in another place: "PORT", "port" and "KOMORI_PORT" are one name. */
const km_option *km_config_nearest(const km_config *config, const char *text);
/* --help. */
void km_config_print_help(const km_config *config, const char *program);

/* In front of a name in the environment. */
#define KM_OPTION_PREFIX "KOMORI_"

/* The name on the command line, "x-y", into `flag` of KM_FLAG_SIZE bytes; and back, of `len` bytes.
 */
enum { KM_OPTION_NAME_MAX = 63, KM_FLAG_SIZE = KM_OPTION_NAME_MAX + 1 };
void km_option_flag(const char *name, char *flag);
void km_option_name(const char *flag, size_t len, char *name);

#endif
