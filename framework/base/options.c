#include "framework/base/options.h"

#include "framework/base/suggest.h"

#include <stdio.h>
#include <string.h>

/* Fails with a format for an option's name, which is cut when it is long. */
static int fail(km_arguments *arguments, const char *format, const char *name, size_t len)
{
	char text[64];

	snprintf(text, sizeof text, "%.*s", (int)(len < 60 ? len : 60), name);
	snprintf(arguments->error, sizeof arguments->error, format, text);
	return KM_ARGUMENT_WRONG;
}

static int fail_unknown(km_arguments *arguments, const char *name, size_t len)
{
	const char *nearest = NULL;
	km_suggest search;

	km_suggest_begin(&search, name, len);
	for (const km_flag *flag = arguments->flags; flag->name; flag++) {
		if (km_suggest_try(&search, flag->name))
			nearest = flag->name;
	}
	if (!nearest)
		return fail(arguments, "unknown option --%s; --help lists the options", name, len);
	snprintf(arguments->error, sizeof arguments->error,
		 "unknown option --%.*s; did you mean --%s?", (int)len, name, nearest);
	return KM_ARGUMENT_WRONG;
}

/* Reads the value of an option, NAME or NAME=VALUE behind "--". */
static int read_value(km_arguments *arguments, int index, const char *text, const char **value)
{
	size_t len = strcspn(text, "=");
	const km_flag *flag = &arguments->flags[index];

	*value = text[len] ? text + len + 1 : NULL;
	if (!flag->value && *value)
		return fail(arguments, "--%s takes no value", text, len);
	if (!flag->value || flag->optional || *value)
		return index;
	*value = *arguments->next;
	if (!*value)
		return fail(arguments, "--%s needs a value", text, len);
	arguments->next++;
	return index;
}

static int read_option(km_arguments *arguments, const char *text, const char **value)
{
	size_t len = strcspn(text, "=");

	for (int i = 0; arguments->flags[i].name; i++) {
		const char *name = arguments->flags[i].name;
		if (strlen(name) == len && strncmp(name, text, len) == 0)
			return read_value(arguments, i, text, value);
	}
	return fail_unknown(arguments, text, len);
}

static int read_letter(km_arguments *arguments, const char *text, const char **value)
{
	for (int i = 0; arguments->flags[i].name; i++) {
		if (arguments->flags[i].letter == text[1] && text[2] == '\0')
			return read_value(arguments, i, arguments->flags[i].name, value);
	}
	return fail(arguments, "unknown option %s; --help lists the options", text, strlen(text));
}

int km_arguments_next(km_arguments *arguments, const char **value)
{
	const char *text = *arguments->next;

	if (!text)
		return KM_ARGUMENT_END;
	arguments->next++;
	*value = text;
	if (arguments->only_operands || text[0] != '-' || text[1] == '\0')
		return KM_ARGUMENT_OPERAND;
	if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0)
		return KM_ARGUMENT_HELP;
	if (strcmp(text, "--") == 0) {
		arguments->only_operands = true;
		return km_arguments_next(arguments, value);
	}
	return text[1] == '-' ? read_option(arguments, text + 2, value)
			      : read_letter(arguments, text, value);
}
