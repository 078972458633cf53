#include "framework/http/status.h"

#include <http_parser.h>
#include <stdio.h>

km_str km_http_reason(int status)
{
	switch (status) { /* what http-parser does not know, or has under an older name */
	case 103:
		return KM_STR("Early Hints");
	case 413:
		return KM_STR("Content Too Large");
	case 418:
		return KM_STR("I'm a teapot");
	case 422:
		return KM_STR("Unprocessable Content");
	case 425:
		return KM_STR("Too Early");
	}
	const char *phrase = http_status_str((enum http_status)status);
	return *phrase == '<' ? KM_STR("Unknown") : km_str_from(phrase);
}

size_t km_http_error_text(int status, char *text)
{
	return (size_t)snprintf(text, KM_HTTP_ERROR_SIZE, "%d %s\n", status,
				km_http_reason(status).ptr);
}

size_t km_http_error_length(int status)
{
	char text[KM_HTTP_ERROR_SIZE];

	return km_http_error_text(status, text);
}
