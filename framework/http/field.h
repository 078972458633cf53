/* The characters that header fields are made of (RFC 9110 section 5). */
#ifndef KM_HTTP_FIELD_H
#define KM_HTTP_FIELD_H

#include <komori/base.h>
#include <stdbool.h>

/* Indexed by an unsigned byte: 1 where it is a tchar (RFC 9110 section 5.6.2). */
extern const unsigned char km_http_tchar[256];

/* One or more tchars: what a method or a field name must be. */
bool km_http_is_token(km_str text);
/* Visible bytes, blanks, tabs and obs-text: no CR, LF, NUL or other control byte. */
bool km_http_is_field_value(km_str text);
/* OWS (RFC 9110 section 5.6.3). */
static inline bool km_http_is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Compares a field name or a coding with `lower`, which is lower-case, without regard to case. */
static inline bool km_http_name_is(km_str name, const char *lower)
{
	if (name.len != strlen(lower))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		int difference = name.ptr[i] ^ lower[i];
		bool letter = lower[i] >= 'a' && lower[i] <= 'z';
		if (difference && (difference != 0x20 || !letter))
			return false;
	}
	return true;
}

/* Whether the comma-separated list `value` has the element `lower` (RFC 9110 section 5.6.1). */
bool km_http_list_has(km_str value, const char *lower);
/* 1*DIGIT into `number`; false when empty, not all digits, or above INT64_MAX. */
bool km_http_parse_length(km_str text, int64_t *number);

#endif
