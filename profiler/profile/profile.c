#include <komori/profiler.h>

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "framework/base/buffer.h"
#include "profiler/dump/prof_writer.h"
#include "profiler/probe/probe.h"
#include "profiler/record/enter.h"
#include "profiler/record/functions.h"
#include "profiler/record/probe_cost.h"
#include "profiler/record/ticks.h"
#include "profiler/record/recover.h"
#include "profiler/report/pstats_text.h"
#include "profiler/profile/output.h"
#include "profiler/profile/snapshot.h"
#include "profiler/profile/stack_text.h"
#include "profiler/profile/thread_text.h"
#include "profiler/symbols/symbols.h"

struct km_profile {
	km_recorder *recorder;
	char *root_name; /* "<name>" */
	/* What the listings and the dump are made from; made once, dropped by the next start. */
	km_tree *tree;
	km_stats *stats;
	bool running;
	/* Of a shared recording. */
	km_recorder_layout
		layout; /* as it was made: what a dying process writes may hit the other */
	bool recovered;
	pid_t pid;	    /* of the process that died */
	km_open_calls open; /* at its death */
};

/* The probe and the names of functions belong to the process; recordings do not. */
static pthread_mutex_t process_lock = PTHREAD_MUTEX_INITIALIZER;
static bool enabled;
static __thread char last_error[256] = "no error";

static int fail(int error, const char *format, ...) KM_PRINTF(2, 3);

static int fail(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(last_error, sizeof last_error, format, args);
	va_end(args);
	return error;
}

const char *km_profile_error(void)
{
	return last_error;
}

static int enable_locked(void)
{
	char error[sizeof last_error];
	int result = km_probe_enable(error, sizeof error);

	enabled = enabled || !result;
	return result ? fail(result, "%s", error) : 0;
}

int km_profile_enable(void)
{
	pthread_mutex_lock(&process_lock);
	int result = enable_locked();
	pthread_mutex_unlock(&process_lock);
	return result;
}

size_t km_profile_sled_count(void)
{
	pthread_mutex_lock(&process_lock);
	size_t count = km_probe_sled_count();
	pthread_mutex_unlock(&process_lock);
	return count;
}

static void drop_results(km_profile *profile)
{
	km_stats_free(profile->stats);
	km_snapshot_free(profile->tree);
	profile->stats = NULL;
	profile->tree = NULL;
}

km_profile *km_profile_new(const km_profile_options *options)
{
	const km_profile_options defaults = {0};

	if (!options)
		options = &defaults;
	pthread_mutex_lock(&process_lock);
	int unusable = enabled ? 0 : enable_locked();
	uint32_t functions = km_function_count;
	pthread_mutex_unlock(&process_lock);
	if (unusable)
		return NULL;
	km_profile *profile = calloc(1, sizeof *profile);
	if (!profile || km_profile_set_name(profile, "profile"))
		goto failed;
	profile->recorder = km_recorder_new(options->memory, functions, options->shared);
	if (!profile->recorder)
		goto failed;
	profile->layout = profile->recorder->layout;
	/* Usually the thread that will record: its first start should not look the stack up. */
	km_recorder_bind_stack(profile->recorder);
	return profile;
failed:
	fail(KM_ENOMEM, "no memory for a recording: %s", strerror(errno));
	km_profile_free(profile);
	return NULL;
}

void km_profile_free(km_profile *profile)
{
	if (!profile)
		return;
	if (profile->running) { /* its memory is in use: better kept than taken away */
		fail(KM_ESTATE, "a profile was freed while it was recorded");
		return;
	}
	drop_results(profile);
	km_open_calls_finish(&profile->open);
	km_recorder_free(profile->recorder);
	free(profile->root_name);
	free(profile);
}

int km_profile_set_name(km_profile *profile, const char *name)
{
	char *root_name;

	if (!name)
		return fail(KM_EINVAL, "a profile needs a name");
	if (asprintf(&root_name, "<%s>", name) < 0)
		return fail(KM_ENOMEM, "out of memory");
	drop_results(profile);
	free(profile->root_name);
	profile->root_name = root_name;
	return 0;
}

int km_profile_start(km_profile *profile)
{
	if (km_call_tree_current)
		return fail(KM_ESTATE, "this thread records a profile already");
	if (profile->running)
		return fail(KM_ESTATE, "this profile is recorded by another thread");
	if (profile->recovered)
		return fail(KM_ESTATE, "a recovered profile is reset before it is recorded again");
	drop_results(profile);
	profile->running = true;
	km_recorder_bind_stack(profile->recorder);
	km_node *root = km_recorder_root(profile->recorder);
	km_call_tree_recorder = profile->recorder;
	root->ticks -= km_ticks_now();
	km_call_tree_current = root;
	return 0;
}

