#include "framework/http/head_check.h"

#include "framework/http/field.h"

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

int km_http_check_version(km_str line, int *minor)
{
	const char *version = line.ptr + line.len - KM_HTTP_VERSION_LEN;

	if (line.len < KM_HTTP_VERSION_LEN || memcmp(version, " HTTP/", 6) != 0 ||
	    !is_digit(version[6]) || version[7] != '.' || !is_digit(version[8]))
		return 400;
	*minor = version[8] > '0'; /* 1.2 is served as 1.1 (RFC 9112 section 2.3) */
	return version[6] == '1' ? 0 : 505;
}

bool km_http_is_host(km_str text)
{
	static const bool allowed[256] = {
		['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['-'] = true,
		['.'] = true,	      ['_'] = true,	    ['~'] = true,	  ['!'] = true,
		['$'] = true,	      ['&'] = true,	    ['\''] = true,	  ['('] = true,
		[')'] = true,	      ['*'] = true,	    ['+'] = true,	  [','] = true,
		[';'] = true,	      ['='] = true,	    ['%'] = true,	  [':'] = true,
		['['] = true,	      [']'] = true,
	};

	for (size_t i = 0; i < text.len; i++) {
		if (!allowed[(unsigned char)text.ptr[i]])
			return false;
	}
	return true;
}

static int check_host(km_str value, km_http_seen *seen)
{
	if (seen->host)
		return 400;
	seen->host = true;
	return km_http_is_host(value) ? 0 : 400;
}

static int check_transfer_encoding(km_http_request *request, km_str value, km_http_seen *seen)
{
	/* A 1.0 peer may sit behind a proxy that does not know chunked (RFC 9112 section 6.1). */
	if (request->minor == 0 || seen->coding)
		return 400;
	seen->coding = true;
	if (!km_http_name_is(value, "chunked"))
		return 501;
	request->chunked = true;
	return 0;
}

static int check_expect(km_http_request *request, km_str value)
{
	if (request->minor == 0)
		return 0; /* RFC 9110 section 10.1.1: ignored */
	if (!km_http_name_is(value, "100-continue"))
		return 417;
	request->expect_continue = true;
	return 0;
}

int km_http_check_field(km_http_request *request, const km_header *field, km_http_seen *seen)
{
	km_str name = field->name, value = field->value;

	/* http-parser lets no byte into a name but those of a token and the blank. */
	if (memchr(name.ptr, ' ', name.len))
		return 400;
	if (km_http_name_is(name, "host"))
		return check_host(value, seen);
	if (km_http_name_is(name, "expect"))
		return check_expect(request, value);
	if (km_http_name_is(name, "transfer-encoding"))
		return check_transfer_encoding(request, value, seen);
	if (km_http_name_is(name, "connection")) {
		seen->close |= km_http_list_has(value, "close");
		seen->keep_alive |= km_http_list_has(value, "keep-alive");
	}
	return 0;
}

int km_http_check_seen(km_http_request *request, const km_http_seen *seen)
{
	/* RFC 9112 sections 3.2 and 6.3: a message whose end is in doubt ends the connection. */
	if ((!seen->host && request->minor > 0) ||
	    (request->chunked && request->content_length >= 0))
		return 400;
	request->keep_alive = !seen->close && (request->minor > 0 || seen->keep_alive);
	return 0;
}
