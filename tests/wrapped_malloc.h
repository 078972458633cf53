/* malloc, calloc, realloc and aligned_alloc of a program that is linked with --wrap for each of
 * them (KM_WRAP_MALLOC in tests/CMakeLists.txt): counted, and failing when the test says so. What
 * shared libraries allocate for themselves is not seen. For one thread. */
#ifndef KM_TEST_WRAPPED_MALLOC_H
#define KM_TEST_WRAPPED_MALLOC_H

#include <stdbool.h>
#include <stddef.h>

typedef struct wrapped_malloc {
	size_t made;	/* allocations so far, failed ones too */
	size_t failing; /* the one that fails, counted as in `made`; 0: none */
	bool for_good;	/* all behind that fail too */
} wrapped_malloc;

extern wrapped_malloc allocations;

#endif
