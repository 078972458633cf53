#include "profiling.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../base/log.h"

/* Close-on-exec, so that programs which handlers start do not hold it. NULL with a line printed. */
static FILE *open_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "a");

	if (!file) {
		km_log("PROFILE_STREAM: cannot open %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	return file;
}

/* Sets stream and silent; `file` is what the caller closes at the end, or NULL. */
static int choose_stream(const km_config *config, km_profiler_options *options, FILE **file)
{
	const char *name = km_config_text(config, "PROFILE_STREAM");

	if (strcmp(name, "off") == 0) {
		options->silent = true;
	} else if (strcmp(name, "stderr") == 0) {
		options->stream = stderr;
	} else if (strcmp(name, "stdout") != 0) {
		options->stream = *file = open_file(name);
		return *file ? 0 : KM_EIO;
	}
	return 0;
}

static const char *none_if_empty(const char *text)
{
	return *text ? text : NULL;
}

int km_profiling_init(km_profiling *profiling, km_app *app, size_t shared)
{
	const km_config *config = &app->config;
	km_profiler_options options = {
		.sort_by = none_if_empty(km_config_text(config, "PROFILE_SORT")),
		.restrictions = none_if_empty(km_config_text(config, "PROFILE_RESTRICTIONS")),
		.profile_dir = none_if_empty(km_config_text(config, "PROFILE_DIR")),
		.filename_format = km_config_text(config, "PROFILE_FILENAME"),
		.filename = app->filename,
		.filename_context = app->filename_context,
		.memory = (size_t)km_config_number(config, "PROFILE_MEMORY") << 20,
		.shared_recordings = shared,
	};
	char error[512];

	*profiling = (km_profiling){0};
	if (!km_config_is_on(config, "PROFILE"))
		return 0;
	if (choose_stream(config, &options, &profiling->file))
		return KM_EIO;
	km_wsgi_app *middleware =
		km_profiler_middleware_new(app->wsgi, &options, error, sizeof error);
	if (!middleware) {
		km_log("PROFILE: %s", error);
		return KM_EINVAL;
	}
	if (km_profile_sled_count() == 0)
		km_log("PROFILE: %s was built without -fpatchable-function-entry=5 (gcc: also "
		       "-fno-ipa-ra), so its own functions are not in the tables; the target "
		       "komori::komori and pkg-config komori carry the flags",
		       app->name);
	profiling->middleware = middleware;
	return km_app_wrap(app, middleware);
}

void km_profiling_finish(km_profiling *profiling)
{
	if (profiling->file)
		fclose(profiling->file);
	*profiling = (km_profiling){0};
}

void km_profiling_reopen(km_profiling *profiling, const km_app *app)
{
	const char *path = km_config_text(&app->config, "PROFILE_STREAM");

	/* The same FILE, which the middleware holds. */
	if (profiling->file && !freopen(path, "ae", profiling->file))
		km_log("PROFILE_STREAM: cannot open %s again: %s", path, strerror(errno));
}
