#include "framework/http/head_check.h"

#include "framework/http/field.h"
#include "framework/http/method.h"
#include "framework/http/text_run.h"

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Splits off the version at the end. Returns 0, 400 when there is none, 505 when it is not 1.x. */
static int split_version(km_str *line, int *minor)
{
	enum { VERSION = sizeof " HTTP/1.1" - 1 };
	if (line->len < VERSION)
		return 400;
	const char *version = line->ptr + line->len - VERSION;
	if (memcmp(version, " HTTP/", 6) != 0 || !is_digit(version[6]) || version[7] != '.' ||
	    !is_digit(version[8]))
		return 400;
	*minor = version[8] > '0'; /* 1.2 is served as 1.1 (RFC 9112 section 2.3) */
	line->len -= VERSION;
	return version[6] == '1' ? 0 : 505;
}

int km_http_check_request_line(km_str line, km_http_request *request, km_str *target)
{
	int status = split_version(&line, &request->minor);
	if (status == 400)
		return 400;
	bool get = line.len >= 4 && !memcmp(line.ptr, "GET ", 4); /* spares a call */
	const char *space = get ? line.ptr + 3 : memchr(line.ptr, ' ', line.len);
	if (!space)
		return 400;
	km_str method = {line.ptr, (size_t)(space - line.ptr)};
	request->method = km_http_method(method);
	if (!request->method.ptr && !km_http_is_token(method))
		return 400;
	*target = (km_str){space + 1, line.len - method.len - 1};
	if (status)
		return status;
	return request->method.ptr ? 0 : 501;
}

#ifdef __SSE2__
/* Letters, digits, ".", ":" and "-" only, which nearly every host consists of. */
static bool is_plain_host(km_str text)
{
	__m128i plain = _mm_set1_epi8(-1);

	for (size_t i = 0; i < text.len; i += 16) {
		__m128i bytes = km_http_load(text.ptr, text.len, i);
		__m128i letters =
			km_http_between(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z');
		__m128i others = _mm_or_si128(km_http_between(bytes, '0', ':'),
					      km_http_between(bytes, '-', '.'));
		plain = _mm_and_si128(plain, _mm_or_si128(letters, others));
	}
	return _mm_movemask_epi8(plain) == 0xffff;
}
#else
static bool is_plain_host(km_str text)
{
	(void)text;
	return false;
}
#endif

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

	if (is_plain_host(text))
		return true;
	for (size_t i = 0; i < text.len; i++) {
		if (!allowed[(unsigned char)text.ptr[i]])
			return false;
	}
	return true;
}

/* The fields that may stand in a message once. */
enum { HOST = 1, LENGTH = 2, CODING = 4 };

static void note(km_http_seen *seen, unsigned field)
{
	seen->again |= seen->fields & field;
	seen->fields |= field;
}

static int check_transfer_encoding(km_http_request *request, km_str value, km_http_seen *seen)
{
	seen->framed = true;
	note(seen, CODING);
	/* A 1.0 peer may sit behind a proxy that does not know chunked (RFC 9112 section 6.1). */
	if (request->minor == 0)
		return 400;
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

static void check_connection(km_str value, km_http_seen *seen)
{
	seen->framed = true;
	seen->close |= km_http_list_has(value, "close");
	seen->keep_alive |= km_http_list_has(value, "keep-alive");
}

static int check_length(km_http_request *request, km_str value, km_http_seen *seen)
{
	seen->framed = true;
	note(seen, LENGTH);
	return km_http_parse_length(value, &request->content_length) ? 0 : 400;
}

int km_http_check_field(km_http_request *request, const km_header *field, km_http_seen *seen)
{
	km_str name = field->name, value = field->value;

	switch (name.len) {
	case 4:
		if (!km_http_name_is(name, "host"))
			return 0;
		note(seen, HOST);
		return km_http_is_host(value) ? 0 : 400;
	case 6:
		return km_http_name_is(name, "expect") ? check_expect(request, value) : 0;
	case 7:
		seen->framed |= km_http_name_is(name, "upgrade");
		return 0;
	case 10:
		if (km_http_name_is(name, "connection"))
			check_connection(value, seen);
		return 0;
	case 14:
		return km_http_name_is(name, "content-length") ? check_length(request, value, seen)
							       : 0;
	case 17:
		return km_http_name_is(name, "transfer-encoding")
			       ? check_transfer_encoding(request, value, seen)
			       : 0;
	default:
		return 0;
	}
}

int km_http_check_seen(km_http_request *request, const km_http_seen *seen)
{
	/* RFC 9112 sections 3.2 and 6.3: whoever doubts where a message ends closes. */
	if (seen->again || (!(seen->fields & HOST) && request->minor > 0) ||
	    (seen->fields & (LENGTH | CODING)) == (LENGTH | CODING))
		return 400;
	request->keep_alive = !seen->close && (request->minor > 0 || seen->keep_alive);
	return 0;
}
