/* komori routes: prints the route table of an application. */
#include "apps/komori/application.h"
#include "apps/komori/terminal.h"

#include <komori/profiler.h>
#include <stdio.h>
#include <stdlib.h>

static const km_flag options[] = {{0}};

enum { METHODS, RULE, HANDLER, PLACE, COLUMNS };

struct row {
	char *text[COLUMNS];
};

struct table {
	struct row *rows;
	size_t count;
};

static char *place(const km_profile_location *location)
{
	char *text = NULL;

	if (location->line == 0)
		return strdup("");
	return asprintf(&text, "%s:%d", location->file, location->line) < 0 ? NULL : text;
}

static int add_row(void *context, const km_route_facts *route)
{
	struct table *table = context;
	km_profile_location location;
	struct row *rows = reallocarray(table->rows, table->count + 1, sizeof *rows);

	if (!rows)
		return KM_ENOMEM;
	table->rows = rows;
	if (km_profile_locate((const void *)(uintptr_t)route->handler, &location))
		return KM_ENOMEM;
	struct row *row = &rows[table->count++];
	*row = (struct row){{strdup(route->methods), strdup(route->rule), strdup(location.function),
			     place(&location)}};
	for (int i = 0; i < COLUMNS; i++)
		if (!row->text[i])
			return KM_ENOMEM;
	return 0;
}

static void print_row(const struct row *row, const int *widths)
{
	printf("%-*s  %-*s  %-*s", widths[METHODS], row->text[METHODS], widths[RULE],
	       row->text[RULE], *row->text[PLACE] ? widths[HANDLER] : 0, row->text[HANDLER]);
	printf("%s%s\n", *row->text[PLACE] ? "  " : "", row->text[PLACE]);
}

static void print_table(const struct table *table)
{
	static char methods[] = "Methods", rule[] = "Rule", handler[] = "Handler", file[] = "File";
	const struct row title = {{methods, rule, handler, file}};
	int widths[COLUMNS] = {0};
	bool bold = terminal_has_colour(stdout);

	for (size_t i = 0; i <= table->count; i++) {
		const struct row *row = i < table->count ? &table->rows[i] : &title;
		for (int k = 0; k < COLUMNS; k++) {
			int width = (int)strlen(row->text[k]);
			widths[k] = width > widths[k] ? width : widths[k];
		}
	}
	fputs(bold ? "\033[1m" : "", stdout);
	print_row(&title, widths);
	fputs(bold ? "\033[0m" : "", stdout);
	for (size_t i = 0; i < table->count; i++)
		print_row(&table->rows[i], widths);
}

static void finish(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		for (int k = 0; k < COLUMNS; k++)
			free(table->rows[i].text[k]);
	free(table->rows);
}

static int print_routes(const struct command *command, const char *operand, const km_app *app)
{
	struct table table = {0};
	int status = DONE;

	if (km_app_error(app))
		status = complain(command, "%s: %s", operand, km_app_error(app));
	else if (km_app_each_route(app, add_row, &table))
		status = complain_of_memory(command);
	else if (table.count)
		print_table(&table);
	else
		printf("%s has no routes\n", operand);
	finish(&table);
	return status;
}

static int run(const struct command *command, char **arguments)
{
	int status = read_arguments(command, arguments, NULL, NULL);

	if (status != RUN)
		return status;
	const char *operand = arguments[0];
	const km_application *application = application_load(command, operand);
	km_app *app = application ? application->make() : NULL;
	status = app ? print_routes(command, operand, app) : FAILED;
	if (application && !app)
		complain(command, "%s: cannot make the application", operand);
	km_app_free(app);
	return status;
}

const struct command routes_command = {
	.name = "routes",
	.operands = "APP.so[:SYMBOL]",
	.least_operands = 1,
	.most_operands = 1,
	.help = "print the route table of an application",
	.details = "Prints one line for each route. Of two that match a path, the winner comes "
		   "first.\n"
		   "SYMBOL is \"application\" by default.",
	.options = options,
	.run = run,
};
