/* For functions under test: what the source calls is what runs. */
#ifndef TESTS_PROFILER_KEEP_H
#define TESTS_PROFILER_KEEP_H

#ifdef __clang__
#define KEEP __attribute__((noinline))
#else
#define KEEP __attribute__((noinline, noclone, noipa))
#endif

/* Keeps a call from becoming a tail call, and one without effect from being dropped. */
#define AFTER_CALL() __asm__ volatile("" ::: "memory")

#endif
