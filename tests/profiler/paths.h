/* Two functions that call each other, so that every sequence of left and right up to a length is a
 * path of its own. left(n) and right(n) make 2^n - 1 calls of each function. Of each, n calls are
 * primitive: those whose callers are all the other function. */
#ifndef TESTS_PROFILER_PATHS_H
#define TESTS_PROFILER_PATHS_H

#include "tests/profiler/keep.h"

KEEP static void right(int levels);

KEEP static void left(int levels)
{
	if (levels > 1) {
		left(levels - 1);
		right(levels - 1);
	}
	AFTER_CALL();
}

KEEP static void right(int levels)
{
	if (levels > 1) {
		left(levels - 1);
		right(levels - 1);
	}
	AFTER_CALL();
}

#endif
