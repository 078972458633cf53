/* The list of requests. */
#include "framework/base/fnv.h"
#include "framework/base/json.h"
#include "profiler/export/out.h"
#include "profiler/viewer/bodies.h"

#include <stdlib.h>

static int oldest_first(const void *left, const void *right)
{
	const km_listed *a = *(km_listed *const *)left, *b = *(km_listed *const *)right;

	if (a->started != b->started)
		return a->started < b->started ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void put_file(km_buffer *out, const km_listed *file)
{
	const km_profile_facts facts = {
		.method = file->method,
		.path = file->path,
		.route = file->route,
		.query = file->query,
		.outcome = file->outcome,
		.status = file->status,
		.started = file->read ? file->started : (double)file->stamp.modified_ns * 1e-9,
		.elapsed = file->elapsed,
	};

	km_buffer_char(out, '{');
	km_viewer_put_facts(out, file->name, &facts);
	km_buffer_text(out, ",\"calls\":");
	km_export_number(out, file->calls);
	km_buffer_printf(out, ",\"exact\":%s", file->exact ? "true" : "false");
	km_viewer_put_text(out, "error", file->error);
	km_buffer_text(out, file->read ? "}" : ",\"pending\":true}");
}

void km_viewer_put_requests(km_buffer *out, const km_listing *listing, uint64_t *tag)
{
	const km_listed **files = malloc((listing->count + 1) * sizeof(km_listed *));

	if (!files) {
		out->failed = 1;
		return;
	}
	for (size_t i = 0; i < listing->count; i++)
		files[i] = &listing->files[i];
	qsort(files, listing->count, sizeof *files, oldest_first);
	km_buffer_text(out, ",\"requests\":[");
	for (size_t i = 0; i < listing->count; i++) {
		km_buffer_text(out, i ? ",\n" : "\n");
		put_file(out, files[i]);
	}
	km_buffer_char(out, ']');
	*tag = out->failed ? 0 : km_fnv(KM_FNV_BEGIN, out->data, out->len);
	free(files);
}

struct running {
	km_buffer *out;
	uint64_t tag;
	bool first;
};

static void put_running(void *context, pid_t pid, const km_profile_facts *facts)
{
	struct running *running = context;
	km_buffer *out = running->out;
	km_buffer target = {0};
	bool query = facts->query && *facts->query;

	km_buffer_printf(&target, "%s%s%s", facts->path, query ? "?" : "",
			 query ? facts->query : "");
	km_buffer_printf(out, "%s\n{\"pid\":%ld", running->first ? "" : ",", (long)pid);
	km_viewer_put_text(out, "method", facts->method);
	km_viewer_put_text(out, "target", target.failed ? NULL : target.data);
	km_viewer_put_text(out, "route", facts->route);
	km_buffer_text(out, ",\"started\":");
	km_export_float(out, facts->started);
	km_buffer_text(out, ",\"elapsed\":");
	km_export_float(out, facts->elapsed);
	km_buffer_char(out, '}');
	running->tag = km_fnv(running->tag, &pid, sizeof pid);
	running->tag = km_fnv(running->tag, &facts->started, sizeof facts->started);
	running->tag = km_fnv(running->tag, facts->route, facts->route ? strlen(facts->route) : 0);
	running->first = false;
	km_buffer_finish(&target);
}

void km_viewer_put_running(km_buffer *out, const km_viewer_options *options, uint64_t *tag)
{
	struct running running = {.out = out, .tag = *tag, .first = true};

	km_buffer_text(out, ",\"running\":[");
	if (options->each_running)
		options->each_running(options->running_context, put_running, &running);
	km_buffer_char(out, ']');
	*tag = running.tag;
}
