#include "framework/app/config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "framework/base/suggest.h"
#include "framework/http/field.h"

int km_config_init(km_config *config)
{
	config->options = calloc(km_option_rule_count, sizeof *config->options);
	if (!config->options)
		return KM_ENOMEM;
	config->count = km_option_rule_count;
	for (size_t i = 0; i < config->count; i++) {
		config->options[i].rule = &km_option_rules[i];
		config->options[i].value = strdup(km_option_rules[i].value);
		if (!config->options[i].value)
			return KM_ENOMEM;
	}
	return 0;
}

void km_config_finish(km_config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		free(config->options[i].value);
		free(config->options[i].preset);
	}
	free(config->options);
	km_arena_finish(&config->own);
	*config = (km_config){0};
}

int km_config_add(km_config *config, const char *name, const char *value, const char *help)
{
	km_option *options =
		reallocarray(config->options, config->count + 1, sizeof *config->options);

	if (!options)
		return KM_ENOMEM;
	config->options = options;
	km_option_rule *rule = km_arena_zalloc(&config->own, sizeof *rule);
	km_option own = {.rule = rule, .own = true, .value = strdup(value)};
	if (rule) {
		rule->name = km_arena_copy(&config->own, name, strlen(name));
		rule->help = km_arena_copy(&config->own, help, strlen(help));
	}
	if (!rule || !rule->name || !rule->help || !own.value) {
		free(own.value);
		return KM_ENOMEM;
	}
	options[config->count++] = own;
	return 0;
}

km_option *km_config_find(const km_config *config, const char *name)
{
	for (size_t i = 0; i < config->count; i++) {
		if (strcmp(config->options[i].rule->name, name) == 0)
			return &config->options[i];
	}
	return NULL;
}

void km_option_flag(const char *name, char *flag)
{
	for (; *name; name++) {
		if (*name >= 'A' && *name <= 'Z')
			*flag++ = (char)(*name - 'A' + 'a');
		else
			*flag++ = *name == '_' ? '-' : *name;
	}
	*flag = '\0';
}

/* Converts a spelling of any place to that of code. */
static void set_name(const char *flag, size_t len, char *name)
{
	for (size_t i = 0; i < len; i++) {
		if (flag[i] >= 'a' && flag[i] <= 'z')
			name[i] = (char)(flag[i] - 'a' + 'A');
		else
			name[i] = flag[i] == '-' ? '_' : flag[i];
	}
	name[len] = '\0';
}

/* --- checks --- */

static bool is_one_of(const char *value, const char *const words[])
{
	for (int i = 0; words[i]; i++) {
		if (strcasecmp(value, words[i]) == 0)
			return true;
	}
	return false;
}

/* Returns "1", "0", or NULL. An empty value, as of `PROFILE= ./hello`, is off. */
static const char *switch_value(const char *value)
{
	static const char *const on[] = {"1", "true", "yes", "on", NULL};
	static const char *const off[] = {"0", "false", "no", "off", "", NULL};

	return is_one_of(value, on) ? "1" : is_one_of(value, off) ? "0" : NULL;
}

/* Returns NULL when `value` is allowed, else what is allowed. Replaces a switch by "1" or "0". */
static const char *check(const km_option_rule *rule, const char **value, char *buffer, size_t size)
{
	const char *usual;
	int64_t number;

	switch (rule->kind) {
	case KM_OPTION_SWITCH:
		usual = switch_value(*value);
		if (!usual)
			return "a switch is 1, true, yes or on, or 0, false, no or off";
		*value = usual;
		return NULL;
	case KM_OPTION_NUMBER:
		if (km_http_parse_length(km_str_from(*value), &number) && number >= rule->least &&
		    number <= rule->most)
			return NULL;
		snprintf(buffer, size, "%s is a number from %lld to %lld", rule->subject,
			 (long long)rule->least, (long long)rule->most);
		return buffer;
	case KM_OPTION_TEXT:
	default:
		return rule->check ? rule->check(*value) : NULL;
	}
}

int km_config_assign(km_option *option, const char *value, km_config_source source,
		     const char *where, char *error, size_t error_size)
{
	const char *taken = value;
	char buffer[256];
	const char *allowed = check(option->rule, &taken, buffer, sizeof buffer);

	if (allowed) {
		snprintf(error, error_size, "%s: \"%s\" %s: %s", option->rule->name, value, where,
			 allowed);
		return KM_EINVAL;
	}
	if (source < option->source)
		return 0;
	char *copy = strdup(taken);
	if (!copy) {
		snprintf(error, error_size, "%s: out of memory", option->rule->name);
		return KM_ENOMEM;
	}
	if (source > KM_CONFIG_CODE && option->source <= KM_CONFIG_CODE)
		option->preset = option->value;
	else
		free(option->value);
	option->value = copy;
	option->source = source;
	return 0;
}

/* --- for the framework --- */

const char *km_config_text(const km_config *config, const char *name)
{
	const km_option *option = km_config_find(config, name);

	assert(option);
	return option->value;
}

int64_t km_config_number(const km_config *config, const char *name)
{
	int64_t number = 0;

	km_http_parse_length(km_str_from(km_config_text(config, name)), &number);
	return number;
}

bool km_config_is_on(const km_config *config, const char *name)
{
	return strcmp(km_config_text(config, name), "1") == 0;
}

const km_option *km_config_nearest(const km_config *config, const char *text)
{
	static const char prefix[] = KM_OPTION_PREFIX;
	const km_option *nearest = NULL;
	size_t len = strlen(text);
	char spelled[KM_FLAG_SIZE];
	km_suggest search;

	if (len >= sizeof spelled)
		return NULL;
	set_name(text, len, spelled);
	bool prefixed = strncmp(spelled, prefix, sizeof prefix - 1) == 0;
	const char *name = spelled + (prefixed ? sizeof prefix - 1 : 0);
	km_suggest_begin(&search, name, strlen(name));
	for (size_t i = 0; i < config->count; i++) {
		if (km_suggest_try(&search, config->options[i].rule->name))
			nearest = &config->options[i];
	}
	return nearest;
}
