/* Places in the code: of functions, of instructions, and of the calls of a stopped thread. */
#include <stdbool.h>
#include <stdlib.h>

#include "profiler/profile/error.h"
#include "profiler/profile/text.h"
#include "profiler/stats/labels.h"
#include "profiler/symbols/symbols.h"
#include "profiler/symbols/unwind.h"

enum { THREAD_CALLS_MAX = 100 };

int km_profile_locate(const void *address, km_profile_location *location)
{
	if (!location)
		return km_profile_fail(KM_EINVAL, "the location is NULL");
	const km_symbol *symbol = km_symbols_find(address);
	if (!symbol)
		return km_profile_fail(KM_ENOMEM, "out of memory for the name of a function");
	*location = (km_profile_location){symbol->name, symbol->file, symbol->line};
	return 0;
}

int km_profile_locate_line(const void *address, char *text, size_t size)
{
	char *file = NULL;
	int line;

	if (!text || !size)
		return km_profile_fail(KM_EINVAL, "there is no room for the line");
	int failed = km_symbols_find_line(address, &file, &line);
	*text = '\0';
	if (failed)
		return km_profile_fail(failed, "no source line is known for the address");
	snprintf(text, size, "%s:%d", file, line);
	free(file);
	return 0;
}

/* Appends the place of a call, or its function alone when no line is known. */
static void put_call(km_buffer *out, const void *address, const km_symbol *symbol)
{
	char *file = NULL;
	int line;

	if (km_symbols_find_line(address, &file, &line) == 0)
		km_label_append(out, &(km_function){file, line, symbol->name});
	else
		km_buffer_printf(out, "{%s}", symbol->name);
	free(file);
}

static bool is_same(const km_symbol *one, const km_symbol *other)
{
	return one && other && one->line == other->line && strcmp(one->name, other->name) == 0 &&
	       strcmp(one->file, other->file) == 0;
}

/* Appends the calls, those from one place inside each other as one line. Returns how many lines. */
static size_t put_thread(km_buffer *out, const km_profile_thread *thread, const void *last)
{
	uint64_t addresses[THREAD_CALLS_MAX];
	bool cut, ended = false;
	size_t count = km_unwind(thread, addresses, THREAD_CALLS_MAX, &cut), lines = 0;
	const km_symbol *end = last ? km_symbols_find(last) : NULL;
	km_buffer call = {0}, before = {0};
	unsigned times = 0;

	for (size_t i = 0; i < count && !ended; i++) {
		const void *address = (const void *)(uintptr_t)addresses[i];
		const km_symbol *symbol = km_symbols_find(address);
		km_buffer_clear(&call);
		if (symbol)
			put_call(&call, address, symbol);
		if (!call.len || call.failed)
			break;
		if (!times || strcmp(call.data, before.data) != 0) {
			if (times)
				km_text_stack_line(out, &before, times);
			km_buffer swapped = before;
			before = call;
			call = swapped;
			times = 0;
			lines++;
		}
		times++;
		ended = is_same(symbol, end);
	}
	if (times)
		km_text_stack_line(out, &before, times);
	if (lines && cut && !ended)
		km_buffer_text(out, "    ...\n");
	km_buffer_finish(&call);
	km_buffer_finish(&before);
	return lines;
}

size_t km_profile_print_thread(const km_profile_thread *thread, const void *last, FILE *stream)
{
	km_buffer text = {0};
	size_t lines = thread ? put_thread(&text, thread, last) : 0;

	if (!thread)
		km_profile_fail(KM_EINVAL, "the thread is NULL");
	return km_text_write(&text, stream) ? 0 : lines;
}
