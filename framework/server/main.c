/* km_main: from options to a running server. */
#include <komori/profiler_middleware.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../app/app.h"
#include "../base/log.h"
#include "server.h"

/* Each bad value has its line, wherever it comes from. Returns -1 to go on, else the exit status.
 */
static int read_options(km_app *app, int argc, char **argv)
{
	int status = km_config_read_command_line(&app->config, app->name, argc, argv);

	if (status == 0)
		return 0;
	if (km_config_read_environment(&app->config, environ) && status < 0)
		status = 1;
	if (app->error) {
		km_log("%s", app->error_text);
		if (status < 0)
			status = 1;
	}
	return status;
}

/* --- PROFILE --- */

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

static int wrap_with_profiler(km_app *app, FILE **file)
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
	};
	char error[512];

	if (choose_stream(config, &options, file))
		return KM_EIO;
	km_wsgi_app *profiler =
		km_profiler_middleware_new(app->wsgi, &options, error, sizeof error);
	if (!profiler) {
		km_log("PROFILE: %s", error);
		return KM_EINVAL;
	}
	if (km_profile_sled_count() == 0)
		km_log("PROFILE: %s was built without -fpatchable-function-entry=5 (gcc: also "
		       "-fno-ipa-ra), so its own functions are not in the tables; the target "
		       "komori::komori and pkg-config komori carry the flags",
		       app->name);
	return km_app_wrap(app, profiler);
}

/* --- serving --- */

static km_server *new_server(km_app *app)
{
	const km_config *config = &app->config;
	const km_server_options options = {
		.host = km_config_text(config, "HOST"),
		.port = km_config_text(config, "PORT"),
		.max_request_line = (size_t)km_config_number(config, "MAX_REQUEST_LINE"),
		.max_headers = (size_t)km_config_number(config, "MAX_HEADERS"),
		.max_header_count = (size_t)km_config_number(config, "MAX_HEADER_COUNT"),
		.max_body = (size_t)km_config_number(config, "MAX_BODY"),
		.body_memory = (size_t)km_config_number(config, "BODY_MEMORY"),
		.access_log = km_config_text(config, "ACCESS_LOG"),
		.access_log_format = km_config_text(config, "ACCESS_LOG_FORMAT"),
		.max_output = (size_t)km_config_number(config, "MAX_OUTPUT"),
		.max_connections = (size_t)km_config_number(config, "MAX_CONNECTIONS"),
		.header_timeout = (int)km_config_number(config, "HEADER_TIMEOUT"),
		.body_timeout = (int)km_config_number(config, "BODY_TIMEOUT"),
		.idle_timeout = (int)km_config_number(config, "IDLE_TIMEOUT"),
		.write_timeout = (int)km_config_number(config, "WRITE_TIMEOUT"),
		.graceful_timeout = (int)km_config_number(config, "GRACEFUL_TIMEOUT"),
	};
	char error[512];
	km_server *server = km_server_new(app->wsgi, &options, error, sizeof error);

	if (!server)
		km_log("%s", error);
	return server;
}

static int serve(km_app *app)
{
	km_server *server = new_server(app);

	if (!server)
		return 1;
	fprintf(stderr, " * %s on %s/ (PROFILE %s, pid %ld) - Ctrl-C to stop\n", app->name,
		km_server_url(server), km_config_is_on(&app->config, "PROFILE") ? "on" : "off",
		(long)getpid());
	int result = km_server_run(server);
	if (result)
		km_log("the server stopped: %s", km_strerror(result));
	km_server_free(server);
	return result ? 1 : 0;
}

int km_main(km_app *app, int argc, char **argv)
{
	FILE *file = NULL;

	if (!app) {
		km_log("the application could not be made: %s", km_strerror(KM_ENOMEM));
		return 1;
	}
	int status = read_options(app, argc, argv);
	if (status < 0 && km_config_is_on(&app->config, "PROFILE") &&
	    wrap_with_profiler(app, &file))
		status = 1;
	if (status < 0)
		status = serve(app);
	km_app_free(app);
	if (file)
		fclose(file);
	return status;
}
