#include "apps/komori/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

int complain_of_memory(const struct command *command)
{
	return complain(command, "out of memory");
}

static void print_help(const struct command *command)
{
	char usage[64];

	printf("usage: komori %s %s [option]...\n\n%s\n\n", command->name, command->operands,
	       command->help);
	for (const km_flag *flag = command->options; flag->name; flag++) {
		snprintf(usage, sizeof usage, "--%s%s%s", flag->name, flag->value ? " " : "",
			 flag->value ? flag->value : "");
		printf("  %-22s %s\n", usage, flag->help);
	}
	printf("  %-22s print this text\n", "--help");
	if (command->details)
		printf("\n%s\n", command->details);
	if (command->print_more)
		command->print_more();
}

int read_arguments(const struct command *command, char **arguments, take_option *take,
		   void *request)
{
	km_arguments rest = {.flags = command->options, .next = arguments};
	int found, status = DONE, operands = 0;
	const char *value;

	while ((found = km_arguments_next(&rest, &value)) != KM_ARGUMENT_END) {
		if (found == KM_ARGUMENT_WRONG)
			return complain(command, "%s", rest.error);
		if (found == KM_ARGUMENT_HELP) {
			print_help(command);
			return DONE;
		}
		if (found == KM_ARGUMENT_OPERAND)
			arguments[operands++] = rest.next[-1];
		else
			status = take(request, found, value);
		if (status != DONE)
			return status;
	}
	arguments[operands] = NULL;
	if (operands < command->least_operands || operands > command->most_operands)
		return complain(command, "expects %s; --help shows the usage", command->operands);
	return RUN;
}

bool read_count(const char *text, uint32_t *count)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*count = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
	return *text >= '0' && *text <= '9' && !*end;
}
