/* A program with middleware of its own: curl -i localhost:5000/ shows its header. With PROFILE, the
 * profiler wraps it. */
#include <komori/komori.h>

#include <stdlib.h>

#include "server_timing.h"

static int compare(const void *a, const void *b)
{
	long left = *(const long *)a, right = *(const long *)b;

	return left < right ? -1 : left > right;
}

static int sorted(km_request *req, km_response *res)
{
	enum { COUNT = 20000 };
	long *numbers = km_request_alloc(req, COUNT * sizeof *numbers);

	if (!numbers)
		return KM_ENOMEM;
	for (int i = 0; i < COUNT; i++)
		numbers[i] = random();
	qsort(numbers, COUNT, sizeof *numbers, compare);
	return km_textf(res, 200, "The least of %d random numbers: %ld\n", COUNT, numbers[0]);
}

int main(int argc, char **argv)
{
	km_app *app = km_app_new("server_timing");

	km_get(app, "/", sorted);
	km_app_wrap(app, server_timing_new(km_app_wsgi(app)));
	return km_main(app, argc, argv);
}
