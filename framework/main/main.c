/* km_main: from options to a running server. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "framework/base/log.h"
#include "framework/base/clock.h"
#include "framework/base/signal.h"
#include "framework/master/master.h"
#include "framework/base/debugger.h"
#include "framework/server/listen/handover.h"
#include "framework/server/listen/open.h"
#include "framework/server/loop/access_log.h"
#include "framework/main/worker.h"
#include "framework/main/worker_report.h"

/* Recordings that the master can read when their worker is gone: for each worker one a thread that
 * runs handlers, and some streams. */
enum { SHARED_STREAMS = 15 };

/* Each bad value has its line, wherever it comes from. Returns -1 to go on, else the exit status.
 */
static int read_options(km_app *app, int argc, char **argv)
{
	int status = km_config_read_command_line(&app->config, app->name, argc, argv);

	if (status == 0)
		return 0;
	if (!app->tool && km_config_read_environment(&app->config, environ) && status < 0)
		status = 1;
	if (app->error) {
		km_log("%s", app->error_text);
		if (status < 0)
			status = 1;
	}
	return status;
}

/* --- listening --- */

static int open_sockets(km_service *serving, const km_handover *handover)
{
	const km_config *config = &serving->app->config;
	char error[1024];
	int failed;

	if (handover->sockets)
		failed = km_listen_sockets_import(&serving->sockets, handover->sockets, error,
						  sizeof error);
	else
		failed =
			km_listen_sockets_open(&serving->sockets, km_config_text(config, "HOST"),
					       km_config_text(config, "PORT"), error, sizeof error);
	if (failed)
		km_log("%s", error);
	return failed;
}

static void print_start(void *context)
{
	const km_service *serving = context;
	const km_app *app = serving->app;
	bool profile = km_config_is_on(&app->config, "PROFILE");
	km_buffer urls = {0};

	km_listen_sockets_write(&serving->sockets, &urls);
	fprintf(stderr, " * %s on %s (%spid %ld) - Ctrl-C to stop\n", app->name,
		urls.failed ? "?" : urls.data,
		app->tool ? ""
		: profile ? "PROFILE on, "
			  : "PROFILE off, ",
		(long)getpid());
	if (profile && strncmp(serving->sockets.all[0].url, "http", 4) == 0)
		fprintf(stderr, " * requests and their profiles: %s__profile__/\n",
			serving->sockets.all[0].url);
	km_buffer_finish(&urls);
}

/* --- what the master needs --- */

static int serve(void *context, km_worker_slot *slot)
{
	km_service *serving = context;
	int status = km_worker_run(serving, slot);

	km_listen_sockets_finish(&serving->sockets);
	serving->app->serving = false;
	km_app_free(serving->app);
	km_profile_option_finish(&serving->profiling);
	return status;
}

static void leave_sockets(void *context)
{
	km_service *serving = context;

	km_listen_sockets_close(&serving->sockets);
}

static void report(void *context, const km_worker_exit *loss)
{
	const km_service *serving = context;

	leave_sockets(context); /* what is told may take longer than the server lives */
	km_worker_report(serving->app, &serving->profiling, loss);
}

static void forget(void *context, pid_t pid)
{
	const km_service *serving = context;

	if (serving->profiling.middleware)
		km_profiler_forget(serving->profiling.middleware, pid);
}

static char *hand_over_sockets(void *context)
{
	km_service *serving = context;
	km_buffer text = {0};

	if (km_listen_sockets_export(&serving->sockets, &text) || text.failed) {
		km_buffer_finish(&text);
		return NULL;
	}
	return text.data;
}

static void keep_sockets(void *context)
{
	km_service *serving = context;

	km_listen_sockets_keep(&serving->sockets);
}

static void close_sockets(void *context)
{
	km_service *serving = context;

	km_listen_sockets_shut(&serving->sockets);
	km_listen_sockets_close(&serving->sockets);
}

static void reopen_logs(void *context)
{
	km_service *serving = context;

	km_profile_option_reopen(&serving->profiling, serving->app);
}

