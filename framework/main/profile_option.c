#include "framework/main/profile_option.h"

#include <errno.h>
#include <fcntl.h>
#include <komori/viewer_middleware.h>
#include <sys/mman.h>
#include <unistd.h>

#include "framework/base/log.h"

enum { DUMPS_A_PRUNING = 32 };

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

/* --- profiles that are kept, and shown --- */

/* Counted over all processes: one that dies after each dump prunes as well. */
static void prune(void *context)
{
	km_profile_option *profiling = context;

	if (profiling->keep &&
	    atomic_fetch_add(profiling->dumps, 1) % DUMPS_A_PRUNING == DUMPS_A_PRUNING - 1)
		km_viewer_prune(profiling->viewer, profiling->keep);
}

static void each_running(void *context, km_viewer_visit visit, void *visit_context)
{
	const km_profile_option *profiling = context;

	km_profiler_each_running(profiling->middleware, visit, visit_context);
}

/* What somebody has put into a folder of his own stays, unless he says otherwise. */
static size_t profiles_to_keep(const km_config *config, bool own_folder)
{
	bool asked_for = km_config_find(config, "PROFILE_KEEP")->source != KM_CONFIG_DEFAULT;

	return own_folder || asked_for ? (size_t)km_config_number(config, "PROFILE_KEEP") : 0;
}

/* Sets `path` to the folder of profiles. */
static int make_folder(km_profile_option *profiling, const km_config *config, const char **path)
{
	*path = km_config_text(config, "PROFILE_DIR");
	profiling->keep = profiles_to_keep(config, **path == '\0');
	profiling->dumps = mmap(NULL, sizeof *profiling->dumps, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (profiling->dumps == MAP_FAILED) {
		profiling->dumps = NULL;
		km_log("PROFILE: %s", strerror(errno));
		return KM_ENOMEM;
	}
	if (**path)
		return 0;
	int failed = km_profile_folder_make(&profiling->folder);
	if (failed)
		km_log("PROFILE: cannot make a folder for profiles: %s; PROFILE_DIR names one",
		       strerror(errno));
	*path = profiling->folder.path;
	return failed;
}

/* Outside the profiler, so that it is not recorded. */
static int add_viewer(km_profile_option *profiling, km_app *app, const char *folder)
{
	const km_viewer_options options = {
		.folder = folder,
		.live = true,
		.each_running = each_running,
		.running_context = profiling,
	};

	profiling->viewer = km_viewer_new(&options);
	return km_app_wrap(
		app, km_viewer_middleware_new(app->wsgi, profiling->viewer,
					      km_config_text(&app->config, "PROFILE_SECRET")));
}

/* --- */

static int add_profiler(km_profile_option *profiling, km_app *app, const char *folder,
			size_t shared)
{
	const km_config *config = &app->config;
	km_profiler_options options = {
		.sort_by = none_if_empty(km_config_text(config, "PROFILE_SORT")),
		.restrictions = none_if_empty(km_config_text(config, "PROFILE_RESTRICTIONS")),
		.profile_dir = folder,
		.filename_format = km_config_text(config, "PROFILE_FILENAME"),
		.filename = app->filename,
		.filename_context = app->filename_context,
		.memory = (size_t)km_config_number(config, "PROFILE_MEMORY") << 20,
		.shared_recordings = shared,
		.dumped = prune,
		.dumped_context = profiling,
	};
	char error[512];

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

/* Such a name may be wanted, by a program that reads the folder itself. */
static void warn_of_unlisted(const km_app *app)
{
	static const char suffix[] = ".prof";
	const char *format = km_config_text(&app->config, "PROFILE_FILENAME");
	size_t len = strlen(format), suffix_len = sizeof suffix - 1;

	if (app->filename || (len >= suffix_len && strcmp(format + len - suffix_len, suffix) == 0))
		return;
	km_log("PROFILE_FILENAME: \"%s\" does not end in .prof: the viewer lists no others",
	       format);
}

/* Who asks for something of profiles just now, and gets none, has forgotten the switch. */
static void warn_of_unused(const km_config *config)
{
	char flag[KM_FLAG_SIZE];

	for (size_t i = 0; i < config->count; i++) {
		const km_option *option = &config->options[i];
		if (option->own || option->source != KM_CONFIG_COMMAND_LINE ||
		    strncmp(option->rule->name, "PROFILE_", 8) != 0)
			continue;
		km_option_flag(option->rule->name, flag);
		km_log("--%s is of no use while PROFILE is off: --profile switches it on", flag);
		return;
	}
}

int km_profile_option_init(km_profile_option *profiling, km_app *app, size_t shared)
{
	const char *folder;

	*profiling = (km_profile_option){0};
	if (!km_config_is_on(&app->config, "PROFILE")) {
		warn_of_unused(&app->config);
		km_profile_folder_inherit(&profiling->folder); /* to be removed */
		return 0;
	}
	warn_of_unlisted(app);
	int failed = make_folder(profiling, &app->config, &folder);
	if (!failed)
		failed = add_profiler(profiling, app, folder, shared);
	if (!failed)
		failed = add_viewer(profiling, app, folder);
	return failed;
}

void km_profile_option_finish(km_profile_option *profiling)
{
	if (profiling->file)
		fclose(profiling->file);
	if (profiling->dumps)
		munmap(profiling->dumps, sizeof *profiling->dumps);
	km_viewer_free(profiling->viewer);
	km_profile_folder_finish(&profiling->folder);
	*profiling = (km_profile_option){0};
}

void km_profile_option_reopen(km_profile_option *profiling, const km_app *app)
{
	const char *path = km_config_text(&app->config, "PROFILE_STREAM");

	/* The same FILE, which the middleware holds. */
	if (profiling->file && !freopen(path, "ae", profiling->file))
		km_log("PROFILE_STREAM: cannot open %s again: %s", path, strerror(errno));
}
