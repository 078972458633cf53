/* komori run: serves an application that lies in a shared object. */
#include <komori/profiler.h>
#include <locale.h>

#include "apps/komori/application.h"

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

/* The object's file is opened now: profiles name functions while another may have taken its place.
 */
static void open_names(const km_application *application)
{
	km_profile_location location;

	km_profile_locate((const void *)(uintptr_t)application->make, &location);
}

static int run(struct arguments *args)
{
	const char *operand = *args->next;

	if (operand && (strcmp(operand, "--help") == 0 || strcmp(operand, "-h") == 0))
		return print_options();
	if (!operand || *operand == '-')
		return complain(args->command, "which APP.so? It stands before the options");
	const km_application *application = application_load(args->command, operand);
	if (!application)
		return FAILED;
	open_names(application);
	setlocale(LC_CTYPE, "C"); /* as in a program of its own */
	return km_main(application->make(), count(args->next), args->next);
}

const struct command run_command = {
	.name = "run",
	.help = "serve an application that lies in a shared object",
	.run = run,
};
