/* What a request knows of its connection, for script tests. */
#include <komori/komori.h>

#include <stdlib.h>

static int show(km_request *req, km_response *res)
{
	km_environ *request = km_request_environ(req);

	return km_textf(res, 200, "%s %s '%s' '%s' %s", km_environ_get(request, "SERVER_NAME").ptr,
			km_environ_get(request, "SERVER_PORT").ptr,
			km_environ_get(request, "REMOTE_ADDR").ptr,
			km_environ_get(request, "REMOTE_PORT").ptr,
			km_environ_get(request, "HTTP_HOST").ptr);
}

/* What programs that a handler starts would inherit. */
static int activation(km_request *req, km_response *res)
{
	(void)req;
	return km_text(res, 200,
		       getenv("LISTEN_PID") || getenv("LISTEN_FDS") || getenv("LISTEN_FDNAMES")
			       ? "left"
			       : "gone");
}

int main(int argc, char **argv)
{
	km_app *app = km_app_new("environ");

	km_get(app, "/", show);
	km_get(app, "/activation", activation);
	return km_main(app, argc, argv);
}
