/* Compares recorded counts with counts by hand, for every way in which C code calls and returns.
 * The build makes this test with and without optimisation, position-independent and not, and with
 * each kind of calls into shared libraries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <alloca.h>
#include <complex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/profiler/keep.h"
#include "tests/profiler/recording.h"

static km_profile *profile;

static int make_profile(void **state)
{
	(void)state;
	profile = km_profile_new(NULL);
	return !profile;
}

static int free_profile(void **state)
{
	(void)state;
	km_profile_free(profile);
	return 0;
}

#define assert_calls(name, expected) assert_int_equal(calls_of(profile, name), expected)

/* clang links its sanitizers' versions of some functions into the program: no call leaves it. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__clang__) && __has_feature(address_sanitizer)
#define assert_intercepted_calls(name, expected) assert_calls(name, -1)
#else
#define assert_intercepted_calls assert_calls
#endif

/* --- recursion --- */

KEEP static int fib(int n)
{
	int low = n < 2 ? 0 : fib(n - 2);
	AFTER_CALL();
	int high = n < 2 ? n : fib(n - 1);
	AFTER_CALL();
	return low + high;
}

static void fib_is_counted(void **state)
{
	(void)state;
	km_profile_start(profile);
	int result = fib(20);
	km_profile_stop(profile);
	assert_int_equal(result, 6765);
	/* calls(n) = 2 fib(n + 1) - 1 */
	assert_calls("fib", 2 * 10946 - 1);
	assert_int_equal(row_of(profile, "fib").primitive_calls, 1);
}

KEEP static int ackermann(int m, int n)
{
	int result;

	if (m == 0)
		result = n + 1;
	else if (n == 0)
		result = ackermann(m - 1, 1);
	else
		result = ackermann(m - 1, ackermann(m, n - 1));
	AFTER_CALL();
	return result;
}

static void ackermann_is_counted(void **state)
{
	(void)state;
	km_profile_start(profile);
	int result = ackermann(2, 3);
	km_profile_stop(profile);
	assert_int_equal(result, 9);
	assert_calls("ackermann", 44); /* counted by hand, and by the same function in Python */
	assert_int_equal(row_of(profile, "ackermann").primitive_calls, 1);
}

KEEP static int pong(int n);

KEEP static int ping(int n)
{
	int result = n ? pong(n - 1) : 0;
	AFTER_CALL();
	return result + 1;
}

KEEP static int pong(int n)
{
	int result = n ? ping(n - 1) : 0;
	AFTER_CALL();
	return result + 1;
}

static void mutual_recursion_is_counted(void **state)
{
	(void)state;
	km_profile_start(profile);
	int result = ping(9);
	km_profile_stop(profile);
	assert_int_equal(result, 10);
	assert_calls("ping", 5);
	assert_calls("pong", 5);
	assert_int_equal(row_of(profile, "ping").primitive_calls, 1);
	assert_int_equal(row_of(profile, "pong").primitive_calls, 1);
}

KEEP static int dive(int depth)
{
	int result = depth ? dive(depth - 1) : 0;
	AFTER_CALL();
	return result + 1;
}

static void deep_recursion_is_counted(void **state)
{
	(void)state;
	km_profile_start(profile);
	int result = dive(19999);
	km_profile_stop(profile);
	assert_int_equal(result, 20000);
	assert_calls("dive", 20000);
}

/* --- ways to call --- */

static int compared;

KEEP static int compare(const void *a, const void *b)
{
	compared++;
	return *(const int *)a - *(const int *)b;
}

static void callbacks_from_a_library_are_counted(void **state)
{
	(void)state;
	int values[257];

	compared = 0;
	for (int i = 0; i < 257; i++)
		values[i] = (i * 7919) % 257;
	km_profile_start(profile);
	qsort(values, 257, sizeof *values, compare);
	km_profile_stop(profile);
	for (int i = 0; i < 257; i++)
		assert_int_equal(values[i], i);
	assert_true(compared > 256);
	assert_calls("compare", compared);
	assert_intercepted_calls("{built-in function qsort}", 1);
}

KEEP static long add(long a, long b)
{
	AFTER_CALL();
	return a + b;
}

KEEP static long subtract(long a, long b)
{
	AFTER_CALL();
	return a - b;
}

