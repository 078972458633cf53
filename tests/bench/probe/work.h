/* The calls that are timed. Each returns how many of the calls in question it made. */
#ifndef TESTS_BENCH_PROBE_WORK_H
#define TESTS_BENCH_PROBE_WORK_H

long work_fib(long n);	     /* recursion: of n, the naive Fibonacci function */
long work_leaf(long n);	     /* one function that does nothing */
long work_alternate(long n); /* three in turn */
long work_library(long n);   /* random() */

#endif
