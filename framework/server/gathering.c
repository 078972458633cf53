#include "gathering.h"

#include <event2/event.h>
#include <stdlib.h>

#include "connection.h"

static void on_rest(evutil_socket_t fd, short what, void *gathering)
{
	(void)fd;
	(void)what;
	km_gathering_serve(gathering);
}

int km_gathering_init(km_gathering *gathering, struct event_base *base)
{
	gathering->base = base;
	gathering->room = malloc(KM_GATHERING_ROOM);
	gathering->rest = event_new(base, -1, 0, on_rest, gathering);
	return gathering->room && gathering->rest ? 0 : KM_ENOMEM;
}

void km_gathering_finish(km_gathering *gathering)
{
	if (gathering->rest)
		event_free(gathering->rest);
	free(gathering->room);
	*gathering = (km_gathering){0};
}

/* What is about to be heard may be no client's affair: the event comes behind it in any case. */
static bool others_come(const km_gathering *gathering)
{
	if (event_base_get_num_events(gathering->base, EVENT_BASE_COUNT_ACTIVE) == 0)
		return false;
	if (gathering->count == 1)
		event_active(gathering->rest, EV_TIMEOUT, 0);
	return true;
}

void km_gathering_add(km_gathering *gathering, km_connection *connection, size_t len)
{
	const km_str input = {km_gathering_place(gathering), len};

	gathering->all[gathering->count].connection = connection;
	gathering->all[gathering->count++].input = input;
	gathering->used += len;
	if (gathering->count == KM_GATHERING_MOST ||
	    gathering->used > KM_GATHERING_ROOM - KM_READ_MOST || !others_come(gathering))
		km_gathering_serve(gathering);
}

void km_gathering_serve(km_gathering *gathering)
{
	for (size_t i = 0; i < gathering->count; i++)
		km_connection_serve(gathering->all[i].connection, gathering->all[i].input);
	gathering->count = gathering->used = 0;
}
