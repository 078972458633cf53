#include "framework/http/request.h"

#include "framework/http/field.h"

km_str km_http_request_header(const km_http_request *request, const char *name)
{
	km_str wanted = km_str_from(name);

	for (size_t i = 0; i < request->header_count; i++) {
		if (km_http_same_name(request->headers[i].name, wanted))
			return request->headers[i].value;
	}
	return (km_str){NULL, 0};
}
