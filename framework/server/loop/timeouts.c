#include "framework/server/loop/timeouts.h"

void km_timeouts_init(km_timeouts *deadlines)
{
	for (int kind = 0; kind < KM_WAIT_KINDS; kind++) {
		km_timeout *head = &deadlines->heads[kind];
		head->previous = head->next = head;
		deadlines->seconds[kind] = 0;
	}
}

void km_timeout_start(km_timeouts *deadlines, km_timeout *deadline, km_wait kind, uint32_t now)
{
	/* Most requests of a busy connection begin and end within one second. */
	if (deadline->next && deadline->kind == kind && deadline->since == now)
		return;
	km_timeout_stop(deadline);
	km_timeout *head = &deadlines->heads[kind];
	deadline->kind = (uint8_t)kind;
	deadline->since = now;
	deadline->previous = head->previous;
	deadline->next = head;
	head->previous->next = deadline;
	head->previous = deadline;
}

void km_timeout_stop(km_timeout *deadline)
{
	if (!deadline->next)
		return;
	deadline->previous->next = deadline->next;
	deadline->next->previous = deadline->previous;
	deadline->previous = deadline->next = NULL;
}

km_timeout *km_timeouts_expired(km_timeouts *deadlines, uint32_t now)
{
	for (int kind = 0; kind < KM_WAIT_KINDS; kind++) {
		km_timeout *oldest = km_timeouts_oldest(deadlines, (km_wait)kind);
		if (oldest && now - oldest->since > deadlines->seconds[kind])
			return oldest;
	}
	return NULL;
}

km_timeout *km_timeouts_oldest(km_timeouts *deadlines, km_wait kind)
{
	km_timeout *head = &deadlines->heads[kind];

	return head->next == head ? NULL : head->next;
}
