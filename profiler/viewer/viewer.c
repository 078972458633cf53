/* From a path to a response. */
#include <komori/viewer.h>

#include "framework/base/clock.h"
#include "profiler/viewer/assets.h"
#include "profiler/viewer/responses.h"
#include "profiler/viewer/retention.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* How long one request may read new files. The next list has the rest. */
#define LIST_BUDGET_NS	(KM_SECOND_NS / 5)
#define PRUNE_BUDGET_NS KM_SECOND_NS

struct km_viewer {
	km_viewer_options options;
	char *folder, *file;
	locale_t plain;	      /* has a point as decimal point */
	pthread_mutex_t lock; /* of the listing and its text */
	km_listing listing;
	km_buffer requests; /* the array of profiles at `requests_changes` */
	uint64_t requests_changes;
	uint64_t requests_tag; /* by content: two workers have one tag for one array only */
};

km_viewer *km_viewer_new(const km_viewer_options *options)
{
	km_viewer *viewer = calloc(1, sizeof *viewer);

	if (!viewer)
		return NULL;
	viewer->options = *options;
	viewer->folder = strdup(options->folder);
	viewer->file = options->file ? strdup(options->file) : NULL;
	viewer->plain = newlocale(LC_NUMERIC_MASK, "C", NULL);
	viewer->requests_changes = UINT64_MAX;
	pthread_mutex_init(&viewer->lock, NULL);
	if (viewer->folder && (viewer->file || !options->file) && viewer->plain)
		return viewer;
	km_viewer_free(viewer);
	return NULL;
}

void km_viewer_free(km_viewer *viewer)
{
	if (!viewer)
		return;
	km_listing_finish(&viewer->listing);
	km_buffer_finish(&viewer->requests);
	if (viewer->plain)
		freelocale(viewer->plain);
	pthread_mutex_destroy(&viewer->lock);
	free(viewer->folder);
	free(viewer->file);
	free(viewer);
}