static int supervise(km_service *serving, const km_handover *handover, const char *name)
{
	const km_config *config = &serving->app->config;
	int64_t threads = km_config_number(config, "THREADS");
	km_program program;
	const km_master_options options = {
		.pool =
			{
				.workers = (uint32_t)km_config_number(config, "WORKERS"),
				.threads =
					(uint32_t)threads + 1, /* and the loop, or the quick one */
				.threaded = km_service_has_threads(serving),
				.limits_itself = threads > 0,
				.timeout_ns = km_config_number(config, "TIMEOUT") * KM_SECOND_NS,
				.graceful_ns = (km_config_number(config, "GRACEFUL_TIMEOUT") + 1) *
					       KM_SECOND_NS,
				.serve = serve,
				.report = report,
				.forget = forget,
				.context = serving,
			},
		.program = &program,
		.handover = handover,
		.reload = km_config_is_on(config, "RELOAD"),
		.ready = print_start,
		.hand_over_sockets = hand_over_sockets,
		.leave_sockets = leave_sockets,
		.keep_sockets = keep_sockets,
		.close_sockets = close_sockets,
		.reopen_logs = reopen_logs,
	};

	int status = 1;
	if (km_program_init(&program, name))
		km_log("cannot tell where this program's file is, or how it was started");
	else
		status = km_master_run(&options);
	km_program_finish(&program);
	return status;
}

/* --- */

/* Where a breakpoint in a handler is hit in the process that the debugger has started. */
static void serve_alone_when_debugged(km_config *config)
{
	char error[256];

	if (km_config_number(config, "WORKERS") == 0 || !km_debugger_attached(getpid()))
		return;
	km_log("started by a debugger: this process serves by itself (WORKERS 0)");
	km_config_assign(km_config_find(config, "WORKERS"), "0", KM_CONFIG_COMMAND_LINE, "", error,
			 sizeof error);
}

static void warn_of_time_limit(km_config *config)
{
	if (km_config_number(config, "WORKERS") == 0 && km_config_number(config, "TIMEOUT") != 0 &&
	    km_config_find(config, "TIMEOUT")->source != KM_CONFIG_DEFAULT)
		km_log("TIMEOUT is of no use with WORKERS 0: it is the master that replaces a "
		       "worker");
}

static size_t shared_recordings(const km_config *config)
{
	size_t workers = (size_t)km_config_number(config, "WORKERS");
	size_t threads = (size_t)km_config_number(config, "THREADS");

	/* Without a master they are read here, by the viewer. */
	return (workers ? workers : 1) * (threads + 1 + SHARED_STREAMS);
}

/* Workers open it, each for itself; a bad one is to be told once. */
static bool access_log_is_bad(const km_config *config)
{
	const char *where = km_config_text(config, "ACCESS_LOG");
	km_access_log log;

	if (km_access_log_open(&log, where, NULL)) {
		km_log("ACCESS_LOG: cannot open %s: %s", where, strerror(errno));
		return true;
	}
	km_access_log_close(&log);
	return false;
}

/* `name` is the one that the program is called by. */
static int run(km_service *serving, km_handover *handover, const char *name)
{
	km_config *config = &serving->app->config;
	bool alone;

	warn_of_time_limit(config);
	if (!handover->given)
		serve_alone_when_debugged(config);
	alone = km_config_number(config, "WORKERS") == 0;
	if (alone && handover->given) {
		km_log("WORKERS is 0 now, and a master cannot become a program without one");
		return 1;
	}
	if (km_profile_option_init(&serving->profiling, serving->app, shared_recordings(config)))
		return 1;
	if (access_log_is_bad(config))
		return 1;
	if (handover->check)
		return 0;
	if (open_sockets(serving, handover))
		return 1;
	serving->app->serving = true;
	if (!alone)
		return supervise(serving, handover, name);
	print_start(serving);
	return km_worker_run(serving, NULL);
}

/* A log that nobody reads any more is no reason to die. */
static void survive_broken_pipes(void)
{
	struct sigaction before;

	if (sigaction(SIGPIPE, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
		km_signal_ignore(SIGPIPE);
}

int km_main(km_app *app, int argc, char **argv)
{
	km_service serving = {.app = app};
	km_handover handover;

	if (!app) {
		km_log("the application could not be made: %s", km_strerror(KM_ENOMEM));
		return 1;
	}
	if (km_app_may_change(app, "km_main"))
		return 1;
	survive_broken_pipes();
	km_handover_take(&handover);
	int status = read_options(app, argc, argv);
	if (status < 0)
		status = run(&serving, &handover, argc > 0 ? argv[0] : app->name);
	km_listen_sockets_finish(&serving.sockets);
	km_handover_finish(&handover);
	app->serving = false;
	km_app_free(app);
	km_profile_option_finish(&serving.profiling);
	return status;
}
