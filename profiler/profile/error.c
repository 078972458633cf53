#include "profiler/profile/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static __thread char last_error[KM_PROFILE_ERROR_SIZE] = "no error";
static __thread bool new_failed; /* the text is the reason of a km_profile_new */

int km_profile_fail(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(last_error, sizeof last_error, format, args);
	va_end(args);
	new_failed = false;
	return error;
}

km_profile *km_profile_no_new(void)
{
	new_failed = true;
	return NULL;
}

int km_profile_is_null(void)
{
	return new_failed ? KM_EINVAL : km_profile_fail(KM_EINVAL, "the profile is NULL");
}

const char *km_profile_error(void)
{
	return last_error;
}
