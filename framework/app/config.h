/* Options: X_Y in code, KOMORI_X_Y in the environment, --x-y on the command line. */
#ifndef KM_APP_CONFIG_H
#define KM_APP_CONFIG_H

#include <komori/base.h>
#include <stdbool.h>

#include "framework/base/arena.h"

/* Source of a value. A later one overrides an earlier one, whatever the order in time. */
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

/* The definition of an option. */
typedef struct km_option_rule {
	const char *name, *value; /* the default */
	const char *help;
	km_option_kind kind;
	const char *subject; /* of a number: "a port" */
	int64_t least, most;
	/* Of text: returns NULL when `value` is allowed, else what is allowed, valid until the next
	 * call. */
	const char *(*check)(const char *value);
	const char *alias; /* a second name in the environment, or NULL */
} km_option_rule;

typedef struct km_option {
	const km_option_rule *rule;
	char *value;
	char *preset; /* the program's value after another one replaced it; else NULL */
	km_config_source source;
	bool own; /* the program defined it */
} km_option;

typedef struct km_config {
	km_option *options; /* in the order of --help */
	size_t count;
	km_arena own; /* rules that the program defined */
} km_config;

/* The framework's options. */
extern const km_option_rule km_option_rules[];
extern const size_t km_option_rule_count;

/* Returns KM_ENOMEM; call finish even then. */
int km_config_init(km_config *config);
void km_config_finish(km_config *config);
/* Adds an option of the program, with a name that is new. Copies the strings. KM_ENOMEM. */
int km_config_add(km_config *config, const char *name, const char *value, const char *help);
/* Returns the option with that name, spelled as in code, or NULL. */
km_option *km_config_find(const km_config *config, const char *name);
/* Checks the value, and sets it unless a stronger source has set one. `where` names its source in
 * the error: `PORT: "70000" WHERE: a port is a number from 0 to 65535`. */
int km_config_assign(km_option *option, const char *value, km_config_source source,
		     const char *where, char *error, size_t error_size);
/* The values of the framework's options, which exist and are valid. */
const char *km_config_text(const km_config *config, const char *name);
int64_t km_config_number(const km_config *config, const char *name);
bool km_config_is_on(const km_config *config, const char *name);

/* Reads KOMORI_* from `environ`. Logs each bad value and each unknown name. Returns the count of
 * bad values. */
int km_config_read_environment(km_config *config, char **environ);
/* Returns -1 to continue, or the exit status of the program: 0 after --help or --version, 2 after
 * logging bad usage. `program` is the application's name. */
int km_config_read_command_line(km_config *config, const char *program, int argc, char **argv);
/* Returns the option whose name is nearest to a misspelled one, or NULL when none is near. The
 * spelling may be that of another place: "PORT", "port" and "KOMORI_PORT" are one name. */
const km_option *km_config_nearest(const km_config *config, const char *text);

/* The prefix of a name in the environment. */
#define KM_OPTION_PREFIX "KOMORI_"

/* Converts a name to "x-y" on the command line, in a buffer of KM_FLAG_SIZE bytes. */
enum { KM_OPTION_NAME_MAX = 63, KM_FLAG_SIZE = KM_OPTION_NAME_MAX + 1 };
void km_option_flag(const char *name, char *flag);

#endif
