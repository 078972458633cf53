#include "framework/http/request.h"

#include <strings.h>

km_str km_http_request_header(const km_http_request *request, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < request->header_count; i++) {
		const km_header *header = &request->headers[i];
		if (header->name.len == len && strncasecmp(header->name.ptr, name, len) == 0)
			return header->value;
	}
	return (km_str){NULL, 0};
}
