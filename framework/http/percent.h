/* Percent-decoding (RFC 3986 section 2.1). */
#ifndef KM_HTTP_PERCENT_H
#define KM_HTTP_PERCENT_H

#include <komori/base.h>
#include <sys/types.h>

/* Returns the value of a hexadecimal digit, or -1. */
static inline int km_http_hex_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte = (char)(byte | 0x20);
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Returns the byte of an escape, whose two digits are at `digits`; -1 for a broken one and for %00.
 */
static inline int km_http_escaped_byte(const char *digits)
{
	int high = km_http_hex_value(digits[0]);
	int low = high < 0 ? -1 : km_http_hex_value(digits[1]);

	return low >= 0 && (high | low) ? high << 4 | low : -1;
}

/* Decodes `text` into `out`, which has room for text.len bytes and may be text.ptr itself. Does not
 * terminate. Returns the count of bytes, or KM_EINVAL for a broken escape and for %00. */
ssize_t km_http_percent_decode(km_str text, char *out);

#endif