static void calls_through_pointers_are_counted(void **state)
{
	(void)state;
	long (*volatile table[])(long, long) = {add, subtract, add};
	long result = 0;

	km_profile_start(profile);
	for (int i = 0; i < 300; i++)
		result = table[i % 3](result, i);
	km_profile_stop(profile);
	/* Of three values, the first and the last are added, the middle one is subtracted. */
	long expected = 0;
	for (long i = 0; i < 300; i += 3)
		expected += i - (i + 1) + (i + 2);
	assert_int_equal(result, expected);
	assert_calls("add", 200);
	assert_calls("subtract", 100);
}

KEEP static double sum(int count, ...)
{
	va_list args;
	double total = 0;

	va_start(args, count);
	for (int i = 0; i < count; i++)
		total += i % 2 ? va_arg(args, double) : va_arg(args, int);
	va_end(args);
	return total;
}

static void variadic_arguments_survive(void **state)
{
	(void)state;
	km_profile_start(profile);
	double result = sum(20, 1, 2.0, 3, 4.0, 5, 6.0, 7, 8.0, 9, 10.0, 11, 12.0, 13, 14.0, 15,
			    16.0, 17, 18.0, 19, 20.0);
	km_profile_stop(profile);
	assert_true(result == 210.0);
	assert_calls("sum", 1);
}

KEEP static long many(long a, long b, long c, long d, long e, long f, long g, long h, double i,
		      double j, double k, double l, double m, double n, double o, double p,
		      double q, double r)
{
	AFTER_CALL();
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h +
	       (long)(i + j + k + l + m + n + o + p + q + r);
}

