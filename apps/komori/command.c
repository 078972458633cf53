#include "apps/komori/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "framework/base/suggest.h"

int complain(const struct command *command, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "komori %s: ", command->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return FAILED;
}

void print_command_help(const struct command *command)
{
	char usage[64];

	printf("usage: komori %s %s [option]...\n\n%s\n\n", command->name, command->operands,
	       command->help);
	for (const struct option_rule *rule = command->options; rule->flag; rule++) {
		snprintf(usage, sizeof usage, "--%s%s%s", rule->flag, rule->value ? " " : "",
			 rule->value ? rule->value : "");
		printf("  %-22s %s\n", usage, rule->help);
	}
	printf("  %-22s this text\n", "--help");
	if (*command->details)
		printf("\n%s\n", command->details);
}

static int wrong(struct arguments *args, const char *format, const char *text, size_t len)
{
	char flag[64];

	snprintf(flag, sizeof flag, "%.*s", (int)(len < 60 ? len : 60), text);
	args->status = complain(args->command, format, flag);
	return ARGUMENT_EXIT;
}

/* `text` stands behind "--". */
static int no_option(struct arguments *args, const char *text, size_t len)
{
	const struct option_rule *near = NULL;
	km_suggest search;

	km_suggest_begin(&search, text, len);
	for (const struct option_rule *rule = args->command->options; rule->flag; rule++) {
		if (km_suggest_try(&search, rule->flag))
			near = rule;
	}
	if (!near)
		return wrong(args, "--%s is no option; --help lists them", text, len);
	args->status = complain(args->command, "--%.*s is no option; did you mean --%s?", (int)len,
				text, near->flag);
	return ARGUMENT_EXIT;
}

/* `text` stands behind "--": FLAG or FLAG=VALUE. */
static int read_option(struct arguments *args, const char *text, const char **value)
{
	const struct option_rule *rules = args->command->options;
	size_t len = strcspn(text, "=");
	int index = 0;

	while (rules[index].flag &&
	       (strlen(rules[index].flag) != len || strncmp(rules[index].flag, text, len) != 0))
		index++;
	if (!rules[index].flag)
		return no_option(args, text, len);
	*value = text[len] ? text + len + 1 : NULL;
	if (!rules[index].value && *value)
		return wrong(args, "--%s takes no value", text, len);
	if (rules[index].value && !*value) {
		*value = *args->next;
		if (!*value)
			return wrong(args, "--%s needs a value", text, len);
		args->next++;
	}
	return index;
}

int next_argument(struct arguments *args, const char **value)
{
	const char *text = *args->next;

	if (!text)
		return ARGUMENT_END;
	args->next++;
	*value = text;
	if (args->options_end || text[0] != '-' || text[1] == '\0')
		return ARGUMENT_OPERAND;
	if (strcmp(text, "--") == 0) {
		args->options_end = true;
		return next_argument(args, value);
	}
	if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0) {
		print_command_help(args->command);
		args->status = DONE;
		return ARGUMENT_EXIT;
	}
	if (text[1] != '-')
		return wrong(args, "%s is no option; --help lists them", text, strlen(text));
	return read_option(args, text + 2, value);
}
