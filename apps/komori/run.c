/* komori run: serves an application of a shared object. */
#include "apps/komori/application.h"

#include <komori/profiler.h>
#include <locale.h>

static int count(char **arguments)
{
	int number = 0;

	while (arguments[number])
		number++;
	return number;
}

static int print_options(void)
{
	char name[] = "komori run APP.so[:SYMBOL]", help[] = "--help";

	return km_main(km_app_new(name), 2, (char *[]){name, help, NULL});
}

/* Opens the object's file now: profiles name its functions after a new build has replaced it. */
static void open_names(const km_application *application)
{
	km_profile_location location;

	km_profile_locate((const void *)(uintptr_t)application->make, &location);
}

static int run(const struct command *command, char **arguments)
{
	const char *operand = *arguments;

	if (operand && (strcmp(operand, "--help") == 0 || strcmp(operand, "-h") == 0))
		return print_options();
	if (!operand || *operand == '-')
		return complain(command, "missing APP.so, which comes before the options");
	const km_application *application = application_load(command, operand);
	if (!application)
		return FAILED;
	open_names(application);
	setlocale(LC_CTYPE, "C"); /* as in a program that calls km_main itself */
	return km_main(application->make(), count(arguments), arguments);
}

const struct command run_command = {
	.name = "run",
	.help = "serve an application of a shared object",
	.run = run,
};
