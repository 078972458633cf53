/* What handlers and middleware must not do. */
#include <komori/komori.h>
#include <stdlib.h>
#include <unistd.h>

static km_app *app;

static int late(km_request *req, km_response *res)
{
	(void)req;
	km_app_free(app);
	return km_textf(res, 200, "%d %d %d %d %d %d %d %d", km_get(app, "/later", late),
			km_app_wrap(app, km_app_wsgi(app)), km_config_set(app, "PORT", "1"),
			km_config_define(app, "OWN", "", ""),
			km_profile_filename_set(app, NULL, NULL),
			km_on_worker_start(app, NULL, NULL), km_on_worker_lost(app, NULL, NULL),
			km_main(app, 0, NULL));
}

static int forks(km_request *req, km_response *res)
{
	(void)req;
	return km_textf(res, 200, "%d", fork() > 0);
}

static int forking_chunk(void *context, km_str *chunk)
{
	int *pulls = context;

	*chunk = KM_STR("chunk\n");
	if (++*pulls == 2)
		(void)!fork();
	return *pulls < 4;
}

static int streams(km_request *req, km_response *res)
{
	(void)req;
	return km_stream(res, 200, "text/plain", forking_chunk, free, calloc(1, sizeof(int)));
}

static int fails(void *context, km_str *chunk)
{
	(void)context;
	(void)chunk;
	return KM_EIO;
}

static int fails_at_once(km_request *req, km_response *res)
{
	(void)req;
	return km_stream(res, 200, "text/plain", fails, NULL, NULL);
}

/* --- middleware --- */

struct silent {
	km_wsgi_app app;
	km_wsgi_app *inner;
};

static int end(km_body *body, km_str *chunk)
{
	(void)body;
	(void)chunk;
	return 0;
}

/* /null gets no body, /unstarted one without a status. */
static km_body *call(km_wsgi_app *self, km_environ *request, km_start_response *start_response)
{
	static km_body empty = {.next = end, .length = 0};
	struct silent *silent = (struct silent *)self;
	const char *path = km_environ_get(request, "PATH_INFO").ptr;

	if (strcmp(path, "/null") == 0)
		return NULL;
	if (strcmp(path, "/unstarted") == 0)
		return &empty;
	return silent->inner->call(silent->inner, request, start_response);
}

int main(int argc, char **argv)
{
	static struct silent silent = {.app = {.call = call}};

	app = km_app_new("wrong");
	silent.inner = km_app_wsgi(app);
	km_app_wrap(app, &silent.app);
	km_get(app, "/late", late);
	km_get(app, "/forks", forks);
	km_get(app, "/streams", streams);
	km_get(app, "/fails", fails_at_once);
	return km_main(app, argc, argv);
}
