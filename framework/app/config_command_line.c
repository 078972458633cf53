#include "framework/app/config.h"

#include <stdio.h>

#include "framework/base/log.h"

/* One argument: --FLAG or --FLAG=VALUE. */
struct argument {
	char flag[KM_FLAG_SIZE];
	char name[KM_FLAG_SIZE]; /* the flag, spelled as in code */
	const char *value;	 /* after "=", or NULL */
};

/* Returns false when the flag is longer than any option's. */
static bool split(const char *text, struct argument *argument)
{
	size_t len = strcspn(text, "=");

	if (len >= sizeof argument->flag)
		return false;
	memcpy(argument->flag, text, len);
	argument->flag[len] = '\0';
	km_option_name(text, len, argument->name);
	argument->value = text[len] ? text + len + 1 : NULL;
	return true;
}

/* Finds the option with exactly this spelling: --max-body, not --max_body or --MAX-BODY. */
static km_option *find(const km_config *config, const char *name, const char *flag)
{
	km_option *option = km_config_find(config, name);
	char right[KM_FLAG_SIZE];

	if (!option)
		return NULL;
	km_option_flag(option->rule->name, right);
	return strcmp(right, flag) == 0 ? option : NULL;
}

static int unknown(const km_config *config, const struct argument *argument)
{
	bool no = strncmp(argument->name, "NO_", 3) == 0;
	const km_option *near = km_config_nearest(config, argument->name);
	char flag[KM_FLAG_SIZE] = "help";

	if (!near && no)
		near = km_config_nearest(config, argument->name + 3);
	if (near)
		km_option_flag(near->rule->name, flag);
	if (near)
		km_log("unknown option --%s; did you mean --%s?", argument->flag, flag);
	else
		km_log("unknown option --%s; --help lists the options", argument->flag);
	return 2;
}

static int assign(km_option *option, const char *value, const char *flag)
{
	char where[KM_FLAG_SIZE + 40], error[512];

	snprintf(where, sizeof where, "from the command line (--%s)", flag);
	if (!km_config_assign(option, value, KM_CONFIG_COMMAND_LINE, where, error, sizeof error))
		return -1;
	km_log("%s", error);
	return 2;
}

/* `next` is the following argument, or NULL. Sets `used` when it is the value. */
static int read_argument(km_config *config, const struct argument *argument, const char *next,
			 bool *used)
{
	km_option *option = find(config, argument->name, argument->flag);

	if (!option && strncmp(argument->flag, "no-", 3) == 0) {
		option = find(config, argument->name + 3, argument->flag + 3);
		if (!option || option->rule->kind != KM_OPTION_SWITCH)
			return unknown(config, argument);
		if (argument->value) {
			km_log("--%s takes no value", argument->flag);
			return 2;
		}
		return assign(option, "0", argument->flag);
	}
	if (!option)
		return unknown(config, argument);
	if (argument->value)
		return assign(option, argument->value, argument->flag);
	if (option->rule->kind == KM_OPTION_SWITCH)
		return assign(option, "1", argument->flag);
	if (!next) {
		km_log("--%s needs a value", argument->flag);
		return 2;
	}
	*used = true;
	return assign(option, next, argument->flag);
}

int km_config_read_command_line(km_config *config, const char *program, int argc, char **argv)
{
	struct argument argument;

	for (int i = 1; i < argc; i++) {
		const char *text = argv[i];
		bool used = false;

		if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0) {
			km_config_print_help(config, program);
			return 0;
		}
		if (strcmp(text, "--version") == 0) {
			printf("%s (Komori %s)\n", program, KM_VERSION);
			return 0;
		}
		if (strncmp(text, "--", 2) != 0 || text[2] == '\0' || !split(text + 2, &argument)) {
			km_log("unexpected argument \"%s\"; --help lists the options", text);
			return 2;
		}
		int status = read_argument(config, &argument, argv[i + 1], &used);
		if (status >= 0)
			return status;
		i += used;
	}
	return -1;
}

/* --- help --- */

static void print_option(const km_option *option)
{
	const km_option_rule *rule = option->rule;
	char flag[KM_FLAG_SIZE], usage[2 * KM_FLAG_SIZE + 16];

	km_option_flag(rule->name, flag);
	if (rule->kind == KM_OPTION_SWITCH)
		snprintf(usage, sizeof usage, "--%s, --no-%s", flag, flag);
	else
		snprintf(usage, sizeof usage, "--%s %s", flag,
			 rule->kind == KM_OPTION_NUMBER ? "N" : "VALUE");
	printf("  %-30s %s\n  %-30s (default \"%s\")\n", usage, rule->help, "",
	       option->preset ? option->preset : option->value);
}

void km_config_print_help(const km_config *config, const char *program)
{
	printf("usage: %s [option]...\n\n", program);
	for (size_t i = 0; i < config->count; i++)
		print_option(&config->options[i]);
	printf("  %-30s print this text\n  %-30s print name and version\n\n"
	       "--x-y VALUE is also --x-y=VALUE, KOMORI_X_Y in the environment, and X_Y in code.\n"
	       "The command line overrides the environment, which overrides code.\n",
	       "--help", "--version");
}