static void arguments_on_the_stack_survive(void **state)
{
	(void)state;
	long result = 0;

	km_profile_start(profile);
	for (int i = 0; i < 3; i++)
		result = many(1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
	km_profile_stop(profile);
	assert_int_equal(result, 1 + 4 + 9 + 16 + 25 + 36 + 49 + 64 + 55);
	assert_calls("many", 3);
}

typedef struct big {
	long values[9];
} big;

typedef struct pair {
	long integer;
	double real;
} pair;

KEEP static big return_big(long first)
{
	big result;

	AFTER_CALL();
	for (int i = 0; i < 9; i++)
		result.values[i] = first + i;
	return result;
}

KEEP static pair return_pair(long integer, double real)
{
	AFTER_CALL();
	return (pair){integer + 1, real + 1};
}

KEEP static long double return_long_double(long double x)
{
	AFTER_CALL();
	return x * 2.0L + 1.0L;
}

KEEP static double complex return_complex(double x)
{
	AFTER_CALL();
	return x + 2 * x * I;
}

KEEP static __int128 return_int128(__int128 x)
{
	AFTER_CALL();
	return x * x;
}

static void all_kinds_of_results_survive(void **state)
{
	(void)state;
	km_profile_start(profile);
	big large = return_big(40);
	pair both = return_pair(6, 1.5);
	long double wide = return_long_double(1.25L);
	double complex z = return_complex(3);
	__int128 square = return_int128((__int128)1 << 40);
	km_profile_stop(profile);
	for (int i = 0; i < 9; i++)
		assert_int_equal(large.values[i], 40 + i);
	assert_true(both.integer == 7 && both.real == 2.5);
	assert_true(wide == 3.5L);
	assert_true(creal(z) == 3 && cimag(z) == 6);
	assert_true(square == (__int128)1 << 80);
	assert_calls("return_big", 1);
	assert_calls("return_pair", 1);
	assert_calls("return_long_double", 1);
	assert_calls("return_complex", 1);
	assert_calls("return_int128", 1);
}

#ifdef __x86_64__
typedef float wide __attribute__((vector_size(32)));

__attribute__((target("avx"))) KEEP static wide add_wide(wide a, wide b)
{
	return a + b;
}

__attribute__((target("avx"))) KEEP static float use_wide(void)
{
	wide result = add_wide((wide){1, 2, 3, 4, 5, 6, 7, 8}, (wide){8, 7, 6, 5, 4, 3, 2, 1});
	return result[0] + result[3] + result[7];
}

static void vector_arguments_survive(void **state)
{
	(void)state;
	if (!__builtin_cpu_supports("avx"))
		skip();
	km_profile_start(profile);
	float result = use_wide();
	km_profile_stop(profile);
	assert_true(result == 27);
	assert_calls("add_wide", 1);
}
#endif

KEEP static int is_odd(unsigned n);

KEEP static int is_even(unsigned n)
{
	return n == 0 ? 1 : is_odd(n - 1);
}

KEEP static int is_odd(unsigned n)
{
	return n == 0 ? 0 : is_even(n - 1);
}

static void tail_calls_are_counted(void **state)
{
	(void)state;
	km_profile_start(profile);
	int result = is_even(1000);
	km_profile_stop(profile);
	assert_int_equal(result, 1);
	assert_calls("is_even", 501);
	assert_calls("is_odd", 500);
	assert_int_equal(row_of(profile, "is_even").primitive_calls, 1);
}

KEEP static long tail_to_library(void)
{
	return random();
}

static void tail_calls_to_a_library_are_counted(void **state)
{
	(void)state;
	km_profile_start(profile);
	for (int i = 0; i < 1000; i++)
		tail_to_library();
	km_profile_stop(profile);
	assert_calls("tail_to_library", 1000);
	assert_calls("{built-in function random}", 1000);
	assert_true(row_of(profile, "tail_to_library").cumtime >=
		    row_of(profile, "{built-in function random}").cumtime);
}

KEEP static int use_alloca(int n)
{
	volatile char *bytes = alloca((size_t)n);

	for (int i = 0; i < n; i++)
		bytes[i] = (char)i;
	return (int)add(bytes[n - 1], bytes[0]);
}

static void alloca_is_harmless(void **state)
{
	(void)state;
	int result = 0;

	km_profile_start(profile);
	for (int i = 1; i <= 100; i++)
		result += use_alloca(i);
	km_profile_stop(profile);
	assert_int_equal(result, 99 * 100 / 2);
	assert_calls("use_alloca", 100);
	assert_calls("add", 100);
}

#ifndef __clang__
KEEP static int use_nested(int base)
{
	__attribute__((noinline, noclone, noipa)) int nested(int x)
	{
		return base += x;
	}
	int result = 0;

	for (int i = 0; i < 10; i++)
		result = nested(i);
	return result;
}

static void nested_functions_keep_their_chain(void **state)
{
	(void)state;
	km_profile_start(profile);
	int result = use_nested(100);
	km_profile_stop(profile);
	assert_int_equal(result, 145);
	assert_calls("use_nested", 1);
	assert_calls("nested", 10);
}
#endif

/* --- jumps and signals --- */

static jmp_buf jump;

KEEP static void third(int value)
{
	if (value)
		longjmp(jump, value);
	AFTER_CALL();
}

KEEP static void second(int value)
{
	third(value);
	AFTER_CALL();
}

KEEP static void first(int value)
{
	second(value);
	AFTER_CALL();
}

KEEP static void after_jump(void)
{
	AFTER_CALL();
}

KEEP static int jumper(int value)
{
	if (setjmp(jump) == 0)
		first(value);
	after_jump();
	AFTER_CALL();
	return value + 1;
}

static void longjmp_out_of_three_frames(void **state)
{
	(void)state;
	int result = 0;

	km_profile_start(profile);
	for (int i = 0; i < 50; i++)
		result += jumper(i % 2);
	km_profile_stop(profile);
	assert_int_equal(result, 75);
	assert_calls("jumper", 50);
	assert_int_equal(row_of(profile, "jumper").primitive_calls, 50);
	assert_calls("first", 50);
	assert_calls("second", 50);
	assert_calls("third", 50);
	assert_calls("after_jump", 50);

	/* jumper is the only caller of after_jump, although frames were left behind. */
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	km_profile_print_callers(profile, stream, NULL, "after_jump");
	fclose(stream);
	assert_non_null(strstr(text, "(jumper)"));
	assert_null(strstr(text, "(third)"));
	assert_null(strstr(text, "(first)"));
	free(text);
}

static void longjmp_to_the_frame_that_started(void **state)
{
	(void)state;
	km_profile_start(profile);
	if (setjmp(jump) == 0)
		first(1);
	int stopped = km_profile_stop(profile);
	assert_int_equal(stopped, 0);
	assert_calls("first", 1);
	assert_calls("third", 1);
}

static volatile sig_atomic_t handled;

KEEP static void from_handler(void)
{
	handled++;
}

KEEP static void handler(int signal_number)
{
	(void)signal_number;
	from_handler();
	AFTER_CALL();
}

KEEP static void interrupted(int signal_number)
{
	raise(signal_number);
	AFTER_CALL();
}

static void install(int signal_number, void (*function)(int), int flags)
{
	struct sigaction action = {.sa_handler = function, .sa_flags = flags};

	sigemptyset(&action.sa_mask);
	assert_int_equal(sigaction(signal_number, &action, NULL), 0);
}

static void signal_handlers_are_counted(void **state)
{
	(void)state;
	install(SIGUSR1, handler, 0);
	handled = 0;
	km_profile_start(profile);
	for (int i = 0; i < 20; i++)
		interrupted(SIGUSR1);
	km_profile_stop(profile);
	assert_int_equal(handled, 20);
	assert_calls("interrupted", 20);
	assert_calls("handler", 20);
	assert_calls("from_handler", 20);
}

static void signal_handlers_on_a_stack_of_their_own(void **state)
{
	(void)state;
	static char memory[1 << 16];
	stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory},
		none = {.ss_flags = SS_DISABLE};

	assert_int_equal(sigaltstack(&stack, NULL), 0);
	install(SIGUSR1, handler, SA_ONSTACK);
	handled = 0;
	km_profile_start(profile);
	for (int i = 0; i < 20; i++)
		interrupted(SIGUSR1);
	km_profile_stop(profile);
	sigaltstack(&none, NULL);
	assert_int_equal(handled, 20);
	assert_calls("interrupted", 20);
	assert_calls("handler", 20);
	assert_calls("from_handler", 20);
}