__attribute__((noinline)) int km_profile_stop(km_profile *profile)
{
	/* The caller's stack pointer at the call, above its return address. */
	uint64_t sp = (uint64_t)(uintptr_t)__builtin_frame_address(0) + 2 * sizeof(void *);
	km_node *root = km_recorder_root(profile->recorder);

	if (!km_call_tree_current || km_call_tree_recorder != profile->recorder)
		return fail(KM_ESTATE, "this thread does not record this profile");
	/* Frames below the caller's are not there any more: a longjmp skipped their returns. */
	if (km_call_tree_current != root && km_call_tree_settle(sp) != root)
		return fail(KM_ESTATE,
			    "stop belongs into the function that called start: functions "
			    "entered since are still running");
	km_call_tree_current = NULL;
	root->ticks += km_ticks_now();
	km_call_tree_recorder = NULL;
	profile->running = false;
	return 0;
}

void km_profile_reset(km_profile *profile)
{
	if (profile->running) {
		fail(KM_ESTATE, "a profile was reset while it was recorded");
		return;
	}
	if (profile->recovered) {
		km_profile_discard(profile);
		return;
	}
	drop_results(profile);
	km_recorder_reset(profile->recorder);
}

/* --- recordings of other processes --- */

int km_profile_recover(km_profile *profile, pid_t pid, int64_t died_ns)
{
	if (!profile->layout.shared || profile->running)
		return fail(KM_EINVAL,
			    "only a shared recording of another process can be recovered");
	if (profile->recovered)
		return profile->open.count > 0;
	drop_results(profile);
	pthread_mutex_lock(&process_lock);
	int result = km_recorder_recover(profile->recorder, &profile->layout,
					 died_ns ? km_ticks_at(died_ns) : km_ticks_now(),
					 &profile->open);
	pthread_mutex_unlock(&process_lock);
	if (result)
		return fail(result, "out of memory for the recording of a dead process");
	profile->recovered = true;
	profile->pid = pid;
	return profile->open.count > 0;
}

void km_profile_discard(km_profile *profile)
{
	drop_results(profile);
	km_open_calls_finish(&profile->open);
	profile->recovered = false;
	km_recorder_restore(profile->recorder, &profile->layout);
}

/* The calls that are open now, in whatever process. */
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
	km_open_calls open = profile->open;
	int result = 0;

	pthread_mutex_lock(&process_lock);
	if (!profile->recovered)
		result = find_open_calls(profile, &open);
	if (!result)
		result = km_stack_text(out, &open, profile->root_name);
	pthread_mutex_unlock(&process_lock);
	if (result)
		fail(result, "out of memory for the stack");
	else
		result = (int)open.count;
	if (!profile->recovered)
		km_open_calls_finish(&open);
	return result;
}

/* Writes the text to `stream` and frees it, unless `result` is an error already. */
static int write_text(km_buffer *text, FILE *stream, int result)
{
	if (result >= 0 && text->len && fwrite(text->data, 1, text->len, stream) != text->len)
		result = fail(KM_EIO, "cannot write: %s", strerror(errno));
	km_buffer_finish(text);
	return result;
}

int km_profile_print_stack(km_profile *profile, FILE *stream)
{
	km_buffer text = {0};

	return write_text(&text, stream, km_profile_append_stack(profile, &text));
}

int km_profile_locate(const void *address, km_profile_location *location)
{
	const km_symbol *symbol = km_symbols_find(address);

	if (!symbol)
		return fail(KM_ENOMEM, "out of memory for the name of a function");
	*location = (km_profile_location){symbol->name, symbol->file, symbol->line};
	return 0;
}

int km_profile_locate_line(const void *address, char *text, size_t size)
{
	char *file;
	int line;
	int failed = km_symbols_find_line(address, &file, &line);

	if (failed) {
		snprintf(text, size, "%s", "");
		return failed;
	}
	snprintf(text, size, "%s:%d", file, line);
	free(file);
	return 0;
}

size_t km_profile_print_thread(const km_profile_thread *thread, const void *last, FILE *stream)
{
	km_buffer text = {0};
	size_t lines = km_thread_text(&text, thread, last);

	if (text.len && fwrite(text.data, 1, text.len, stream) != text.len)
		lines = 0;
	km_buffer_finish(&text);
	return lines;
}

/* --- reading --- */

void km_profile_summarise(const km_profile *profile, km_profile_summary *summary)
{
	km_recorder *recorder = profile->recorder;
	uint32_t nodes = km_recorder_tree_size(recorder);
	uint64_t ticks =
		km_recorder_root(recorder)->ticks + (profile->running ? km_ticks_now() : 0);

	*summary = (km_profile_summary){
		.nodes = nodes,
		.calls = recorder->folded_calls,
		.other_calls = recorder->folded_calls,
		.lost_calls = recorder->lost_calls,
		.memory = km_recorder_memory(recorder),
		.seconds = (double)ticks * km_ticks_seconds(),
	};
	for (uint32_t i = 0; i < nodes; i++)
		summary->calls += km_recorder_node(recorder, KM_RECORDER_ROOT + i)->calls;
}