static int open_folder(const km_viewer *viewer)
{
	return open(viewer->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* --- responses --- */

/* Takes the memory of the buffer. */
static void give(km_viewer_response *response, km_buffer *body, const char *type)
{
	response->type = type;
	response->memory = body->data;
	response->bytes = (km_str){body->data ? body->data : "", body->len};
	*body = (km_buffer){0};
}

static void give_error(km_viewer_response *response, int status, const char *why)
{
	km_buffer body = {0};
	km_json_writer json = {.out = &body};

	response->status = status;
	km_json_object(&json);
	km_json_key_text(&json, "error", why);
	km_json_object_end(&json);
	if (body.failed)
		km_buffer_finish(&body);
	give(response, &body, "application/json");
}

/* `result` is that of filling the body. `why` is the text of all errors but KM_ENOMEM. */
static void give_result(km_viewer_response *response, km_buffer *body, const char *type, int result,
			const char *why)
{
	if (result == KM_ENOMEM || (!result && body->failed)) {
		give_error(response, 500, "out of memory");
	} else if (result) {
		give_error(response, result == KM_ENOENT ? 404 : 500, why);
	} else {
		response->status = 200;
		give(response, body, type);
	}
	km_buffer_finish(body);
}

static bool is_known(km_viewer_response *response, km_str if_none_match)
{
	if (!km_str_equal(if_none_match, km_str_from(response->tag)))
		return false;
	response->status = 304;
	response->bytes = KM_STR("");
	return true;
}

void km_viewer_response_finish(km_viewer_response *response)
{
	free(response->memory);
	*response = (km_viewer_response){0};
}

/* --- the page --- */

static void get_asset(const km_viewer_request *request, const km_asset *asset,
		      km_viewer_response *response)
{
	km_buffer body = {0};

	response->page = true;
	response->type = asset->type;
	snprintf(response->tag, sizeof response->tag, "%s", asset->tag);
	if (is_known(response, request->if_none_match))
		return;
	if (request->gzip) {
		response->status = 200;
		response->gzip = true;
		response->bytes = asset->gzip;
		return;
	}
	give_result(response, &body, asset->type, km_asset_inflate(&body, asset), "");
}

/* --- the list --- */

/* The caller holds the lock. KM_EIO with errno, KM_ENOMEM. */
static int update(km_viewer *viewer, int64_t budget_ns)
{
	int folder = open_folder(viewer);

	if (folder < 0)
		return KM_EIO;
	int result = km_listing_update(&viewer->listing, folder, viewer->file, budget_ns);
	int error = errno;
	close(folder);
	errno = error;
	return result;
}

static void put_list(km_viewer *viewer, km_buffer *body, char *tag, size_t tag_size)
{
	km_json_writer json = {.out = body};

	if (viewer->requests_changes != viewer->listing.changes) {
		km_buffer_clear(&viewer->requests);
		km_viewer_put_requests(&viewer->requests, &viewer->listing, &viewer->requests_tag);
		viewer->requests_changes =
			viewer->requests.failed ? UINT64_MAX : viewer->listing.changes;
	}
	uint64_t all = viewer->requests_tag;
	km_json_object(&json);
	km_json_key_double(&json, "now", km_clock_epoch());
	km_viewer_put_bool(&json, "live", viewer->options.live);
	km_json_key(&json, "requests");
	km_buffer_append(body, viewer->requests.data, viewer->requests.len);
	json.behind_value = true;
	body->failed |= viewer->requests.failed;
	km_json_key(&json, "running");
	km_viewer_put_running(&json, &viewer->options, &all);
	km_json_object_end(&json);
	snprintf(tag, tag_size, "\"%" PRIx64 "\"", all);
}

static void get_requests(km_viewer *viewer, const km_viewer_request *request,
			 km_viewer_response *response)
{
	km_buffer body = {0};
	char why[256] = "";

	pthread_mutex_lock(&viewer->lock);
	int result = update(viewer, LIST_BUDGET_NS);
	if (result == KM_EIO)
		snprintf(why, sizeof why, "the folder of profiles: %s", strerror(errno));
	if (!result)
		put_list(viewer, &body, response->tag, sizeof response->tag);
	pthread_mutex_unlock(&viewer->lock);
	if (!result && !body.failed && is_known(response, request->if_none_match)) {
		km_buffer_finish(&body);
		response->type = "application/json";
		return;
	}
	give_result(response, &body, "application/json", result, why);
}

/* --- profiles --- */

/* Opens the folder, and copies the id to `name`, which has 256 bytes. KM_ENOENT. */
static int open_named(const km_viewer *viewer, km_str id, char *name, char *error,
		      size_t error_size)
{
	if (!km_dump_name_is_fit(id, viewer->file)) {
		snprintf(error, error_size, "there is no such profile");
		return KM_ENOENT;
	}
	memcpy(name, id.ptr, id.len);
	name[id.len] = '\0';
	int folder = open_folder(viewer);
	if (folder >= 0)
		return folder;
	snprintf(error, error_size, "%s", strerror(errno));
	return KM_ENOENT;
}

/* `name` has 256 bytes; `stamp` may be NULL. */
static int open_profile(const km_viewer *viewer, km_str id, km_prof **prof, char *name,
			km_dump_stamp *stamp, char *error, size_t error_size)
{
	int folder = open_named(viewer, id, name, error, error_size);

	*prof = NULL;
	if (folder < 0)
		return folder;
	int result = km_dump_file_read(prof, folder, name, stamp, error, error_size);
	close(folder);
	return result;
}

static void get_file(const km_viewer *viewer, km_str id, km_viewer_response *response)
{
	char name[256], error[256];
	km_buffer body = {0};
	int folder = open_named(viewer, id, name, error, sizeof error);
	int result = folder;

	if (folder >= 0) {
		result = km_dump_file_bytes(&body, folder, name, error, sizeof error);
		close(folder);
	}
	give_result(response, &body, "application/octet-stream", result, error);
}

static void get_profile(const km_viewer *viewer, km_str id, km_viewer_response *response)
{
	char name[256], error[256];
	km_buffer body = {0};
	km_prof *prof;
	int result = open_profile(viewer, id, &prof, name, NULL, error, sizeof error);

	if (!result)
		result = km_viewer_put_profile(&body, name, prof);
	km_prof_free(prof);
	give_result(response, &body, "application/octet-stream", result, error);
}

/* `rest` is ID/NUMBER. */
static void get_source(const km_viewer *viewer, km_str rest, km_viewer_response *response)
{
	const char *slash = memchr(rest.ptr, '/', rest.len);
	char name[256], error[256] = "the number of the function is missing";
	km_buffer body = {0};
	km_prof *prof = NULL;
	km_dump_stamp stamp;
	int result = KM_ENOENT;

	if (slash) {
		size_t len = (size_t)(slash - rest.ptr);
		km_str number = {slash + 1, rest.len - len - 1};
		result = open_profile(viewer, (km_str){rest.ptr, len}, &prof, name, &stamp, error,
				      sizeof error);
		if (!result)
			result = km_viewer_put_source(
				&body, prof, number,
				km_dump_started(&prof->recording.facts, &stamp), error,
				sizeof error);
	}
	km_prof_free(prof);
	give_result(response, &body, "application/json", result, error);
}

static void get_compare(const km_viewer *viewer, const km_viewer_request *request,
			km_viewer_response *response)
{
	const km_str ids[2] = {request->before, request->after};
	char names[2][256], error[256], why[520] = "";
	const char *const found[2] = {names[0], names[1]};
	km_prof *profs[2] = {NULL, NULL};
	km_buffer body = {0};
	int result = 0;

	if (!ids[0].ptr || !ids[1].ptr) {
		give_error(response, 400,
			   "the parameters before and after are the ids of two profiles");
		return;
	}
	for (int i = 0; !result && i < 2; i++) {
		result = open_profile(viewer, ids[i], &profs[i], names[i], NULL, error,
				      sizeof error);
		if (result)
			snprintf(why, sizeof why, "%s: %s", i ? "after" : "before", error);
	}
	if (!result)
		result = km_viewer_put_compare(&body, found,
					       (const km_prof *const[]){profs[0], profs[1]});
	km_prof_free(profs[0]);
	km_prof_free(profs[1]);
	give_result(response, &body, "application/json", result, why);
}

/* --- */

static bool begins(km_str *path, km_str with)
{
	if (path->len < with.len || memcmp(path->ptr, with.ptr, with.len) != 0)
		return false;
	path->ptr += with.len;
	path->len -= with.len;
	return true;
}

static void get(km_viewer *viewer, const km_viewer_request *request, km_viewer_response *response)
{
	km_str path = request->path;
	const km_asset *asset = km_asset_find(path.len ? path : KM_STR("index.html"));

	if (asset)
		get_asset(request, asset, response);
	else if (km_str_equal(path, KM_STR("api/requests")))
		get_requests(viewer, request, response);
	else if (km_str_equal(path, KM_STR("api/compare")))
		get_compare(viewer, request, response);
	else if (begins(&path, KM_STR("api/profile/")))
		get_profile(viewer, path, response);
	else if (begins(&path, KM_STR("api/file/")))
		get_file(viewer, path, response);
	else if (begins(&path, KM_STR("api/source/")))
		get_source(viewer, path, response);
	else
		give_error(response, 404, "there is nothing here");
}

void km_viewer_get(km_viewer *viewer, const km_viewer_request *request,
		   km_viewer_response *response)
{
	locale_t before = uselocale(viewer->plain);

	*response = (km_viewer_response){0};
	get(viewer, request, response);
	uselocale(before);
}

/* --- pruning --- */

/* Spares a new file that has taken the name. */
static void remove_file(int folder, const km_listed *file)
{
	km_dump_stamp now;
	struct stat status;

	if (fstatat(folder, file->name, &status, AT_SYMLINK_NOFOLLOW))
		return;
	km_dump_stamp_set(&now, &status);
	if (km_dump_stamp_equal(&now, &file->stamp))
		unlinkat(folder, file->name, 0);
}

static void remove_others(const km_viewer *viewer, size_t keep)
{
	const km_listing *listing = &viewer->listing;
	bool *kept = calloc(listing->count + 1, sizeof *kept);
	int folder = open_folder(viewer);

	if (folder >= 0 && kept && km_retention_mark(kept, listing, keep) == 0) {
		for (size_t i = 0; i < listing->count; i++)
			if (!kept[i])
				remove_file(folder, &listing->files[i]);
	}
	if (folder >= 0)
		close(folder);
	free(kept);
}

void km_viewer_prune(km_viewer *viewer, size_t keep)
{
	pthread_mutex_lock(&viewer->lock);
	if (update(viewer, PRUNE_BUDGET_NS) == 0)
		remove_others(viewer, keep);
	pthread_mutex_unlock(&viewer->lock);
}
