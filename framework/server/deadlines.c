#include "deadlines.h"

void km_deadlines_init(km_deadlines *deadlines)
{
	for (int kind = 0; kind < KM_WAIT_KINDS; kind++) {
		km_deadline *head = &deadlines->heads[kind];
		head->previous = head->next = head;
		deadlines->seconds[kind] = 0;
	}
}

void km_deadline_start(km_deadlines *deadlines, km_deadline *deadline, km_wait kind, uint32_t now)
{
	/* Most requests of a busy connection begin and end within one second. */
	if (deadline->next && deadline->kind == kind && deadline->since == now)
		return;
	km_deadline_stop(deadline);
	km_deadline *head = &deadlines->heads[kind];
	deadline->kind = (uint8_t)kind;
	deadline->since = now;
	deadline->previous = head->previous;
	deadline->next = head;
	head->previous->next = deadline;
	head->previous = deadline;
}

void km_deadline_stop(km_deadline *deadline)
{
	if (!deadline->next)
		return;
	deadline->previous->next = deadline->next;
	deadline->next->previous = deadline->previous;
	deadline->previous = deadline->next = NULL;
}

km_deadline *km_deadlines_expired(km_deadlines *deadlines, uint32_t now)
{
	for (int kind = 0; kind < KM_WAIT_KINDS; kind++) {
		km_deadline *oldest = km_deadlines_oldest(deadlines, (km_wait)kind);
		if (oldest && now - oldest->since > deadlines->seconds[kind])
			return oldest;
	}
	return NULL;
}

km_deadline *km_deadlines_oldest(km_deadlines *deadlines, km_wait kind)
{
	km_deadline *head = &deadlines->heads[kind];

	return head->next == head ? NULL : head->next;
}
