/* km_main: from options to a running server. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/debugger.h"
#include "framework/base/log.h"
#include "framework/base/signal.h"
#include "framework/main/worker.h"
#include "framework/main/worker_report.h"
#include "framework/master/master.h"
#include "framework/master/supervisor.h"
#include "framework/server/listen/handover.h"
#include "framework/server/listen/open.h"
#include "framework/server/loop/access_log.h"

/* Recordings that the supervisor can read when their worker is gone: for each worker one a thread
 * that runs handlers, and some streams. */
enum { SHARED_STREAMS = 15 };

/* Logs each bad value, wherever it comes from. Returns -1 to continue, else the exit status. */
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

/* --- what all processes share --- */

/* The master removes the files of Unix sockets, not the process that imports them. */
static int import_sockets(km_service *service, const char *text)
{
	int failed = km_listen_sockets_import(&service->sockets, text);

	for (size_t i = 0; i < service->sockets.count; i++)
		service->sockets.all[i].owner = getppid();
	return failed;
}

static int open_sockets(km_service *service)
{
	const km_config *config = &service->app->config;
	int failed;

	if (service->handover.given)
		failed = import_sockets(service, service->handover.sockets);
	else
		failed = km_listen_sockets_open(&service->sockets, km_config_text(config, "HOST"),
						km_config_text(config, "PORT"));
	if (failed)
		km_log("%s", service->sockets.error);
	return failed;
}

static int open_folder(km_service *service)
{
	const char *inherited = service->handover.profiles;

	if (!km_profile_option_needs_folder(&service->app->config))
		return 0;
	if (inherited && km_profile_folder_inherit(&service->folder, inherited) == 0)
		return 0;
	int failed = km_profile_folder_make(&service->folder);
	if (failed)
		km_log("PROFILE: cannot make a folder for profiles: %s; PROFILE_DIR names one",
		       strerror(errno));
	return failed;
}

static void finish(km_service *service)
{
	km_app *app = service->app;

	km_listen_sockets_finish(&service->sockets);
	km_handover_finish(&service->handover);
	km_program_finish(&service->program);
	app->serving = false;
	km_app_free(app);
	km_profile_option_finish(&service->profile);
	km_profile_folder_finish(&service->folder);
}

/* --- supervisor and workers --- */

static int serve(void *context, km_worker_slot *slot)
{
	km_service *service = context;
	int status = km_worker_run(service, slot);

	service->folder.owner = 0;
	finish(service);
	return status;
}

static void leave_sockets(void *context)
{
	km_service *service = context;

	km_listen_sockets_close(&service->sockets);
}

static void report(void *context, const km_worker_exit *end)
{
	const km_service *service = context;

	leave_sockets(context); /* the report may take longer than the server runs */
	km_worker_report(service->app, &service->profile, end);
}

static void discard_recordings(void *context, pid_t pid)
{
	const km_service *service = context;

	if (service->profile.middleware)
		km_profiler_forget(service->profile.middleware, pid);
}

static int run_supervisor(km_service *service)
{
	const km_config *config = &service->app->config;
	int64_t threads = km_config_number(config, "THREADS");
	const km_supervisor_options options = {
		.pool =
			{
				.workers = (uint32_t)km_config_number(config, "WORKERS"),
				.threads =
					(uint32_t)threads + 1, /* and the loop, or the quick one */
				.threaded = km_service_has_threads(service),
				.limits_itself = threads > 0,
				.timeout_ns = km_config_number(config, "TIMEOUT") * KM_SECOND_NS,
				.graceful_ns = (km_config_number(config, "GRACEFUL_TIMEOUT") + 1) *
					       KM_SECOND_NS,
				.serve = serve,
				.reports = {report, discard_recordings, service},
			},
		.watched = km_config_is_on(config, "RELOAD") ? service->program.path : NULL,
		.serves = km_service_print,
		.close_sockets = leave_sockets,
		.reopen_logs = km_service_reopen_logs,
	};

	return km_supervisor_run(&options);
}

/* --- */

