#include "framework/http/response_head.h"

#include "framework/base/clock.h"
#include "framework/base/decimal.h"
#include "framework/http/status.h"

/* More than a status line with the longest reason phrase, Date, Content-Length of 20 digits,
 * Transfer-Encoding, Connection and the empty line take. */
enum { SERVER_PART = 256 };

size_t km_http_response_head_bound(const km_http_response_head *head)
{
	size_t bound = SERVER_PART;

	for (size_t i = 0; i < head->count; i++)
		bound += head->fields[i].name.len + head->fields[i].value.len + 4;
	return bound;
}

static char *put(char *at, const char *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

static char *put_str(char *at, km_str text)
{
	return text.len ? put(at, text.ptr, text.len) : at;
}

#define PUT(at, literal) put(at, literal, sizeof(literal) - 1)

static char *put_status_line(char *at, int status)
{
	if (status == 200)
		return PUT(at, "HTTP/1.1 200 OK\r\n");
	at = PUT(at, "HTTP/1.1 ");
	at += km_decimal(at, (uint64_t)status);
	*at++ = ' ';
	at = put_str(at, km_http_reason(status));
	return PUT(at, "\r\n");
}

static char *put_fields(char *at, const km_header *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		at = put_str(at, fields[i].name);
		at = PUT(at, ": ");
		at = put_str(at, fields[i].value);
		at = PUT(at, "\r\n");
	}
	return at;
}

size_t km_http_response_head_write(const km_http_response_head *head, char *out)
{
	char *at = put_status_line(out, head->status);

	at = put_fields(at, head->fields, head->count);
	if (head->date) {
		at = PUT(at, "Date: ");
		at = put(at, head->date, KM_HTTP_DATE_LEN);
		at = PUT(at, "\r\n");
	}
	if (head->content_length >= 0) {
		at = PUT(at, "Content-Length: ");
		at += km_decimal(at, (uint64_t)head->content_length);
		at = PUT(at, "\r\n");
	}
	if (head->chunked)
		at = PUT(at, "Transfer-Encoding: chunked\r\n");
	if (head->connection == KM_HTTP_CONNECTION_CLOSE)
		at = PUT(at, "Connection: close\r\n");
	else if (head->connection == KM_HTTP_CONNECTION_KEEP_ALIVE)
		at = PUT(at, "Connection: keep-alive\r\n");
	at = PUT(at, "\r\n");
	return (size_t)(at - out);
}

size_t km_http_chunk_size_write(uint64_t size, char *out)
{
	static const char hex[] = "0123456789abcdef";
	char digits[16];
	size_t first = sizeof digits;

	do {
		digits[--first] = hex[size & 15];
		size >>= 4;
	} while (size);
	char *at = put(out, digits + first, sizeof digits - first);
	at = PUT(at, "\r\n");
	return (size_t)(at - out);
}

const char *km_http_date_at(km_http_date *date, time_t now)
{
	struct tm tm;

	if (date->second != now || !date->text[0]) {
		km_clock_format(date->text, sizeof date->text, "%a, %d %b %Y %H:%M:%S GMT",
				gmtime_r(&now, &tm));
		date->second = now;
	}
	return date->text;
}