/* Tree and rows of what was recorded, sorted. */
static int make_results(km_profile *profile, const char *sort_by)
{
	int result = 0;

	if (profile->running)
		return fail(KM_ESTATE, "the profile is still being recorded");
	if (!profile->stats) {
		pthread_mutex_lock(&process_lock);
		profile->tree = km_snapshot_new(profile->recorder, profile->root_name,
						km_probe_cost_seconds());
		pthread_mutex_unlock(&process_lock);
		result = profile->tree ? km_stats_from_tree(&profile->stats, profile->tree)
				       : KM_ENOMEM;
		if (result) {
			drop_results(profile);
			return fail(result, "out of memory for the rows of the profile");
		}
	}
	return km_stats_sort(profile->stats, sort_by, last_error, sizeof last_error);
}

typedef int (*listing_of)(km_buffer *, const km_stats *, const km_restrictions *);

static int append(km_profile *profile, km_buffer *out, const char *sort_by,
		  const char *restrictions, listing_of listing)
{
	km_restrictions *restriction_list = NULL;
	int result = make_results(profile, sort_by);

	if (!result && km_restrictions_new(&restriction_list, restrictions))
		result = fail(KM_ENOMEM, "out of memory");
	if (!result)
		result = km_restrictions_fault(restriction_list, last_error, sizeof last_error);
	if (!result && (listing(out, profile->stats, restriction_list) || out->failed))
		result = fail(KM_ENOMEM, "out of memory for the text");
	km_restrictions_free(restriction_list);
	return result;
}

int km_profile_append_stats(km_profile *profile, km_buffer *out, const char *sort_by,
			    const char *restrictions)
{
	return append(profile, out, sort_by, restrictions, km_pstats_print_stats);
}

static int print(km_profile *profile, FILE *stream, const char *sort_by, const char *restrictions,
		 listing_of listing)
{
	km_buffer text = {0};

	return write_text(&text, stream, append(profile, &text, sort_by, restrictions, listing));
}

int km_profile_print_stats(km_profile *profile, FILE *stream, const char *sort_by,
			   const char *restrictions)
{
	return print(profile, stream, sort_by, restrictions, km_pstats_print_stats);
}

int km_profile_print_callers(km_profile *profile, FILE *stream, const char *sort_by,
			     const char *restrictions)
{
	return print(profile, stream, sort_by, restrictions, km_pstats_print_callers);
}

int km_profile_print_callees(km_profile *profile, FILE *stream, const char *sort_by,
			     const char *restrictions)
{
	return print(profile, stream, sort_by, restrictions, km_pstats_print_callees);
}

int km_profile_check_sort(const char *sort_by)
{
	return km_stats_check_sort(sort_by, last_error, sizeof last_error);
}

int km_profile_check_restrictions(const char *restrictions)
{
	return km_restrictions_check(restrictions, last_error, sizeof last_error);
}

/* The deepest node that was open at death; calls without room in the tree are its (other) child. */
static uint32_t open_node_of(const km_profile *profile)
{
	const km_tree *tree = profile->tree;
	uint32_t node = profile->open.node - KM_RECORDER_ROOT;

	if (profile->open.folded)
		for (uint32_t i = tree->node_count; --i > node;)
			if (tree->nodes[i].function == tree->other && tree->nodes[i].parent == node)
				return i;
	return node;
}

/* Writes to `fd`, or with `fd` < 0 to the file at `path`. */
static int dump(km_profile *profile, int fd, const char *path, const km_profile_facts *facts)
{
	int result = make_results(profile, NULL);

	if (result)
		return result;
	uint32_t open_node = open_node_of(profile);
	km_prof_content prof = {
		.stats = profile->stats,
		.tree = profile->tree,
		.facts = facts,
		.pid = profile->recovered ? profile->pid : getpid(),
		.open_node = profile->open.count ? &open_node : NULL,
	};
	result = fd < 0 ? km_prof_write(path, &prof, true) : km_prof_write_fd(fd, &prof);
	if (result)
		fail(result, "cannot write %s: %s", path,
		     result == KM_EIO ? strerror(errno) : km_strerror(result));
	return result;
}

int km_profile_dump_stats(km_profile *profile, const char *path)
{
	return dump(profile, -1, path, NULL);
}

int km_profile_dump_stats_facts(km_profile *profile, const char *path,
				const km_profile_facts *facts)
{
	return dump(profile, -1, path, facts);
}

int km_profile_write(km_profile *profile, int fd, const km_profile_facts *facts)
{
	return dump(profile, fd, "the file", facts);
}