/* Signals come at any instruction, also at those of the stubs. */
static void timer_signals_anywhere_are_counted(void **state)
{
	(void)state;
	timer_t timer;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec often = {{0, 50000}, {0, 50000}}, never = {{0, 0}, {0, 0}};

	install(SIGUSR1, handler, SA_RESTART);
	assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	handled = 0;
	km_profile_start(profile);
	timer_settime(timer, 0, &often, NULL);
	int result = 0;
	for (int i = 0; i < 200; i++)
		result = fib(16);
	timer_settime(timer, 0, &never, NULL);
	timer_delete(timer);
	km_profile_stop(profile);
	assert_int_equal(result, 987);
	assert_calls("fib", 200 * (2 * 1597 - 1));
	assert_calls("from_handler", handled ? handled : -1);
}

static sigjmp_buf signal_jump;

KEEP static void jumping_handler(int signal_number)
{
	siglongjmp(signal_jump, signal_number);
}

KEEP static int leave_handler(void)
{
	int jumped = sigsetjmp(signal_jump, 1);

	if (!jumped)
		interrupted(SIGUSR2);
	after_jump();
	AFTER_CALL();
	return jumped;
}

static void siglongjmp_out_of_a_handler(void **state)
{
	(void)state;
	install(SIGUSR2, jumping_handler, 0);
	km_profile_start(profile);
	int result = 0;
	for (int i = 0; i < 10; i++)
		result += leave_handler() == SIGUSR2;
	km_profile_stop(profile);
	assert_int_equal(result, 10);
	assert_calls("leave_handler", 10);
	assert_calls("jumping_handler", 10);
	assert_calls("after_jump", 10);
}

/* The handler of a crash guard runs on its own stack and jumps out of it, past the last call. */
static void siglongjmp_off_a_signal_stack(void **state)
{
	(void)state;
	static char memory[1 << 16];
	stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory},
		none = {.ss_flags = SS_DISABLE};

	assert_int_equal(sigaltstack(&stack, NULL), 0);
	install(SIGUSR2, jumping_handler, SA_ONSTACK);
	km_profile_start(profile);
	for (volatile int i = 0; i < 10; i++)
		if (sigsetjmp(signal_jump, 1) == 0)
			interrupted(SIGUSR2);
	int stopped = km_profile_stop(profile);
	sigaltstack(&none, NULL);
	assert_int_equal(stopped, 0);
	assert_calls("interrupted", 10);
	assert_calls("jumping_handler", 10);
	assert_int_equal(row_of(profile, "jumping_handler").primitive_calls, 10);
}

/* --- threads and processes --- */

static void *record_in_thread(void *argument)
{
	km_profile *own = km_profile_new(NULL);
	long *calls = argument;

	if (km_profile_start(own))
		return NULL;
	fib((int)*calls);
	if (km_profile_stop(own))
		return NULL;
	*calls = calls_of(own, "fib");
	km_profile_free(own);
	return argument;
}

static void *run_unrecorded(void *argument)
{
	*(long *)argument = fib(18);
	return argument;
}

