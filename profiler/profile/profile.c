#include "profiler/profile/profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "profiler/profile/enable.h"
#include "profiler/profile/error.h"
#include "profiler/record/enter.h"
#include "profiler/record/forked.h"
#include "profiler/record/ticks.h"

void km_profile_drop_results(km_profile *profile)
{
	km_stats_free(profile->stats);
	km_tree_free(profile->tree);
	profile->stats = NULL;
	profile->tree = NULL;
}

km_profile *km_profile_new(const km_profile_options *options)
{
	const km_profile_options defaults = {0};
	uint32_t functions;

	if (!options)
		options = &defaults;
	if (km_enable_once(&functions))
		return km_profile_no_new();
	km_profile *profile = calloc(1, sizeof *profile);
	if (!profile || km_profile_set_name(profile, "profile"))
		goto failed;
	profile->recorder = km_recorder_new(options->memory, functions, options->shared);
	if (!profile->recorder)
		goto failed;
	if (options->shared)
		km_forked_watch();
	profile->layout = profile->recorder->layout;
	/* Usually this thread records: then its first start does not look the stack up. */
	km_recorder_bind_stack(profile->recorder);
	return profile;
failed:
	km_profile_fail(KM_ENOMEM, "no memory for a recording: %s", strerror(errno));
	km_profile_free(profile);
	return km_profile_no_new();
}

void km_profile_free(km_profile *profile)
{
	if (!profile)
		return;
	if (profile->running) { /* a thread still writes to its memory, so it stays */
		km_profile_fail(KM_ESTATE, "the profile to free is still being recorded");
		return;
	}
	km_profile_drop_results(profile);
	km_open_calls_finish(&profile->open);
	km_recorder_free(profile->recorder);
	free(profile->root_name);
	free(profile);
}

int km_profile_set_name(km_profile *profile, const char *name)
{
	char *root_name;

	if (!profile)
		return km_profile_is_null();
	if (!name)
		return km_profile_fail(KM_EINVAL, "the name is NULL");
	if (asprintf(&root_name, "<%s>", name) < 0)
		return km_profile_fail(KM_ENOMEM, "out of memory for the name");
	km_profile_drop_results(profile);
	free(profile->root_name);
	profile->root_name = root_name;
	return 0;
}

int km_profile_start(km_profile *profile)
{
	if (!profile)
		return km_profile_is_null();
	if (km_record_current)
		return km_profile_fail(KM_ESTATE, "this thread already records a profile");
	if (profile->running)
		return km_profile_fail(KM_ESTATE, "another thread records this profile");
	if (profile->recovered)
		return km_profile_fail(KM_ESTATE,
				       "a recovered profile has to be reset before it can start");
	km_profile_drop_results(profile);
	profile->running = true;
	km_recorder_bind_stack(profile->recorder);
	km_node *root = km_recorder_root(profile->recorder);
	km_record_recorder = profile->recorder;
	root->ticks -= km_ticks_now();
	km_record_current = root;
	return 0;
}

__attribute__((noinline)) int km_profile_stop(km_profile *profile)
{
	/* The caller's stack pointer at the call, above its return address. */
	uint64_t sp = (uint64_t)(uintptr_t)__builtin_frame_address(0) + 2 * sizeof(void *);

	if (!profile)
		return km_profile_is_null();
	if (!km_record_current || km_record_recorder != profile->recorder)
		return km_profile_fail(KM_ESTATE, "this thread does not record this profile");
	/* A longjmp may have skipped the returns of frames below the caller's. */
	km_node *root = km_recorder_root(profile->recorder);
	if (km_record_current != root && km_record_settle(sp) != root)
		return km_profile_fail(KM_ESTATE,
				       "stop belongs into the function that called start: "
				       "functions entered since are still open");
	km_record_current = NULL;
	root->ticks += km_ticks_now();
	km_record_recorder = NULL;
	profile->running = false;
	return 0;
}

void km_profile_reset(km_profile *profile)
{
	if (!profile) {
		km_profile_is_null();
	} else if (profile->running) {
		km_profile_fail(KM_ESTATE, "the profile to reset is still being recorded");
	} else if (profile->recovered) {
		km_profile_discard(profile);
	} else {
		km_profile_drop_results(profile);
		km_recorder_reset(profile->recorder);
	}
}
