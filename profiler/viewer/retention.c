#include "profiler/viewer/retention.h"

#include <stdlib.h>

static const char *text(const char *value)
{
	return value ? value : "";
}

static int by_route(const km_listed *a, const km_listed *b)
{
	int order = strcmp(text(a->facts.method), text(b->facts.method));

	return order ? order : strcmp(text(a->facts.route), text(b->facts.route));
}

static bool has_failed(const km_listed *file)
{
	return strcmp(text(file->facts.outcome), "finished") != 0 || file->facts.status >= 500;
}

/* The greater number first. */
static int descending(double a, double b)
{
	return (a < b) - (a > b);
}

static int slowest_first(const void *left, const void *right)
{
	const km_listed *a = *(km_listed *const *)left, *b = *(km_listed *const *)right;
	int order = by_route(a, b);

	return order ? order : descending(a->facts.elapsed, b->facts.elapsed);
}

static int latest_first(const void *left, const void *right)
{
	const km_listed *a = *(km_listed *const *)left, *b = *(km_listed *const *)right;
	int order = by_route(a, b);

	return order ? order : descending(a->facts.started, b->facts.started);
}

static void mark_first(bool *kept, const km_listing *listing, km_listed **files, size_t count,
		       size_t keep)
{
	size_t of_route = 0;

	for (size_t i = 0; i < count; i++) {
		of_route = i > 0 && by_route(files[i - 1], files[i]) == 0 ? of_route + 1 : 0;
		if (of_route < keep)
			kept[files[i] - listing->files] = true;
	}
}

int km_retention_mark(bool *kept, const km_listing *listing, size_t keep)
{
	km_listed **files = malloc((listing->count + 1) * sizeof(km_listed *));
	size_t count = 0, failed = 0;

	if (!files)
		return KM_ENOMEM;
	for (size_t i = 0; i < listing->count; i++) {
		kept[i] = !listing->files[i].request;
		if (!kept[i])
			files[count++] = &listing->files[i];
	}
	qsort(files, count, sizeof *files, slowest_first);
	mark_first(kept, listing, files, count, keep);
	qsort(files, count, sizeof *files, latest_first);
	mark_first(kept, listing, files, count, keep);
	for (size_t i = 0; i < count; i++)
		if (has_failed(files[i]))
			files[failed++] = files[i];
	mark_first(kept, listing, files, failed, keep);
	free(files);
	return 0;
}
