/* Status codes and their reason phrases (RFC 9110 section 15, RFC 6585). */
#ifndef KM_HTTP_STATUS_H
#define KM_HTTP_STATUS_H

#include <komori/base.h>
#include <stdbool.h>

/* Returns a static, terminated phrase; "Unknown" for a code without a registered one. */
km_str km_http_reason(int status);
/* Writes the content of a response that reports its status alone, "404 Not Found\n", to `text` of
 * KM_HTTP_ERROR_SIZE bytes. Returns its length. */
enum { KM_HTTP_ERROR_SIZE = 64 };
size_t km_http_error_text(int status, char *text);
/* Returns the length of that content. */
size_t km_http_error_length(int status);
/* Whether a response with that status has content: not 1xx, 204, 304 (RFC 9112 section 6.3), and
 * not 205 (RFC 9110 section 15.3.6). */
static inline bool km_http_status_has_content(int status)
{
	return status == 200 || (status >= 201 && status != 204 && status != 205 && status != 304);
}

#endif
