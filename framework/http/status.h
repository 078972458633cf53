/* Status codes and their reason phrases (RFC 9110 section 15, RFC 6585). */
#ifndef KM_HTTP_STATUS_H
#define KM_HTTP_STATUS_H

#include <komori/base.h>
#include <stdbool.h>

/* Static and terminated; "Unknown" for a code without a registered phrase. */
km_str km_http_reason(int status);
/* The content of an answer that has nothing to say but its status, "404 Not Found\n", into `text`
 * of KM_HTTP_ERROR_SIZE bytes. Returns its length. */
enum { KM_HTTP_ERROR_SIZE = 64 };
size_t km_http_error_text(int status, char *text);
/* That length alone. */
size_t km_http_error_length(int status);
/* Whether an answer of that status has content at all (RFC 9112 section 6.3): not 1xx, 204, 304,
 * and not 205 (RFC 9110 section 15.3.6). */
static inline bool km_http_status_has_content(int status)
{
	return status == 200 || (status >= 201 && status != 204 && status != 205 && status != 304);
}

#endif
