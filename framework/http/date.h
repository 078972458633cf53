/* Formats the Date header field once a second: IMF-fixdate (RFC 9110 section 5.6.7). */
#ifndef KM_HTTP_DATE_H
#define KM_HTTP_DATE_H

#include <time.h>

enum { KM_HTTP_DATE_LEN = 29 };

/* Zero-initialised is valid: the first call fills it. */
typedef struct km_http_date {
	time_t second;
	char text[KM_HTTP_DATE_LEN + 1];
} km_http_date;

/* Returns "Sun, 06 Nov 1994 08:49:37 GMT" for `now`, in any locale. The text lives in `date`. */
const char *km_http_date_at(km_http_date *date, time_t now);

#endif
