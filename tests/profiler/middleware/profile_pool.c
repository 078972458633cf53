#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiler/middleware/profile_pool.h"
#include "tests/wrapped_malloc.h"

enum { COUNT = 4 };

static void every_allocation_that_fails_fails_the_pool(void **state)
{
	km_profile_pool pool;

	(void)state;
	assert_int_equal(km_profile_pool_init(&pool, 0, COUNT), 0);
	km_profile_pool_finish(&pool);
	size_t before = allocations.made;
	assert_int_equal(km_profile_pool_init(&pool, 0, COUNT), 0);
	size_t needed = allocations.made - before;
	km_profile_pool_finish(&pool);
	assert_true(needed > COUNT);
	for (size_t i = 1; i <= needed; i++) {
		allocations.failing = allocations.made + i;
		int result = km_profile_pool_init(&pool, 0, COUNT);
		allocations.failing = 0;
		assert_int_equal(result, KM_ENOMEM);
		km_profile_pool_finish(&pool);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_that_fails_fails_the_pool),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
