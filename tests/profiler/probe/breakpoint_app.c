/* Records two functions twice and prints the table, for breakpoint.t. */
#include <komori/profiler.h>

#include "tests/profiler/keep.h"

KEEP static void watched(void)
{
	AFTER_CALL();
}

KEEP static void other(void)
{
	watched();
	AFTER_CALL();
}

int main(void)
{
	for (int i = 0; i < 2; i++) {
		km_profile *profile = km_profile_new(NULL);
		if (km_profile_start(profile))
			return 1;
		other();
		other();
		if (km_profile_stop(profile) ||
		    km_profile_print_stats(profile, stdout, "name", NULL))
			return 1;
		km_profile_free(profile);
	}
	return 0;
}
