/* The example of the README: a slow response, and where its time goes. */
#include <komori/komori.h>

#include <stdlib.h>
#include <unistd.h>

static int hello(km_request *req, km_response *res)
{
	(void)req;
	for (int i = 0; i < 100000; i++)
		(void)random();
	sleep(1);
	return km_text(res, 200, "Hello, World!");
}

int main(int argc, char **argv)
{
	km_app *app = km_app_new("hello");

	km_get(app, "/", hello);
	return km_main(app, argc, argv);
}
