/* A program that has a route where the viewer is when PROFILE is on. */
#include <komori/komori.h>

static int own(km_request *req, km_response *res)
{
	(void)req;
	return km_text(res, 200, "the program's own");
}

int main(int argc, char **argv)
{
	km_app *app = km_app_new("own_route");

	km_get(app, "/__profile__/", own);
	return km_main(app, argc, argv);
}
