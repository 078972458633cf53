#include "framework/app/response.h"

/* Whether a URI cannot hold the byte (RFC 3986 appendix A). "%" stays, as part of an escape. */
static bool must_escape(unsigned char byte)
{
	return byte <= 0x20 || byte >= 0x7f || strchr("\"<>\\^`{|}", byte) != NULL;
}

static bool breaks_header(const char *location)
{
	return location[strcspn(location, "\r\n")] != '\0';
}

int km_redirect(km_response *res, int status, const char *location)
{
	static const char hex[] = "0123456789ABCDEF";

	if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308)
		return km_response_misuse(res, "status %d, which is not a redirection", status);
	if (!location)
		return km_response_misuse(res, "a redirection to NULL");
	if (breaks_header(location))
		return KM_EINVAL;
	char *escaped = km_environ_alloc(res->environ, 3 * strlen(location) + 1), *at = escaped;
	if (!escaped)
		return KM_ENOMEM;
	for (const char *s = location; *s; s++) {
		unsigned char byte = (unsigned char)*s;
		if (must_escape(byte)) {
			*at++ = '%';
			*at++ = hex[byte >> 4];
			*at++ = hex[byte & 15];
		} else {
			*at++ = *s;
		}
	}
	int failed = km_response_header(res, "Location", escaped);
	return failed ? failed : km_error(res, status);
}
