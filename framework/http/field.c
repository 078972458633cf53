#include "field.h"

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

/* The sign bits tell which of the eight bytes may be below 0x20 or 0x7f, as in strlen: none is when
 * no bit is set. */
static uint64_t control_bits(const char *bytes)
{
	const uint64_t ones = UINT64_MAX / 255, signs = ones << 7;
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	uint64_t del = word ^ ones * 0x7f;
	return (((word - ones * 0x20) & ~word) | ((del - ones) & ~del)) & signs;
}

static bool is_text(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
			return false;
	}
	return true;
}

bool km_http_is_field_value(km_str text)
{
	uint64_t controls = 0;

	if (text.len < 8)
		return is_text(text.ptr, text.len);
	for (size_t i = 0; i < text.len - 8; i += 8)
		controls |= control_bits(text.ptr + i);
	controls |= control_bits(text.ptr + text.len - 8);
	/* A tab is a control byte too, and rare. */
	return controls == 0 || is_text(text.ptr, text.len);
}

static char lower_case(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

bool km_http_name_is(km_str name, const char *lower)
{
	for (size_t i = 0; i < name.len; i++) {
		if (lower[i] == '\0' || lower_case(name.ptr[i]) != lower[i])
			return false;
	}
	return lower[name.len] == '\0';
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

bool km_http_list_has(km_str value, const char *lower)
{
	const char *at = value.ptr, *end = value.ptr + value.len;

	while (at < end) {
		while (at < end && (is_blank(*at) || *at == ','))
			at++;
		const char *start = at;
		while (at < end && *at != ',')
			at++;
		const char *stop = at;
		while (stop > start && is_blank(stop[-1]))
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
