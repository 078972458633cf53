#include "framework/master/worker_exit.h"

#include <stdio.h>
#include <sys/wait.h>

const char *km_worker_exit_describe(const km_worker_exit *end, char *buffer, size_t size)
{
	int number = end->crashing		? (int)end->slot->crash.signal
		     : WIFSIGNALED(end->status) ? WTERMSIG(end->status)
						: 0;

	if (number && sigabbrev_np(number))
		snprintf(buffer, size, "%s SIG%s",
			 end->crashing ? "crashed:" : "killed:", sigabbrev_np(number));
	else if (number)
		snprintf(buffer, size, "killed: signal %d", number);
	else
		snprintf(buffer, size, "exited with status %d", WEXITSTATUS(end->status));
	return buffer;
}

const km_request_slot *km_worker_exit_request(const km_worker_exit *end)
{
	const km_worker_slot *slot = end->slot;
	const km_thread_slot *longest = NULL;

	if (slot->crash.signal && slot->crash.thread < slot->threads) {
		const km_thread_slot *crashed = &slot->thread_slots[slot->crash.thread];
		return crashed->since_ns ? km_thread_slot_request(crashed) : NULL;
	}
	if (slot->timed_out_ns && slot->timed_out_thread < slot->threads)
		return km_thread_slot_request(&slot->thread_slots[slot->timed_out_thread]);
	for (uint32_t i = 0; i < slot->threads; i++) {
		const km_thread_slot *thread = &slot->thread_slots[i];
		int64_t since = thread->since_ns;
		if (since && (!longest || since < longest->since_ns))
			longest = thread;
	}
	return longest ? km_thread_slot_request(longest) : NULL;
}
