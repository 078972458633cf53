#include "framework/app/response.h"

#include "framework/http/status.h"

int km_error(km_response *res, int status)
{
	char *text = km_environ_alloc(res->environ, KM_HTTP_ERROR_SIZE);

	if (!text)
		return KM_ENOMEM;
	size_t len = km_http_error_text(status, text);
	return km_response_set(res, status, KM_STR("text/plain; charset=utf-8"),
			       (km_str){text, len});
}
