/* The text of km_profile_error, by thread. */
#ifndef KM_PROFILE_ERROR_H
#define KM_PROFILE_ERROR_H

#include <komori/profiler.h>

enum { KM_PROFILE_ERROR_SIZE = 256 };

/* Sets the text and returns `error`. */
int km_profile_fail(int error, const char *format, ...) KM_PRINTF(2, 3);
/* Returns NULL, for a km_profile_new that has set the text. */
km_profile *km_profile_no_new(void);
/* Returns KM_EINVAL, for a function whose profile is NULL. Keeps the text of a km_profile_new that
 * failed just before, so that km_profile_start(km_profile_new(...)) has the reason. */
int km_profile_is_null(void);

#endif
