/* The options of an application, for programs. */
#include <stdio.h>

#include "framework/app/app.h"

int km_config_set(km_app *app, const char *name, const char *value)
{
	char error[512];
	int failed = km_app_may_change(app, "km_config_set");

	if (failed)
		return failed;
	km_option *option = name ? km_config_find(&app->config, name) : NULL;
	if (!option) {
		const km_option *near = name ? km_config_nearest(&app->config, name) : NULL;
		return km_app_fail(app, KM_ENOENT, "unknown option %s, set in the program%s%s%s",
				   name ? name : "(null)", near ? "; did you mean " : "",
				   near ? near->rule->name : "", near ? "?" : "");
	}
	if (!value)
		return km_app_fail(app, KM_EINVAL,
				   "%s: NULL set in the program; a value is a string", name);
	failed = km_config_assign(option, value, KM_CONFIG_CODE, "set in the program", error,
				  sizeof error);
	return failed ? km_app_fail(app, failed, "%s", error) : 0;
}

const char *km_config_get(km_app *app, const char *name)
{
	const km_option *option = app && name ? km_config_find(&app->config, name) : NULL;

	return option ? option->value : NULL;
}

/* A name starts with a capital: then it has one form on the command line, and that is not --no-x.
 */
static bool is_option_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= KM_OPTION_NAME_MAX && name[0] >= 'A' && name[0] <= 'Z' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == len &&
	       strncmp(name, "NO_", 3) != 0 && strcmp(name, "HELP") != 0 &&
	       strcmp(name, "VERSION") != 0;
}

int km_config_define(km_app *app, const char *name, const char *value, const char *help)
{
	int failed = km_app_may_change(app, "km_config_define");

	if (failed)
		return failed;
	if (!name || !is_option_name(name))
		return km_app_fail(
			app, KM_EINVAL,
			"option \"%s\": a name is A to Z, 0 to 9 and _, starts with a letter, "
			"and is not NO_..., HELP or VERSION",
			name ? name : "(null)");
	if (km_config_find(&app->config, name))
		return km_app_fail(app, KM_EINVAL, "option %s already exists", name);
	failed = km_config_add(&app->config, name, value ? value : "", help ? help : "");
	return failed ? km_app_fail(app, failed, "option %s: out of memory", name) : 0;
}
