/* A route that is fast with ten items and never ends with twenty.
 *
 *	/plans?items=3,1,4       spreads items over three vans; the heaviest is as light as possible
 *	/plans/fast?items=3,1,4  does the same with another algorithm
 *	/healthz                 responds "ok"
 */
#include <komori/komori.h>

#include <stdlib.h>

#include "planner.h"

/* Parses "3,1,4". KM_EINVAL for other texts and for too many items. */
static int read_items(const char *text, items *items)
{
	items->count = 0;
	for (;;) {
		char *end;
		long weight = *text >= '0' && *text <= '9' ? strtol(text, &end, 10) : 0;
		if (weight < 1 || weight > MOST_WEIGHT || items->count == MOST_ITEMS)
			return KM_EINVAL;
		items->weights[items->count++] = (int)weight;
		if (*end == '\0')
			return 0;
		if (*end != ',')
			return KM_EINVAL;
		text = end + 1;
	}
}

static int respond(km_request *req, km_response *res, int (*heaviest_van)(const items *))
{
	const char *text = km_request_query(req, "items");
	items items;

	if (!text || read_items(text, &items))
		return km_textf(res, 400, "items=3,1,4: up to %d weights from 1 to %d\n",
				MOST_ITEMS, MOST_WEIGHT);
	int weight = heaviest_van(&items);
	return km_textf(res, 200, "%zu items, %d vans, the heaviest carries %d\n", items.count,
			VANS, weight);
}

static int plans(km_request *req, km_response *res)
{
	return respond(req, res, plan_by_trying);
}

static int fast_plans(km_request *req, km_response *res)
{
	return respond(req, res, plan_by_loads);
}

static int healthz(km_request *req, km_response *res)
{
	(void)req;
	return km_text(res, 200, "ok\n");
}

int main(int argc, char **argv)
{
	km_app *app = km_app_new("planner");

	km_get(app, "/plans", plans);
	km_get(app, "/plans/fast", fast_plans);
	km_get(app, "/healthz", healthz);
	return km_main(app, argc, argv);
}