static void each_thread_records_for_itself(void **state)
{
	(void)state;
	enum { THREADS = 4 };
	pthread_t recorded[THREADS], unrecorded[THREADS];
	long calls[THREADS], results[THREADS];
	/* calls(n) = 2 fib(n + 1) - 1 for n = 10 to 13 */
	const long expected[THREADS] = {177, 287, 465, 753};

	km_profile_start(profile);
	for (int i = 0; i < THREADS; i++) {
		calls[i] = 10 + i;
		pthread_create(&recorded[i], NULL, record_in_thread, &calls[i]);
		pthread_create(&unrecorded[i], NULL, run_unrecorded, &results[i]);
	}
	fib(5);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(recorded[i], NULL);
		pthread_join(unrecorded[i], NULL);
	}
	km_profile_stop(profile);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(calls[i], expected[i]);
		assert_int_equal(results[i], 2584);
	}
	assert_calls("fib", 15);
	assert_intercepted_calls("{built-in function pthread_create}", 2 * THREADS);
}

static void a_fork_leaves_the_parents_counts(void **state)
{
	(void)state;
	int status = -1;

	km_profile_start(profile);
	pid_t child = fork();
	if (child == 0) {
		int wrong = fib(15) != 610;
		_exit(wrong);
	}
	fib(10);
	waitpid(child, &status, 0);
	km_profile_stop(profile);
	assert_int_equal(status, 0);
	assert_calls("fib", 177);
	assert_calls("{built-in function fork}", 1);
}

/* Runs fib in both processes below three frames, through which the child returns. */
KEEP static int fork_below(int depth, int n, pid_t *child)
{
	int result;

	if (depth) {
		result = fork_below(depth - 1, n, child);
	} else {
		*child = fork();
		result = fib(*child ? n : 15);
	}
	AFTER_CALL();
	return result;
}

