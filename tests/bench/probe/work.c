#include "tests/bench/probe/work.h"

#include <stdlib.h>

#include "tests/profiler/keep.h"

#define KEEP_VALUE(x) __asm__ volatile("" : "+r"(x))

KEEP static long fib(long n)
{
	if (n < 2)
		return n;
	long high = fib(n - 1);
	KEEP_VALUE(high);
	long low = fib(n - 2);
	KEEP_VALUE(low);
	return high + low;
}

long work_fib(long n)
{
	/* calls(n) = 2 fib(n + 1) - 1 */
	long last = 0, next = 1;

	for (long i = 0; i < n + 1; i++) {
		long sum = last + next;
		last = next;
		next = sum;
	}
	return fib(n) >= 0 ? 2 * last - 1 : 0;
}

KEEP static long leaf(long x)
{
	KEEP_VALUE(x);
	return x + 1;
}

KEEP static long leaf2(long x)
{
	KEEP_VALUE(x);
	return x + 2;
}

KEEP static long leaf3(long x)
{
	KEEP_VALUE(x);
	return x + 3;
}

long work_leaf(long n)
{
	long x = 0;

	for (long i = 0; i < n; i++)
		x = leaf(x);
	return x == n ? n : 0;
}

long work_alternate(long n)
{
	long x = 0;

	for (long i = 0; i < n; i += 3)
		x = leaf3(leaf2(leaf(x)));
	return x ? n : 0;
}

long work_library(long n)
{
	long x = 0;

	for (long i = 0; i < n; i++)
		x ^= random();
	return x >= 0 ? n : 0;
}
