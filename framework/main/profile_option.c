#include "framework/main/profile_option.h"

#include <errno.h>
#include <fcntl.h>
#include <komori/viewer_middleware.h>
#include <sys/mman.h>
#include <unistd.h>

#include "framework/base/log.h"

enum { DUMPS_PER_PRUNE = 32 };

/* Opens it close-on-exec, so that programs which handlers start do not hold it. NULL after a line
 * on the log. */
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

/* Sets stream and silent, and `file` to what the caller closes at the end, if anything. */
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

/* --- profiles to keep and to show --- */

/* Counts over all processes, for workers that die after each dump. */
static void prune(void *context)
{
	km_profile_option *profile = context;

	if (profile->keep &&
	    atomic_fetch_add(profile->dumps, 1) % DUMPS_PER_PRUNE == DUMPS_PER_PRUNE - 1)
		km_viewer_prune(profile->viewer, profile->keep);
}

static void each_running(void *context, km_viewer_visit visit, void *visit_context)
{
	const km_profile_option *profile = context;

	km_profiler_each_running(profile->middleware, visit, visit_context);
}

/* Profiles in a folder that the user named stay, unless PROFILE_KEEP is set too. */
static size_t profiles_to_keep(const km_config *config, bool own_folder)
{
	bool asked_for = km_config_find(config, "PROFILE_KEEP")->source != KM_CONFIG_DEFAULT;

	return own_folder || asked_for ? (size_t)km_config_number(config, "PROFILE_KEEP") : 0;
}

/* Returns the folder of profiles; NULL after a line on the log. */
static const char *choose_folder(km_profile_option *profile, const km_config *config,
				 const char *own_folder)
{
	const char *named = km_config_text(config, "PROFILE_DIR");

	profile->keep = profiles_to_keep(config, *named == '\0');
	profile->dumps = mmap(NULL, sizeof *profile->dumps, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (profile->dumps == MAP_FAILED) {
		profile->dumps = NULL;
		km_log("PROFILE: %s", strerror(errno));
		return NULL;
	}
	return *named ? named : own_folder;
}

/* Wraps the profiler, so that the viewer is not recorded. */
static int add_viewer(km_profile_option *profile, km_app *app, const char *folder)
{
	const km_viewer_options options = {
		.folder = folder,
		.live = true,
		.each_running = each_running,
		.running_context = profile,
	};

	profile->viewer = km_viewer_new(&options);
	return km_app_wrap(
		app, km_viewer_middleware_new(app->wsgi, profile->viewer,
					      km_config_text(&app->config, "PROFILE_SECRET")));
}

/* --- */

static int add_profiler(km_profile_option *profile, km_app *app, const char *folder, size_t shared)
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
		.dumped_context = profile,
	};
	char error[512];

	if (choose_stream(config, &options, &profile->file))
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
	profile->middleware = middleware;
	return km_app_wrap(app, middleware);
}

/* Such a name is no error: a program may read the folder itself. */
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

/* A command line that sets PROFILE_* without PROFILE lacks --profile. */
static void warn_of_unused(const km_config *config)
{
	char flag[KM_FLAG_SIZE];

	for (size_t i = 0; i < config->count; i++) {
		const km_option *option = &config->options[i];
		if (option->own || option->source != KM_CONFIG_COMMAND_LINE ||
		    strncmp(option->rule->name, "PROFILE_", 8) != 0)
			continue;
		km_option_flag(option->rule->name, flag);
		km_log("--%s has no effect: PROFILE is off; --profile turns it on", flag);
		return;
	}
}

bool km_profile_option_needs_folder(const km_config *config)
{
	return km_config_is_on(config, "PROFILE") && !*km_config_text(config, "PROFILE_DIR");
}

int km_profile_option_init(km_profile_option *profile, km_app *app, const char *own_folder,
			   size_t shared)
{
	*profile = (km_profile_option){0};
	if (!km_config_is_on(&app->config, "PROFILE")) {
		warn_of_unused(&app->config);
		return 0;
	}
	warn_of_unlisted(app);
	const char *folder = choose_folder(profile, &app->config, own_folder);
	if (!folder)
		return KM_ENOMEM;
	int failed = add_profiler(profile, app, folder, shared);
	return failed ? failed : add_viewer(profile, app, folder);
}

void km_profile_option_finish(km_profile_option *profile)
{
	if (profile->file)
		fclose(profile->file);
	if (profile->dumps)
		munmap(profile->dumps, sizeof *profile->dumps);
	km_viewer_free(profile->viewer);
	*profile = (km_profile_option){0};
}

void km_profile_option_reopen(km_profile_option *profile, const km_app *app)
{
	const char *path = km_config_text(&app->config, "PROFILE_STREAM");

	/* The middleware holds this FILE. */
	if (profile->file && !freopen(path, "ae", profile->file))
		km_log("PROFILE_STREAM: cannot reopen %s: %s", path, strerror(errno));
}
