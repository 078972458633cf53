#include "framework/app/config.h"

#include <stdio.h>
#include <stdlib.h>

#include "framework/base/log.h"

static const char prefix[] = KM_OPTION_PREFIX;

static bool has_prefix(const char *entry)
{
	return strncmp(entry, prefix, sizeof prefix - 1) == 0;
}

/* Returns the value of `before` + `name` in the list of NAME=VALUE, or NULL. */
static const char *value_of(char **environ, const char *before, const char *name)
{
	size_t first = strlen(before), second = strlen(name);

	for (char **entry = environ; environ && *entry; entry++) {
		if (strncmp(*entry, before, first) == 0 &&
		    strncmp(*entry + first, name, second) == 0 && (*entry)[first + second] == '=')
			return *entry + first + second + 1;
	}
	return NULL;
}

static int read_option(km_option *option, char **environ)
{
	const km_option_rule *rule = option->rule;
	const char *used_prefix = prefix, *name = rule->name;
	const char *value = value_of(environ, prefix, name);
	char where[KM_OPTION_NAME_MAX + 40], error[512];

	if (!value && rule->alias) {
		used_prefix = "";
		name = rule->alias;
		value = value_of(environ, "", name);
	}
	if (!value)
		return 0;
	snprintf(where, sizeof where, "from the environment (%s%s)", used_prefix, name);
	int failed =
		km_config_assign(option, value, KM_CONFIG_ENVIRONMENT, where, error, sizeof error);
	if (failed)
		km_log("%s", error);
	return failed;
}

static void warn_of_unknown(const km_config *config, const char *entry)
{
	const char *start = entry + sizeof prefix - 1;
	char *name = strndup(start, strcspn(start, "="));

	if (name && !km_config_find(config, name)) {
		const km_option *near = km_config_nearest(config, name);
		if (near)
			km_log("unknown option %s%s in the environment; did you mean %s%s?", prefix,
			       name, prefix, near->rule->name);
		else
			km_log("unknown option %s%s in the environment; --help lists the options",
			       prefix, name);
	}
	free(name);
}

/* Warns of an option without KOMORI_. PROFILE is read without it, so a user may expect the same of
 * PROFILE_DIR, and of every option when PROFILE is set so (`plain`). */
static void warn_of_plain(const km_config *config, const char *entry, bool plain)
{
	if (!plain && strncmp(entry, "PROFILE_", 8) != 0)
		return;
	char *name = strndup(entry, strcspn(entry, "="));
	const km_option *option = name ? km_config_find(config, name) : NULL;
	if (option && !option->rule->alias)
		km_log("%s in the environment has no effect; set %s%s", name, prefix, name);
	free(name);
}

int km_config_read_environment(km_config *config, char **environ)
{
	bool plain = value_of(environ, "", "PROFILE") != NULL;
	int bad = 0;

	for (size_t i = 0; i < config->count; i++)
		bad += read_option(&config->options[i], environ) != 0;
	for (char **entry = environ; environ && *entry; entry++) {
		if (has_prefix(*entry))
			warn_of_unknown(config, *entry);
		else
			warn_of_plain(config, *entry, plain);
	}
	return bad;
}
