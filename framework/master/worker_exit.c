#include "framework/master/worker_exit.h"

#include <stdio.h>
#include <sys/wait.h>

const char *km_worker_exit_describe(const km_worker_exit *loss, char *buffer, size_t size)
{
	int number = loss->crashing		 ? (int)loss->slot->crash.signal
		     : WIFSIGNALED(loss->status) ? WTERMSIG(loss->status)
						 : 0;

	if (number && sigabbrev_np(number))
		snprintf(buffer, size, "%s SIG%s",
			 loss->crashing ? "crashed:" : "killed:", sigabbrev_np(number));
	else if (number)
		snprintf(buffer, size, "killed: signal %d", number);
	else
		snprintf(buffer, size, "exited with status %d", WEXITSTATUS(loss->status));
	return buffer;
}

const km_request_slot *km_worker_exit_request(const km_worker_exit *loss)
{
	const km_worker_slot *slot = loss->slot;
	const km_thread_slot *longest = NULL, *crashed;

	if (slot->crash.signal && slot->crash.thread < slot->threads) {
		crashed = &slot->progress[slot->crash.thread];
		return crashed->since_ns ? km_thread_slot_request(crashed) : NULL;
	}
	if (slot->timed_out_ns && slot->timed_out_thread < slot->threads)
		return km_thread_slot_request(&slot->progress[slot->timed_out_thread]);
	for (uint32_t i = 0; i < slot->threads; i++) {
		const km_thread_slot *progress = &slot->progress[i];
		int64_t since = progress->since_ns;
		if (since && (!longest || since < longest->since_ns))
			longest = progress;
	}
	return longest ? km_thread_slot_request(longest) : NULL;
}
