#include <komori/komori.h>
#include <stdlib.h>

static int greet(km_request *req, km_response *res)
{
	for (int i = 0; i < 7; i++)
		(void)random();
	return km_textf(res, 200, "Hello, %s!", km_request_param(req, "name"));
}

int main(int argc, char **argv)
{
	km_app *app = km_app_new("outside");

	km_get(app, "/greet/<name>", greet);
	return km_main(app, argc, argv);
}
