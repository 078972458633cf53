#include "gathering.h"

#include <event2/event.h>
#include <stdlib.h>

#include "connection.h"

/* The loop's output begins near the start of a page. Were the input to do so as well, reads of the
 * one would wait for writes to the other, of which the processor at first compares the last twelve
 * bits of their addresses: 8 of 150 ns of a short request. */
enum { PAGE = 4096, START = PAGE / 2, ROOM = 2 * KM_READ_MOST, BLOCK = ROOM + PAGE };

static void on_rest(evutil_socket_t fd, short what, void *gathering)
{
	(void)fd;
	(void)what;
	km_gathering_serve(gathering);
}

int km_gathering_init(km_gathering *gathering, struct event_base *base)
{
	gathering->base = base;
	gathering->block = aligned_alloc(PAGE, BLOCK);
	gathering->rest = event_new(base, -1, 0, on_rest, gathering);
	if (!gathering->block || !gathering->rest)
		return KM_ENOMEM;
	gathering->room = gathering->block + START;
	return 0;
}

void km_gathering_finish(km_gathering *gathering)
{
	if (gathering->rest)
		event_free(gathering->rest);
	free(gathering->block);
	*gathering = (km_gathering){0};
}

bool km_gathering_is_of_use(const km_gathering *gathering)
{
	return gathering->count > 0 ||
	       event_base_get_num_events(gathering->base, EVENT_BASE_COUNT_ACTIVE) > 0;
}

void km_gathering_add(km_gathering *gathering, km_connection *connection, size_t len)
{
	const km_str input = {km_gathering_place(gathering), len};

	gathering->all[gathering->count].connection = connection;
	gathering->all[gathering->count++].input = input;
	gathering->used += len;
	if (gathering->count == 1)
		event_active(gathering->rest, EV_TIMEOUT, 0);
	if (gathering->count == KM_GATHERING_MOST || gathering->used > ROOM - KM_READ_MOST)
		km_gathering_serve(gathering);
}

void km_gathering_serve(km_gathering *gathering)
{
	for (size_t i = 0; i < gathering->count; i++)
		km_connection_serve(gathering->all[i].connection, gathering->all[i].input);
	gathering->count = gathering->used = 0;
}
