#include "framework/http/date.h"

#include "framework/base/clock.h"

const char *km_http_date_at(km_http_date *date, time_t now)
{
	struct tm tm;

	if (date->second != now || !date->text[0]) {
		km_clock_format(date->text, sizeof date->text, "%a, %d %b %Y %H:%M:%S GMT",
				gmtime_r(&now, &tm));
		date->second = now;
	}
	return date->text;
}
