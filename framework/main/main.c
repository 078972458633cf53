/* km_main: from options to a running server. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "framework/base/clock.h"
#include "framework/base/debugger.h"
#include "framework/base/log.h"
#include "framework/base/signal.h"
#include "framework/main/profile_folder.h"
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

/* A process of the program: the master, a supervisor or a worker; or the only one. */
struct process {
	km_service service;
	km_handover handover;
	km_program program;
	km_profile_folder folder; /* of profiles without PROFILE_DIR */
};

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
static int import_sockets(km_service *service, const char *text, char *error, size_t size)
{
	int failed = km_listen_sockets_import(&service->sockets, text, error, size);

	for (size_t i = 0; i < service->sockets.count; i++)
		service->sockets.all[i].owner = getppid();
	return failed;
}

static int open_sockets(struct process *process)
{
	km_service *service = &process->service;
	const km_config *config = &service->app->config;
	char error[1024];
	int failed;

	if (process->handover.given)
		failed = import_sockets(service, process->handover.sockets, error, sizeof error);
	else
		failed =
			km_listen_sockets_open(&service->sockets, km_config_text(config, "HOST"),
					       km_config_text(config, "PORT"), error, sizeof error);
	if (failed)
		km_log("%s", error);
	return failed;
}

static int open_folder(struct process *process)
{
	const char *inherited = process->handover.profiles;

	if (!km_profile_option_needs_folder(&process->service.app->config))
		return 0;
	if (inherited && km_profile_folder_inherit(&process->folder, inherited) == 0)
		return 0;
	int failed = km_profile_folder_make(&process->folder);
	if (failed)
		km_log("PROFILE: cannot make a folder for profiles: %s; PROFILE_DIR names one",
		       strerror(errno));
	return failed;
}

static void finish(struct process *process)
{
	km_app *app = process->service.app;

	km_listen_sockets_finish(&process->service.sockets);
	km_handover_finish(&process->handover);
	km_program_finish(&process->program);
	app->serving = false;
	km_app_free(app);
	km_profile_option_finish(&process->service.profile);
	km_profile_folder_finish(&process->folder);
}

/* --- supervisor and workers --- */

static int serve(void *context, km_worker_slot *slot)
{
	struct process *process = context;
	int status = km_worker_run(&process->service, slot);

	process->folder.owner = 0;
	finish(process);
	return status;
}

static void print_service(void *context)
{
	struct process *process = context;

	km_service_print(&process->service);
}

static void leave_sockets(void *context)
{
	struct process *process = context;

	km_listen_sockets_close(&process->service.sockets);
}

static void report(void *context, const km_worker_exit *end)
{
	const struct process *process = context;

	leave_sockets(context); /* the report may take longer than the server runs */
	km_worker_report(process->service.app, &process->service.profile, end);
}

static void discard_recordings(void *context, pid_t pid)
{
	const struct process *process = context;

	if (process->service.profile.middleware)
		km_profiler_forget(process->service.profile.middleware, pid);
}

static void reopen_logs(void *context)
{
	struct process *process = context;

	km_profile_option_reopen(&process->service.profile, process->service.app);
}

static int run_supervisor(struct process *process)
{
	const km_config *config = &process->service.app->config;
	int64_t threads = km_config_number(config, "THREADS");
	const km_supervisor_options options = {
		.pool =
			{
				.workers = (uint32_t)km_config_number(config, "WORKERS"),
				.threads =
					(uint32_t)threads + 1, /* and the loop, or the quick one */
				.threaded = km_service_has_threads(&process->service),
				.limits_itself = threads > 0,
				.timeout_ns = km_config_number(config, "TIMEOUT") * KM_SECOND_NS,
				.graceful_ns = (km_config_number(config, "GRACEFUL_TIMEOUT") + 1) *
					       KM_SECOND_NS,
				.serve = serve,
				.report = report,
				.discard = discard_recordings,
				.context = process,
			},
		.watched = km_config_is_on(config, "RELOAD") ? process->program.path : NULL,
		.serves = print_service,
		.close_sockets = leave_sockets,
		.reopen_logs = reopen_logs,
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
static int prepare(struct process *process)
{
	km_app *app = process->service.app;

	if (km_profile_option_init(&process->service.profile, app, process->folder.path,
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
	struct process *process = context;
	int status = prepare(process) ? 1 : run_supervisor(process);

	finish(process);
	return status;
}

static bool hand_over(void *context, km_handover *handover)
{
	struct process *process = context;
	km_buffer sockets = {0};

	if (km_listen_sockets_export(&process->service.sockets, &sockets) || sockets.failed)
		return false;
	*handover = (km_handover){true, sockets.data, process->folder.path};
	return true;
}

static void close_sockets(void *context)
{
	struct process *process = context;

	km_listen_sockets_shut(&process->service.sockets);
	km_listen_sockets_close(&process->service.sockets);
}

static int run_master(struct process *process)
{
	const km_master_options options = {
		.program = &process->program,
		.supervise = supervise,
		.hand_over = hand_over,
		.close_sockets = close_sockets,
		.context = process,
	};

	return km_master_run(&options);
}

/* `name` is the one that the program was started by. */
static int run(struct process *process, const char *name)
{
	km_config *config = &process->service.app->config;
	bool inherits = process->handover.given;

	process->service.pid = inherits ? getppid() : getpid();
	warn_of_time_limit(config);
	if (!inherits)
		serve_alone_when_debugged(config);
	bool alone = km_config_number(config, "WORKERS") == 0;
	if (alone && inherits) {
		km_log("cannot serve: WORKERS is 0 now; a program with a master restarts as one "
		       "without");
		return 1;
	}
	if (open_sockets(process) || open_folder(process))
		return 1;
	if (alone)
		return prepare(process) ? 1 : km_worker_run(&process->service, NULL);
	if (km_program_init(&process->program, name)) {
		km_log("cannot find the file of this program, or how it was started");
		return 1;
	}
	/* What follows km_main is for the master alone. */
	if (inherits)
		exit(supervise(process));
	return run_master(process);
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
	struct process process = {.service.app = app};

	if (!app) {
		km_log("cannot make the application: %s", km_strerror(KM_ENOMEM));
		return 1;
	}
	if (km_app_may_change(app, "km_main"))
		return 1;
	survive_broken_pipes();
	km_handover_take(&process.handover);
	int status = read_options(app, argc, argv);
	if (status < 0)
		status = run(&process, argc > 0 ? argv[0] : app->name);
	finish(&process);
	return status;
}
