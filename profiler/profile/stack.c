/* The calls that are open in a recording, as text. */
#include <stdlib.h>

#include "profiler/profile/enable.h"
#include "profiler/profile/error.h"
#include "profiler/profile/function_keys.h"
#include "profiler/profile/output.h"
#include "profiler/profile/profile.h"
#include "profiler/profile/text.h"
#include "profiler/stats/labels.h"

enum { INNERMOST = 40, OUTERMOST = 10 }; /* lines that are printed of a deep stack */

/* Direct recursion: so many calls of one function, each inside the one before. */
struct run {
	uint32_t function, calls;
};

/* Returns the runs, innermost first, or NULL when memory ran out. */
static struct run *find_runs(const km_open_calls *open, uint32_t *count)
{
	struct run *runs = calloc(open->count + 1u, sizeof *runs);

	*count = 0;
	for (uint32_t i = open->count; runs && i-- > 0;) {
		if (*count == 0 || runs[*count - 1].function != open->functions[i])
			runs[(*count)++].function = open->functions[i];
		runs[*count - 1].calls++;
	}
	return runs;
}

static void put_run(km_buffer *out, const struct run *run, const char *root_name)
{
	const km_function_key root = {{"~", 0, root_name}, 0};
	const km_function_key *key = run->function ? km_function_key_of(run->function) : &root;
	km_buffer call = {0};

	if (key)
		km_label_append(&call, &key->function);
	if (call.len && !call.failed)
		km_text_stack_line(out, &call, run->calls);
	else
		out->failed = 1;
	km_buffer_finish(&call);
}

/* Appends the open calls. Sets `failed` when memory runs out. */
static void put_stack(km_buffer *out, const km_open_calls *open, const char *root_name)
{
	uint32_t count, left_out = 0;
	struct run *runs = find_runs(open, &count);

	out->failed |= !runs;
	for (uint32_t i = 0; i < count; i++) {
		if (i < INNERMOST || i + OUTERMOST >= count)
			put_run(out, &runs[i], root_name);
		else
			left_out += runs[i].calls;
		if (left_out && i + OUTERMOST + 1 == count)
			km_buffer_printf(out, "    ... %u calls ...\n", left_out);
	}
	free(runs);
}

/* Finds the calls that are open now, in whichever process records. */
static int find_open_calls(const km_profile *profile, km_open_calls *open)
{
	km_reachable reachable;

	profile->recorder->layout = profile->layout;
	int result = km_reachable_find(&reachable, profile->recorder);
	if (!result)
		result = km_open_calls_find(open, profile->recorder, &reachable);
	km_reachable_finish(&reachable);
	return result;
}

int km_profile_append_stack(km_profile *profile, km_buffer *out)
{
	if (!profile)
		return km_profile_is_null();
	km_open_calls open = profile->open;
	pthread_mutex_lock(&km_process_lock);
	if (!profile->recovered && find_open_calls(profile, &open))
		out->failed = 1;
	else
		put_stack(out, &open, profile->root_name);
	pthread_mutex_unlock(&km_process_lock);
	int count = (int)open.count;
	if (!profile->recovered)
		km_open_calls_finish(&open);
	return out->failed ? km_profile_fail(KM_ENOMEM, "out of memory for the stack") : count;
}

int km_profile_print_stack(km_profile *profile, FILE *stream)
{
	km_buffer text = {0};
	int count = km_profile_append_stack(profile, &text);

	if (count < 0) {
		km_buffer_finish(&text);
		return count;
	}
	int failed = km_text_write(&text, stream);
	return failed ? failed : count;
}