/* Serves in the process that a debugger started, so that breakpoints in handlers are hit. */
static void serve_alone_when_debugged(km_config *config)
{
	char error[256];

	if (km_config_number(config, "WORKERS") == 0 || !km_debugger_attached(getpid()))
		return;
	km_log("a debugger started this program: it serves without a master (WORKERS 0)");
	km_config_assign(km_config_find(config, "WORKERS"), "0", KM_CONFIG_COMMAND_LINE, "", error,
			 sizeof error);
}

static void warn_of_time_limit(km_config *config)
{
	if (km_config_number(config, "WORKERS") == 0 && km_config_number(config, "TIMEOUT") != 0 &&
	    km_config_find(config, "TIMEOUT")->source != KM_CONFIG_DEFAULT)
		km_log("TIMEOUT has no effect: WORKERS is 0, and only a master replaces a worker");
}

static size_t shared_recordings(const km_config *config)
{
	size_t workers = (size_t)km_config_number(config, "WORKERS");
	size_t threads = (size_t)km_config_number(config, "THREADS");

	/* Without a master the viewer reads them, in this process. */
	return (workers ? workers : 1) * (threads + 1 + SHARED_STREAMS);
}

/* Workers open it, each for itself; a bad one is logged once, here. */
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

/* Prepares the application for serving. */
static int prepare(km_service *service)
{
	km_app *app = service->app;

	if (km_profile_option_init(&service->profile, app, service->folder.path,
				   shared_recordings(&app->config)))
		return KM_EINVAL;
	if (access_log_is_bad(&app->config))
		return KM_EIO;
	app->serving = true;
	return 0;
}

/* In a child of the master. */
static int supervise(void *context)
{
	km_service *service = context;
	int status = prepare(service) ? 1 : run_supervisor(service);

	finish(service);
	return status;
}

static bool hand_over(void *context, km_handover *handover)
{
	km_service *service = context;
	km_buffer sockets = {0};

	if (km_listen_sockets_export(&service->sockets, &sockets))
		return false;
	*handover = (km_handover){true, sockets.data, service->folder.path};
	return true;
}

static void close_sockets(void *context)
{
	km_service *service = context;

	km_listen_sockets_shut(&service->sockets);
	km_listen_sockets_close(&service->sockets);
}

static int run_master(km_service *service)
{
	const km_master_options options = {
		.program = &service->program,
		.supervise = supervise,
		.hand_over = hand_over,
		.close_sockets = close_sockets,
		.context = service,
	};

	return km_master_run(&options);
}

/* `name` is the one that the program was started by. */
static int run(km_service *service, const char *name)
{
	km_config *config = &service->app->config;
	bool inherits = service->handover.given;

	service->pid = inherits ? getppid() : getpid();
	warn_of_time_limit(config);
	if (!inherits)
		serve_alone_when_debugged(config);
	bool alone = km_config_number(config, "WORKERS") == 0;
	if (alone && inherits) {
		km_log("cannot serve: WORKERS is 0 now; a program with a master restarts as one "
		       "without");
		return 1;
	}
	if (open_sockets(service) || open_folder(service))
		return 1;
	if (alone)
		return prepare(service) ? 1 : km_worker_run(service, NULL);
	if (km_program_init(&service->program, name)) {
		km_log("cannot find the file of this program, or how it was started");
		return 1;
	}
	/* What follows km_main is for the master alone. */
	if (inherits)
		exit(supervise(service));
	return run_master(service);
}

/* A write to a log that nothing reads any more must not end the program. */
static void survive_broken_pipes(void)
{
	struct sigaction before;

	if (sigaction(SIGPIPE, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
		km_signal_ignore(SIGPIPE);
}

int km_main(km_app *app, int argc, char **argv)
{
	km_service service = {.app = app};

	if (!app) {
		km_log("cannot make the application: %s", km_strerror(KM_ENOMEM));
		return 1;
	}
	if (km_app_may_change(app, "km_main"))
		return 1;
	survive_broken_pipes();
	km_handover_take(&service.handover);
	int status = read_options(app, argc, argv);
	if (status < 0)
		status = run(&service, argc > 0 ? argv[0] : app->name);
	finish(&service);
	return status;
}
