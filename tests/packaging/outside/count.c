#include <komori/profiler.h>
#include <stdlib.h>

static __attribute__((noinline)) long roll(int times)
{
	long sum = 0;

	for (int i = 0; i < times; i++)
		sum += random();
	return sum;
}

int main(void)
{
	km_profile *profile = km_profile_new(NULL);

	if (km_profile_start(profile) != 0) {
		fprintf(stderr, "%s\n", km_profile_error());
		return 1;
	}
	long sum = roll(3) + roll(4);
	km_profile_stop(profile);
	km_profile_print_stats(profile, stdout, "cumtime", NULL);
	km_profile_free(profile);
	return sum < 0;
}
