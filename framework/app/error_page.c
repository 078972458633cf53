#include "response.h"

#include <stdio.h>

#include "../http/status.h"

int km_error(km_response *res, int status)
{
	enum { SIZE = 64 };
	char *text = km_environ_alloc(res->environ, SIZE);

	if (!text)
		return KM_ENOMEM;
	int len = snprintf(text, SIZE, "%d %s\n", status, km_http_reason(status).ptr);
	return km_response_set(res, status, KM_STR("text/plain; charset=utf-8"),
			       (km_str){text, (size_t)len});
}
