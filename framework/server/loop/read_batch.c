#include "framework/server/loop/read_batch.h"

#include <event2/event.h>
#include <stdlib.h>

#include "framework/server/connection/connection.h"

/* The loop's output begins near the start of a page. Were the input to do so as well, reads of the
 * one would wait for writes to the other, of which the processor at first compares the last twelve
 * bits of their addresses: 8 of 150 ns of a short request. */
enum { PAGE = 4096, START = PAGE / 2, ROOM = 2 * KM_READ_MOST, BLOCK = ROOM + PAGE };

static void on_rest(evutil_socket_t fd, short what, void *gathering)
{
	(void)fd;
	(void)what;
	km_read_batch_serve(gathering);
}

int km_read_batch_init(km_read_batch *gathering, struct event_base *base)
{
	gathering->base = base;
	gathering->block = aligned_alloc(PAGE, BLOCK);
	gathering->rest = event_new(base, -1, 0, on_rest, gathering);
	if (!gathering->block || !gathering->rest)
		return KM_ENOMEM;
	gathering->room = gathering->block + START;
	return 0;
}

void km_read_batch_finish(km_read_batch *gathering)
{
	if (gathering->rest)
		event_free(gathering->rest);
	free(gathering->block);
	*gathering = (km_read_batch){0};
}

bool km_read_batch_is_of_use(const km_read_batch *gathering)
{
	return gathering->count > 0 ||
	       event_base_get_num_events(gathering->base, EVENT_BASE_COUNT_ACTIVE) > 0;
}

void km_read_batch_add(km_read_batch *gathering, km_connection *connection, size_t len)
{
	const km_str input = {km_read_batch_place(gathering), len};

	gathering->all[gathering->count].connection = connection;
	gathering->all[gathering->count++].input = input;
	gathering->used += len;
	if (gathering->count == 1)
		event_active(gathering->rest, EV_TIMEOUT, 0);
	if (gathering->count == KM_READ_BATCH_MOST || gathering->used > ROOM - KM_READ_MOST)
		km_read_batch_serve(gathering);
}

void km_read_batch_serve(km_read_batch *gathering)
{
	for (size_t i = 0; i < gathering->count; i++)
		km_connection_serve(gathering->all[i].connection, gathering->all[i].input);
	gathering->count = gathering->used = 0;
}
