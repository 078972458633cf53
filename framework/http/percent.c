#include "framework/http/percent.h"

static int hex_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

ssize_t km_http_percent_decode(km_str text, char *out)
{
	size_t used = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] != '%') {
			out[used++] = text.ptr[i];
			continue;
		}
		if (text.len - i < 3)
			return KM_EINVAL;
		int high = hex_value(text.ptr[i + 1]), low = hex_value(text.ptr[i + 2]);
		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return KM_EINVAL;
		out[used++] = (char)(unsigned char)(high << 4 | low);
		i += 2;
	}
	return (ssize_t)used;
}
