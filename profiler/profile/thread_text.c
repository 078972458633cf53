#include "profiler/profile/thread_text.h"

#include <stdlib.h>

#include "profiler/symbols/symbols.h"
#include "profiler/symbols/unwind.h"

enum { MOST = 100 }; /* calls */

/* A line, and the calls that it stands for: one inside the other from the same place. */
struct run {
	char *text;
	unsigned calls;
};

/* "file:line(function)", and without a place "{function}", as the tables have it. */
static char *describe(uint64_t address, const km_symbol *symbol)
{
	const void *at = (const void *)(uintptr_t)address;
	char *file = NULL, *text = NULL;
	int line, written;

	if (km_symbols_find_line(at, &file, &line) == 0)
		written = asprintf(&text, "%s:%d(%s)", file, line, symbol->name);
	else
		written = asprintf(&text, "{%s}", symbol->name);
	free(file);
	return written < 0 ? NULL : text;
}

static void put_run(km_buffer *out, struct run *run)
{
	if (run->text)
		km_buffer_printf(out, "    %s", run->text);
	if (run->calls > 1)
		km_buffer_printf(out, ", %u times", run->calls);
	if (run->text)
		km_buffer_char(out, '\n');
	free(run->text);
}

static bool is_same(const km_symbol *one, const km_symbol *other)
{
	return one && other && one->line == other->line && strcmp(one->name, other->name) == 0 &&
	       strcmp(one->file, other->file) == 0;
}

size_t km_thread_text(km_buffer *out, const km_profile_thread *thread, const void *last)
{
	uint64_t addresses[MOST];
	bool cut;
	size_t count = km_unwind(thread, addresses, MOST, &cut), lines = 0;
	const km_symbol *end = last ? km_symbols_find(last) : NULL;
	struct run run = {0};
	bool ended = false;

	for (size_t i = 0; i < count && !ended; i++) {
		const km_symbol *symbol = km_symbols_find((const void *)(uintptr_t)addresses[i]);
		char *text = symbol ? describe(addresses[i], symbol) : NULL;
		if (!text)
			break;
		if (run.text && strcmp(run.text, text) == 0) {
			run.calls++;
			free(text);
		} else {
			put_run(out, &run);
			run = (struct run){text, 1};
			lines++;
		}
		ended = is_same(symbol, end);
	}
	put_run(out, &run);
	if (lines && cut && !ended)
		km_buffer_text(out, "    ...\n");
	return lines;
}
