#include "framework/server/loop/timeouts.h"

void km_timeouts_init(km_timeouts *timeouts)
{
	for (int kind = 0; kind < KM_WAIT_KINDS; kind++) {
		km_timeout *head = &timeouts->heads[kind];
		head->previous = head->next = head;
		timeouts->seconds[kind] = 0;
	}
}

void km_timeout_start(km_timeouts *timeouts, km_timeout *timeout, km_wait kind, uint32_t now)
{
	/* Most requests of a busy connection begin and end within one second. */
	if (timeout->next && timeout->kind == kind && timeout->since == now)
		return;
	km_timeout_stop(timeout);
	km_timeout *head = &timeouts->heads[kind];
	timeout->kind = (uint8_t)kind;
	timeout->since = now;
	timeout->previous = head->previous;
	timeout->next = head;
	head->previous->next = timeout;
	head->previous = timeout;
}

void km_timeout_stop(km_timeout *timeout)
{
	if (!timeout->next)
		return;
	timeout->previous->next = timeout->next;
	timeout->next->previous = timeout->previous;
	timeout->previous = timeout->next = NULL;
}

km_timeout *km_timeouts_expired(km_timeouts *timeouts, uint32_t now)
{
	for (int kind = 0; kind < KM_WAIT_KINDS; kind++) {
		km_timeout *oldest = km_timeouts_oldest(timeouts, (km_wait)kind);
		if (oldest && now - oldest->since > timeouts->seconds[kind])
			return oldest;
	}
	return NULL;
}

km_timeout *km_timeouts_oldest(km_timeouts *timeouts, km_wait kind)
{
	km_timeout *head = &timeouts->heads[kind];

	return head->next == head ? NULL : head->next;
}