static void a_fork_leaves_a_shared_recording(void **state)
{
	(void)state;
	km_profile *shared = km_profile_new(&(km_profile_options){.shared = true});
	int status = -1, stopped = 0;
	pid_t child = -1;

	assert_non_null(shared);
	for (int round = 0; round < 3; round++) {
		int started = km_profile_start(shared);
		int result = fork_below(2, 10, &child);
		result += fib(5);
		stopped |= km_profile_stop(shared);
		if (child == 0)
			_exit(started || stopped || result != 610 + 5 ||
			      calls_of(shared, "fib") != 2 * 987 - 1 + 15 ||
			      calls_of(shared, "fork_below") < 3);
		assert_int_equal(result, 55 + 5);
		waitpid(child, &status, 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(stopped, 0);
	assert_int_equal(calls_of(shared, "fib"), 3 * (177 + 15));
	assert_int_equal(calls_of(shared, "fork_below"), 3 * 3);
	assert_int_equal(calls_of(shared, "{built-in function fork}"), 3);
	km_profile_free(shared);
}

static void a_parent_reads_what_its_child_records(void **state)
{
	(void)state;
	km_profile *shared = km_profile_new(&(km_profile_options){.shared = true});
	int status = -1;

	pid_t child = fork();
	if (child == 0) {
		km_profile_start(shared);
		fib(10);
		_exit(km_profile_stop(shared));
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	/* The child stopped, so its recording can be read without recovering it. */
	assert_int_equal(calls_of(shared, "fib"), 177);
	assert_int_equal(km_profile_recover(shared, child, 0), 0);
	assert_int_equal(calls_of(shared, "fib"), 177);
	km_profile_free(shared);
}

static void the_stack_of_a_living_recording(void **state)
{
	(void)state;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(km_profile_print_stack(profile, stream), 0);
	km_profile_start(profile);
	int open = km_profile_print_stack(profile, stream);
	km_profile_stop(profile);
	fclose(stream);
	assert_true(open >= 1);
	assert_non_null(strstr(text, "{profile}\n"));
	free(text);
	assert_int_equal(km_profile_recover(profile, getpid(), 0), KM_EINVAL); /* not shared */
}

/* --- library calls --- */

static void library_calls_are_counted(void **state)
{
	(void)state;
	km_profile_start(profile);
	for (int i = 0; i < 1000; i++)
		(void)random();
	usleep(1000);
	km_profile_stop(profile);
	assert_calls("{built-in function random}", 1000);
	assert_calls("{built-in function usleep}", 1);
	assert_true(row_of(profile, "{built-in function usleep}").cumtime >= 0.001);
}

/* The program takes the function's address: calls may then use another kind of stub, and the
 * address must stay the library's. */
static void library_functions_with_their_address_taken(void **state)
{
	(void)state;
	pid_t (*volatile pointer)(void) = getppid;

	km_profile_start(profile);
	for (int i = 0; i < 7; i++)
		(void)getppid();
	km_profile_stop(profile);
	assert_true(pointer() == getppid());
	assert_calls("{built-in function getppid}", 7);
}

/* --- start and stop --- */

KEEP static int stop_inside(void)
{
	int result = km_profile_stop(profile);
	AFTER_CALL();
	return result;
}

static void start_and_stop_have_to_be_in_one_function(void **state)
{
	(void)state;
	assert_int_equal(km_profile_stop(profile), KM_ESTATE);
	km_profile_start(profile);
	int again = km_profile_start(profile);
	int inside = stop_inside();
	int stopped = km_profile_stop(profile);
	assert_int_equal(again, KM_ESTATE);
	assert_int_equal(inside, KM_ESTATE);
	assert_int_equal(stopped, 0);
	assert_non_null(strstr(km_profile_error(), "stop belongs"));
	assert_calls("stop_inside", 1);
}

/* Must be the first test: no call has failed in this thread yet. */
static void success_leaves_no_error(void **state)
{
	(void)state;
	assert_string_equal(km_profile_error(), "no error");
	assert_int_equal(km_profile_enable(), 0);
	assert_string_equal(km_profile_error(), "no error");
}

static int print_sorted(const char *sort_by, const char *restrictions, size_t *size)
{
	char *text = NULL;
	FILE *stream = open_memstream(&text, size);
	int result = km_profile_print_stats(profile, stream, sort_by, restrictions);

	fclose(stream);
	free(text);
	return result;
}

static void bad_restrictions_are_refused(void **state)
{
	static const char *const bad[] = {"((", "-3", "1.5", "3,(("};
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(print_sorted("time", bad[i], &size), KM_EINVAL);
		assert_int_equal(size, 0);
		assert_non_null(strstr(km_profile_error(), "bad restriction"));
	}
	assert_int_equal(print_sorted("tea", NULL, &size), KM_EINVAL);
	assert_int_equal(size, 0);
	assert_int_equal(print_sorted("time", "3,.5,x", &size), 0);
	assert_true(size > 0);
}

static void a_profile_continues_until_it_is_reset(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		km_profile_start(profile);
		fib(3);
		km_profile_stop(profile);
		fib(3); /* not recorded */
	}
	assert_calls("fib", 3 * 5);
	km_profile_reset(profile);
	assert_calls("fib", -1);
	km_profile_start(profile);
	fib(4);
	km_profile_stop(profile);
	assert_calls("fib", 9);
}

int main(void)
{
#define recorded(test) cmocka_unit_test_setup_teardown(test, make_profile, free_profile)
	const struct CMUnitTest tests[] = {
		recorded(success_leaves_no_error),
		recorded(fib_is_counted),
		recorded(ackermann_is_counted),
		recorded(mutual_recursion_is_counted),
		recorded(deep_recursion_is_counted),
		recorded(callbacks_from_a_library_are_counted),
		recorded(calls_through_pointers_are_counted),
		recorded(variadic_arguments_survive),
		recorded(arguments_on_the_stack_survive),
		recorded(all_kinds_of_results_survive),
#ifdef __x86_64__
		recorded(vector_arguments_survive),
#endif
		recorded(tail_calls_are_counted),
		recorded(tail_calls_to_a_library_are_counted),
		recorded(alloca_is_harmless),
#ifndef __clang__
		recorded(nested_functions_keep_their_chain),
#endif
		recorded(longjmp_out_of_three_frames),
		recorded(longjmp_to_the_frame_that_started),
		recorded(signal_handlers_are_counted),
		recorded(signal_handlers_on_a_stack_of_their_own),
		recorded(timer_signals_anywhere_are_counted),
		recorded(siglongjmp_out_of_a_handler),
		recorded(siglongjmp_off_a_signal_stack),
		recorded(each_thread_records_for_itself),
		recorded(a_fork_leaves_the_parents_counts),
		recorded(a_fork_leaves_a_shared_recording),
		recorded(a_parent_reads_what_its_child_records),
		recorded(the_stack_of_a_living_recording),
		recorded(library_calls_are_counted),
		recorded(library_functions_with_their_address_taken),
		recorded(start_and_stop_have_to_be_in_one_function),
		recorded(bad_restrictions_are_refused),
		recorded(a_profile_continues_until_it_is_reset),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
