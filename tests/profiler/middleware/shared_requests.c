#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiler/middleware/shared_requests.h"
#include "tests/wrapped_malloc.h"

enum { COUNT = 4 };

static void without_memory_for_one_there_are_none(void **state)
{
	km_shared_requests requests;

	(void)state;
	assert_int_equal(km_shared_requests_init(&requests, COUNT, 0), 0);
	km_shared_requests_finish(&requests);
	size_t before = allocations.made;
	assert_int_equal(km_shared_requests_init(&requests, COUNT, 0), 0);
	size_t needed = allocations.made - before;
	km_shared_requests_finish(&requests);
	assert_true(needed > COUNT);
	for (size_t i = 1; i <= needed; i++) {
		allocations.failing = allocations.made + i;
		int result = km_shared_requests_init(&requests, COUNT, 0);
		allocations.failing = 0;
		assert_int_equal(result, KM_ENOMEM);
		assert_int_equal(requests.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_memory_for_one_there_are_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
