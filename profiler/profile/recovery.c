/* Shared recordings of processes that died. */
#include "profiler/profile/enable.h"
#include "profiler/profile/error.h"
#include "profiler/profile/profile.h"
#include "profiler/record/recover.h"
#include "profiler/record/ticks.h"

int km_profile_recover(km_profile *profile, pid_t pid, int64_t died_ns)
{
	if (!profile)
		return km_profile_is_null();
	if (!profile->layout.shared || profile->running)
		return km_profile_fail(
			KM_EINVAL, "only a shared recording of another process can be recovered");
	if (profile->recovered)
		return profile->open.count > 0;
	km_profile_drop_results(profile);
	pthread_mutex_lock(&km_process_lock);
	int result = km_recorder_recover(profile->recorder, &profile->layout,
					 died_ns ? km_ticks_at(died_ns) : km_ticks_now(),
					 &profile->open);
	pthread_mutex_unlock(&km_process_lock);
	if (result)
		return km_profile_fail(result, "out of memory for the recording of process %d",
				       (int)pid);
	profile->recovered = true;
	profile->pid = pid;
	return profile->open.count > 0;
}

void km_profile_discard(km_profile *profile)
{
	if (!profile) {
		km_profile_is_null();
		return;
	}
	km_profile_drop_results(profile);
	km_open_calls_finish(&profile->open);
	profile->recovered = false;
	km_recorder_restore(profile->recorder, &profile->layout);
}
