/* The list of requests: profiles in the folder, and requests that run. */
#include "framework/base/fnv.h"
#include "profiler/viewer/responses.h"

#include <stdlib.h>

static int oldest_first(const void *left, const void *right)
{
	const km_listed *a = *(km_listed *const *)left, *b = *(km_listed *const *)right;

	if (a->facts.started != b->facts.started)
		return a->facts.started < b->facts.started ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void put_file(km_json_writer *json, const km_listed *file)
{
	km_profile_facts facts = file->facts;

	if (!file->read)
		facts.started = (double)file->stamp.modified_ns * 1e-9;
	km_json_object(json);
	km_viewer_put_facts(json, file->name, &facts);
	km_json_key_unsigned(json, "calls", file->calls);
	km_viewer_put_bool(json, "exact", file->exact);
	km_json_key_text(json, "error", file->error);
	if (!file->read)
		km_viewer_put_bool(json, "pending", true);
	km_json_object_end(json);
}

void km_viewer_put_requests(km_buffer *out, const km_listing *listing, uint64_t *tag)
{
	const km_listed **files = malloc((listing->count + 1) * sizeof(km_listed *));
	km_json_writer json = {.out = out};

	if (!files) {
		out->failed = 1;
		return;
	}
	for (size_t i = 0; i < listing->count; i++)
		files[i] = &listing->files[i];
	qsort(files, listing->count, sizeof *files, oldest_first);
	km_json_array(&json);
	for (size_t i = 0; i < listing->count; i++)
		put_file(&json, files[i]);
	km_json_array_end(&json);
	*tag = out->failed ? 0 : km_fnv(KM_FNV_BEGIN, out->data, out->len);
	free(files);
}

struct running {
	km_json_writer *json;
	uint64_t tag;
};

static void put_running(void *context, pid_t pid, const km_profile_facts *facts)
{
	struct running *running = context;
	km_json_writer *json = running->json;
	km_buffer target = {0};
	bool query = facts->query && *facts->query;

	km_buffer_printf(&target, "%s%s%s", facts->path, query ? "?" : "",
			 query ? facts->query : "");
	km_json_object(json);
	km_json_key_integer(json, "pid", pid);
	km_json_key_text(json, "method", facts->method);
	km_json_key_text(json, "target", target.failed ? NULL : target.data);
	km_json_key_text(json, "route", facts->route);
	km_json_key_double(json, "started", facts->started);
	km_json_key_double(json, "elapsed", facts->elapsed);
	km_json_object_end(json);
	running->tag = km_fnv(running->tag, &pid, sizeof pid);
	running->tag = km_fnv(running->tag, &facts->started, sizeof facts->started);
	running->tag = km_fnv(running->tag, facts->route, facts->route ? strlen(facts->route) : 0);
	km_buffer_finish(&target);
}

void km_viewer_put_running(km_json_writer *json, const km_viewer_options *options, uint64_t *tag)
{
	struct running running = {json, *tag};

	km_json_array(json);
	if (options->each_running)
		options->each_running(options->running_context, put_running, &running);
	km_json_array_end(json);
	*tag = running.tag;
}
