#include "framework/app/config.h"

#include <stdio.h>
#include <stdlib.h>

#include "framework/base/log.h"
#include "framework/base/options.h"

/* What a flag of the command line sets. */
typedef struct setting {
	km_option *option;
	const char *value; /* of a switch */
	char name[KM_FLAG_SIZE + sizeof "no-"];
} setting;

typedef struct flag_table {
	km_flag *flags;
	setting *settings; /* by flag; the last flag, --version, has none */
	int count;
} flag_table;

static void flag_table_finish(flag_table *table)
{
	free(table->flags);
	free(table->settings);
}

static void add_flag(flag_table *table, km_option *option, const char *prefix, const char *value,
		     bool takes_value)
{
	setting *made = &table->settings[table->count];
	char flag[KM_FLAG_SIZE];

	km_option_flag(option->rule->name, flag);
	*made = (setting){.option = option, .value = value};
	snprintf(made->name, sizeof made->name, "%s%s", prefix, flag);
	table->flags[table->count++] = (km_flag){
		.name = made->name, .value = takes_value ? "VALUE" : NULL, .optional = value};
}

static int flag_table_init(flag_table *table, const km_config *config)
{
	*table = (flag_table){
		.flags = calloc(2 * config->count + 2, sizeof *table->flags),
		.settings = calloc(2 * config->count + 1, sizeof *table->settings),
	};
	if (!table->flags || !table->settings)
		return KM_ENOMEM;
	for (size_t i = 0; i < config->count; i++) {
		km_option *option = &config->options[i];
		bool is_switch = option->rule->kind == KM_OPTION_SWITCH;
		add_flag(table, option, "", is_switch ? "1" : NULL, true);
		if (is_switch)
			add_flag(table, option, "no-", "0", false);
	}
	table->flags[table->count].name = "version";
	return 0;
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

static void print_help(const km_config *config, const char *program)
{
	printf("usage: %s [option]...\n\n", program);
	for (size_t i = 0; i < config->count; i++)
		print_option(&config->options[i]);
	printf("  %-30s print this text\n  %-30s print name and version\n\n"
	       "--x-y VALUE is also --x-y=VALUE, KOMORI_X_Y in the environment, and X_Y in code.\n"
	       "The command line overrides the environment, which overrides code.\n",
	       "--help", "--version");
}

/* --- */

static int assign(km_option *option, const char *value, const char *flag)
{
	char where[KM_FLAG_SIZE + 40], error[512];

	snprintf(where, sizeof where, "from the command line (--%s)", flag);
	if (!km_config_assign(option, value, KM_CONFIG_COMMAND_LINE, where, error, sizeof error))
		return -1;
	km_log("%s", error);
	return 2;
}

/* Takes what km_arguments_next found. Returns -1 to continue, else the exit status. */
static int take(km_config *config, const char *program, const flag_table *table, int found,
		const char *value)
{
	if (found == KM_ARGUMENT_HELP) {
		print_help(config, program);
		return 0;
	}
	if (found == table->count) {
		printf("%s (Komori %s)\n", program, KM_VERSION);
		return 0;
	}
	if (found == KM_ARGUMENT_OPERAND) {
		km_log("unexpected argument \"%s\"; --help lists the options", value);
		return 2;
	}
	const setting *set = &table->settings[found];
	return assign(set->option, value ? value : set->value, set->name);
}

int km_config_read_command_line(km_config *config, const char *program, int argc, char **argv)
{
	flag_table table;
	int found, status = flag_table_init(&table, config) ? 1 : -1;
	km_arguments arguments = {.flags = table.flags, .next = argv + (argc > 0)};
	const char *value;

	while (status < 0 && (found = km_arguments_next(&arguments, &value)) != KM_ARGUMENT_END) {
		if (found == KM_ARGUMENT_WRONG)
			km_log("%s", arguments.error);
		status = found == KM_ARGUMENT_WRONG ? 2
						    : take(config, program, &table, found, value);
	}
	flag_table_finish(&table);
	return status;
}
