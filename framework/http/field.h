/* Names and values of header fields (RFC 9110 section 5). */
#ifndef KM_HTTP_FIELD_H
#define KM_HTTP_FIELD_H

#include <komori/base.h>
#include <stdbool.h>
#include <strings.h>

/* 1 for each unsigned byte that is a tchar (RFC 9110 section 5.6.2). */
extern const unsigned char km_http_tchar[256];

/* Whether the text is one or more tchars, as methods and field names are. */
bool km_http_is_token(km_str text);
/* Whether the text is visible bytes, blanks, tabs and obs-text, without other control bytes. */
bool km_http_is_field_value(km_str text);
/* Whether the byte is OWS (RFC 9110 section 5.6.3). */
static inline bool km_http_is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Compares a field name or a coding with `lower`, which is in lower case, without regard to case.
 */
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

/* Compares two names without regard to case. */
static inline bool km_http_same_name(km_str a, km_str b)
{
	return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

/* Whether the comma-separated list `value` has the element `lower` (RFC 9110 section 5.6.1). */
bool km_http_list_has(km_str value, const char *lower);
/* Reads 1*DIGIT into `number`. Returns false for empty text, another byte, or more than INT64_MAX.
 */
bool km_http_parse_length(km_str text, int64_t *number);

#endif
