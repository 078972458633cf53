#include "framework/http/field.h"

#include "framework/http/text_run.h"

const unsigned char km_http_tchar[256] = {
	['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1,	    ['&'] = 1,	       ['\''] = 1,
	['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1,	    ['^'] = 1,	       ['_'] = 1,
	['`'] = 1, ['|'] = 1, ['~'] = 1, ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1,
};

bool km_http_is_token(km_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!km_http_tchar[(unsigned char)text.ptr[i]])
			return false;
	}
	return text.len > 0;
}

bool km_http_is_field_value(km_str text)
{
	const char *end = text.ptr + text.len;

	return km_http_text_end(text.ptr, end) == end;
}

bool km_http_list_has(km_str value, const char *lower)
{
	const char *at = value.ptr, *end = value.ptr + value.len;

	while (at < end) {
		while (at < end && (km_http_is_blank(*at) || *at == ','))
			at++;
		const char *start = at;
		while (at < end && *at != ',')
			at++;
		const char *stop = at;
		while (stop > start && km_http_is_blank(stop[-1]))
			stop--;
		if (stop > start && km_http_name_is((km_str){start, (size_t)(stop - start)}, lower))
			return true;
	}
	return false;
}

bool km_http_parse_length(km_str text, int64_t *number)
{
	int64_t value = 0;

	for (size_t i = 0; i < text.len; i++) {
		int digit = text.ptr[i] - '0';
		if (digit < 0 || digit > 9)
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return false;
	}
	*number = value;
	return text.len > 0;
}
