#include "framework/http/percent.h"

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
		int high = km_http_hex_value(text.ptr[i + 1]),
		    low = km_http_hex_value(text.ptr[i + 2]);
		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return KM_EINVAL;
		out[used++] = (char)(unsigned char)(high << 4 | low);
		i += 2;
	}
	return (ssize_t)used;
}
