#include "framework/http/percent.h"

ssize_t km_http_percent_decode(km_str text, char *out)
{
	size_t used = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] != '%') {
			out[used++] = text.ptr[i];
			continue;
		}
		int byte = text.len - i < 3 ? -1 : km_http_escaped_byte(text.ptr + i + 1);
		if (byte < 0)
			return KM_EINVAL;
		out[used++] = (char)byte;
		i += 2;
	}
	return (ssize_t)used;
}
