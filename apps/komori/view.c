/* komori view: serves the viewer's page for profiles. */
#include "apps/komori/profile_file.h"
#include "framework/app/app.h"
#include "profiler/viewer/dump_file.h"

#include <errno.h>
#include <komori/komori.h>
#include <komori/viewer_middleware.h>
#include <libgen.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PORT };

static const km_flag options[] = {
	[PORT] = {"port", "N", "listen on port N instead of a free one"},
	{0},
};

/* A folder to show, or one file of it. */
struct view {
	char *path, *folder, *file;
};

static char *front_page; /* where "/" redirects to; static because handlers have no context */

static int front(km_request *req, km_response *res)
{
	(void)req;
	return km_redirect(res, 302, front_page);
}

/* Returns the path of the page, opened on `file` unless that is NULL. */
static char *front_page_for(const char *file)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t len = file ? strlen(file) : 0;
	char *text = malloc(sizeof KM_VIEWER_PATH "/#id=" + 3 * len);
	char *at = text ? stpcpy(text, file ? KM_VIEWER_PATH "/#id=" : KM_VIEWER_PATH "/") : NULL;

	for (size_t i = 0; at && i < len; i++) {
		unsigned char byte = (unsigned char)file[i];
		*at++ = '%';
		*at++ = digits[byte >> 4];
		*at++ = digits[byte & 15];
		*at = '\0';
	}
	return text;
}

static km_app *new_app(km_viewer *viewer)
{
	km_app *app = km_app_new("komori view");

	if (!app)
		return NULL;
	km_app_make_tool(app);
	km_get(app, "/", front);
	km_app_wrap(app, km_viewer_middleware_new(km_app_wsgi(app), viewer, NULL));
	return app;
}

static int serve(const struct view *view, const char *port)
{
	const km_viewer_options viewer_options = {
		.folder = view->folder,
		.file = view->file,
		.live = !view->file,
	};
	const char *const wanted[] = {"komori view", "--workers", "0", "--host",
				      "127.0.0.1",   "--port",	  port};
	char *arguments[sizeof wanted / sizeof wanted[0] + 1] = {0};
	int count = sizeof wanted / sizeof wanted[0];

	km_viewer *viewer = km_viewer_new(&viewer_options);
	front_page = front_page_for(view->file);
	for (int i = 0; i < count; i++)
		arguments[i] = (char *)(uintptr_t)wanted[i];
	setlocale(LC_CTYPE, "C"); /* as in a program that calls km_main itself */
	int status = km_main(front_page ? new_app(viewer) : NULL, count, arguments);
	free(front_page);
	km_viewer_free(viewer);
	return status == DONE ? DONE : FAILED;
}

/* Reads the file once before it is served, to report what is wrong with it. */
static int check_file(const struct command *command, const char *operand, struct view *view)
{
	view->file = basename(view->path);
	if (!km_dump_name_is_fit(km_str_from(view->file), view->file))
		return complain(command, "%s: the name is not UTF-8", operand);
	view->folder = strndup(view->path, (size_t)(view->file - view->path));
	km_prof *prof = open_profile(command, view->path);
	bool good = prof != NULL;
	km_prof_free(prof);
	if (good && !view->folder)
		return complain_of_memory(command);
	return good ? DONE : FAILED;
}

static int find_view(const struct command *command, const char *operand, struct view *view)
{
	struct stat status;

	view->path = realpath(operand, NULL);
	if (!view->path || stat(view->path, &status))
		return complain(command, "%s: %s", operand, strerror(errno));
	if (S_ISREG(status.st_mode))
		return check_file(command, operand, view);
	if (!S_ISDIR(status.st_mode))
		return complain(command, "%s: not a file or folder", operand);
	view->folder = strdup(view->path);
	return view->folder ? DONE : complain_of_memory(command);
}

static int take(void *port, int option, const char *value)
{
	(void)option;
	*(const char **)port = value;
	return DONE;
}

static int run(const struct command *command, char **arguments)
{
	const char *port = "0";
	struct view view = {0};
	int status = read_arguments(command, arguments, take, &port);

	if (status != RUN)
		return status;
	status = find_view(command, arguments[0], &view);
	if (status == DONE)
		status = serve(&view, port);
	free(view.folder);
	free(view.path);
	return status;
}

const struct command view_command = {
	.name = "view",
	.operands = "FILE|DIR",
	.least_operands = 1,
	.most_operands = 1,
	.help = "show profiles in a browser",
	.details = "Serves the page on 127.0.0.1 until Ctrl-C, and prints its address. A DIR shows "
		   "all\n"
		   "files whose names end in .prof.",
	.options = options,
	.run = run,
};
