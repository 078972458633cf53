#include "framework/http/date.h"

#include <string.h>

static void two_digits(char *at, int number)
{
	at[0] = (char)('0' + number / 10 % 10);
	at[1] = (char)('0' + number % 10);
}

static void format_date(char *text, time_t now)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm = {0};

	gmtime_r(&now, &tm);
	memcpy(text, "___, __ ___ ____ __:__:__ GMT", KM_HTTP_DATE_LEN + 1);
	memcpy(text, days + 3 * tm.tm_wday, 3);
	two_digits(text + 5, tm.tm_mday);
	memcpy(text + 8, months + 3 * tm.tm_mon, 3);
	two_digits(text + 12, (tm.tm_year + 1900) / 100);
	two_digits(text + 14, (tm.tm_year + 1900) % 100);
	two_digits(text + 17, tm.tm_hour);
	two_digits(text + 20, tm.tm_min);
	two_digits(text + 23, tm.tm_sec);
}

const char *km_http_date_at(km_http_date *date, time_t now)
{
	if (date->second != now || !date->text[0]) {
		format_date(date->text, now);
		date->second = now;
	}
	return date->text;
}
