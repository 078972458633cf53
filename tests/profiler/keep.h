/* KEEP stops the compiler from inlining, cloning or dropping a function under test. */
#ifndef TESTS_PROFILER_KEEP_H
#define TESTS_PROFILER_KEEP_H

#ifdef __clang__
#define KEEP __attribute__((noinline))
#else
#define KEEP __attribute__((noinline, noclone, noipa))
#endif

/* Stops a call before it from becoming a tail call, and from being dropped for lack of effect. */
#define AFTER_CALL() __asm__ volatile("" ::: "memory")

#endif
