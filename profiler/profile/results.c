/* What a recording holds: its summary, its listings and its dump. */
#include <errno.h>
#include <unistd.h>

#include "profiler/dump/prof_writer.h"
#include "profiler/profile/enable.h"
#include "profiler/profile/error.h"
#include "profiler/profile/output.h"
#include "profiler/profile/profile.h"
#include "profiler/profile/snapshot.h"
#include "profiler/profile/text.h"
#include "profiler/record/ticks.h"
#include "profiler/report/pstats_text.h"

void km_profile_summarise(const km_profile *profile, km_profile_summary *summary)
{
	if (!summary) {
		km_profile_fail(KM_EINVAL, "the summary is NULL");
		return;
	}
	*summary = (km_profile_summary){0};
	if (!profile) {
		km_profile_is_null();
		return;
	}
	km_recorder *recorder = profile->recorder;
	uint32_t nodes = km_recorder_tree_size(recorder);
	uint64_t ticks =
		km_recorder_root(recorder)->ticks + (profile->running ? km_ticks_now() : 0);
	*summary = (km_profile_summary){
		.nodes = nodes,
		.calls = recorder->overflow_calls,
		.other_calls = recorder->overflow_calls,
		.lost_calls = recorder->lost_calls,
		.memory = km_recorder_memory(recorder),
		.seconds = (double)ticks * km_ticks_seconds(),
	};
	for (uint32_t i = 0; i < nodes; i++)
		summary->calls += km_recorder_node(recorder, KM_RECORDER_ROOT + i)->calls;
}

/* Sets the error from the text of another part. */
static int pass_on(int result, const char *error)
{
	return result ? km_profile_fail(result, "%s", error) : 0;
}

/* Makes the tree and the rows of the recording, if need be, and sorts them. */
static int make_results(km_profile *profile, const char *sort_by)
{
	char error[KM_PROFILE_ERROR_SIZE] = "out of memory for the rows of the profile";
	int result = 0;

	if (!profile)
		return km_profile_is_null();
	if (profile->running)
		return km_profile_fail(KM_ESTATE, "the profile is still being recorded");
	if (!profile->stats) {
		pthread_mutex_lock(&km_process_lock);
		profile->tree = km_snapshot_new(profile->recorder, profile->root_name);
		pthread_mutex_unlock(&km_process_lock);
		result = profile->tree ? km_stats_from_tree(&profile->stats, profile->tree)
				       : KM_ENOMEM;
	}
	if (result)
		km_profile_drop_results(profile);
	else
		result = km_stats_sort(profile->stats, sort_by, error, sizeof error);
	return pass_on(result, error);
}

static int append(km_profile *profile, km_buffer *out, const char *sort_by,
		  const char *restrictions, km_pstats_listing listing)
{
	char error[KM_PROFILE_ERROR_SIZE] = "out of memory for the restrictions";
	km_restrictions *list = NULL;
	int result = make_results(profile, sort_by);

	if (result)
		return result;
	result = km_restrictions_new(&list, restrictions);
	if (!result)
		result = km_restrictions_fault(list, error, sizeof error);
	if (!result)
		out->failed |= km_pstats_append(out, listing, profile->stats, list) != 0;
	km_restrictions_free(list);
	if (!result && out->failed)
		return km_profile_fail(KM_ENOMEM, "out of memory for the text");
	return pass_on(result, error);
}

int km_profile_append_stats(km_profile *profile, km_buffer *out, const char *sort_by,
			    const char *restrictions)
{
	return append(profile, out, sort_by, restrictions, KM_PSTATS_STATS);
}

static int print(km_profile *profile, FILE *stream, const char *sort_by, const char *restrictions,
		 km_pstats_listing listing)
{
	km_buffer text = {0};
	int failed = append(profile, &text, sort_by, restrictions, listing);

	if (!failed)
		return km_text_write(&text, stream);
	km_buffer_finish(&text);
	return failed;
}

int km_profile_print_stats(km_profile *profile, FILE *stream, const char *sort_by,
			   const char *restrictions)
{
	return print(profile, stream, sort_by, restrictions, KM_PSTATS_STATS);
}

int km_profile_print_callers(km_profile *profile, FILE *stream, const char *sort_by,
			     const char *restrictions)
{
	return print(profile, stream, sort_by, restrictions, KM_PSTATS_CALLERS);
}

int km_profile_print_callees(km_profile *profile, FILE *stream, const char *sort_by,
			     const char *restrictions)
{
	return print(profile, stream, sort_by, restrictions, KM_PSTATS_CALLEES);
}

int km_profile_check_sort(const char *sort_by)
{
	char error[KM_PROFILE_ERROR_SIZE];

	return pass_on(km_stats_check_sort(sort_by, error, sizeof error), error);
}

int km_profile_check_restrictions(const char *restrictions)
{
	char error[KM_PROFILE_ERROR_SIZE] = "out of memory for the restrictions";

	return pass_on(km_restrictions_check(restrictions, error, sizeof error), error);
}

/* The deepest node that was open at death, or its (other) child when overflow frames were. */
static uint32_t open_node_of(const km_profile *profile)
{
	const km_tree *tree = profile->tree;
	uint32_t node = profile->open.node - KM_RECORDER_ROOT;

	if (profile->open.overflowed)
		for (uint32_t i = tree->node_count; --i > node;)
			if (tree->nodes[i].function == tree->other && tree->nodes[i].parent == node)
				return i;
	return node;
}

/* Writes to the open file `fd`, or, when that is negative, to the file at `path`. */
static int dump(km_profile *profile, int fd, const char *path, const km_profile_facts *facts)
{
	int result = make_results(profile, NULL);

	if (result)
		return result;
	if (!path)
		return km_profile_fail(KM_EINVAL, "the path is NULL");
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
		km_profile_fail(result, "cannot write %s: %s", path,
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
