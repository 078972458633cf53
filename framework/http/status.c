#include "framework/http/status.h"

#include <stdio.h>

km_str km_http_reason(int status)
{
	switch (status) {
	case 100:
		return KM_STR("Continue");
	case 101:
		return KM_STR("Switching Protocols");
	case 103:
		return KM_STR("Early Hints");
	case 200:
		return KM_STR("OK");
	case 201:
		return KM_STR("Created");
	case 202:
		return KM_STR("Accepted");
	case 203:
		return KM_STR("Non-Authoritative Information");
	case 204:
		return KM_STR("No Content");
	case 205:
		return KM_STR("Reset Content");
	case 206:
		return KM_STR("Partial Content");
	case 207:
		return KM_STR("Multi-Status");
	case 300:
		return KM_STR("Multiple Choices");
	case 301:
		return KM_STR("Moved Permanently");
	case 302:
		return KM_STR("Found");
	case 303:
		return KM_STR("See Other");
	case 304:
		return KM_STR("Not Modified");
	case 307:
		return KM_STR("Temporary Redirect");
	case 308:
		return KM_STR("Permanent Redirect");
	case 400:
		return KM_STR("Bad Request");
	case 401:
		return KM_STR("Unauthorized");
	case 402:
		return KM_STR("Payment Required");
	case 403:
		return KM_STR("Forbidden");
	case 404:
		return KM_STR("Not Found");
	case 405:
		return KM_STR("Method Not Allowed");
	case 406:
		return KM_STR("Not Acceptable");
	case 407:
		return KM_STR("Proxy Authentication Required");
	case 408:
		return KM_STR("Request Timeout");
	case 409:
		return KM_STR("Conflict");
	case 410:
		return KM_STR("Gone");
	case 411:
		return KM_STR("Length Required");
	case 412:
		return KM_STR("Precondition Failed");
	case 413:
		return KM_STR("Content Too Large");
	case 414:
		return KM_STR("URI Too Long");
	case 415:
		return KM_STR("Unsupported Media Type");
	case 416:
		return KM_STR("Range Not Satisfiable");
	case 417:
		return KM_STR("Expectation Failed");
	case 418:
		return KM_STR("I'm a teapot");
	case 421:
		return KM_STR("Misdirected Request");
	case 422:
		return KM_STR("Unprocessable Content");
	case 423:
		return KM_STR("Locked");
	case 424:
		return KM_STR("Failed Dependency");
	case 425:
		return KM_STR("Too Early");
	case 426:
		return KM_STR("Upgrade Required");
	case 428:
		return KM_STR("Precondition Required");
	case 429:
		return KM_STR("Too Many Requests");
	case 431:
		return KM_STR("Request Header Fields Too Large");
	case 451:
		return KM_STR("Unavailable For Legal Reasons");
	case 500:
		return KM_STR("Internal Server Error");
	case 501:
		return KM_STR("Not Implemented");
	case 502:
		return KM_STR("Bad Gateway");
	case 503:
		return KM_STR("Service Unavailable");
	case 504:
		return KM_STR("Gateway Timeout");
	case 505:
		return KM_STR("HTTP Version Not Supported");
	case 507:
		return KM_STR("Insufficient Storage");
	case 508:
		return KM_STR("Loop Detected");
	case 511:
		return KM_STR("Network Authentication Required");
	default:
		return KM_STR("Unknown");
	}
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
