/* Recordings of very many paths and calls, with and without memory for all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/profiler/paths.h"
#include "tests/profiler/recording.h"

enum { MIB = 1 << 20 };

static km_profile *profile;

static void make_profile(size_t memory)
{
	profile = km_profile_new(&(km_profile_options){.memory = memory});
	assert_non_null(profile);
}

static int free_profile(void **state)
{
	(void)state;
	km_profile_free(profile);
	profile = NULL;
	return 0;
}

static km_profile_summary summary_of(km_profile *of)
{
	km_profile_summary summary;

	km_profile_summarise(of, &summary);
	return summary;
}

/* There are 2 + 4 + ... + 2^n paths of up to n steps, and half of them end in left. A call of left
 * is primitive after rights alone: one path of each length. */
static void check_paths(int levels)
{
	long each = (1L << levels) - 1;
	row left_row = row_of(profile, "left"), right_row = row_of(profile, "right");

	assert_int_equal(left_row.calls, each);
	assert_int_equal(right_row.calls, each);
	assert_int_equal(left_row.primitive_calls, levels);
	assert_int_equal(right_row.primitive_calls, levels);
	assert_int_equal(summary_of(profile).calls, 2 * each + 1);
}

static void run_paths(int levels)
{
	km_profile_start(profile);
	left(levels);
	right(levels);
	km_profile_stop(profile);
}

static void a_million_paths_fit(void **state)
{
	(void)state;
	make_profile(0);
	run_paths(19);
	check_paths(19);
	km_profile_summary summary = summary_of(profile);
	assert_int_equal(summary.nodes, (1 << 20) - 1);
	assert_int_equal(summary.other_calls, 0);
	assert_true(summary.memory <= 256 * MIB);
	assert_int_equal(calls_of(profile, "(other)"), -1);
}

static void past_the_bound_counts_stay_exact(void **state)
{
	(void)state;
	make_profile(MIB);
	run_paths(17);
	check_paths(17);
	km_profile_summary summary = summary_of(profile);
	assert_true(summary.other_calls > 0);
	assert_true(summary.nodes < 2 * MIB / 64);
	assert_true(summary.memory <= MIB);
	assert_int_equal(summary.lost_calls, 0);
	/* The calls are in the rows of their functions, (other) has the time of the lost paths. */
	row other = row_of(profile, "(other)");
	assert_int_equal(other.calls, 0);
	assert_true(other.cumtime > 0);
	assert_true(other.tottime == 0);
}

static void the_least_memory_is_a_mebibyte(void **state)
{
	(void)state;
	make_profile(1);
	run_paths(17);
	check_paths(17);
	km_profile_summary least = summary_of(profile);
	km_profile_free(profile);
	make_profile(MIB);
	run_paths(17);
	assert_int_equal(least.nodes, summary_of(profile).nodes);
	assert_true(least.nodes > 1000);
}

static double total_of_own_times(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(km_profile_print_stats(profile, stream, NULL, NULL), 0);
	fclose(stream);
	char *seconds = strstr(text, "seconds");
	while (seconds[-2] != ' ' || seconds[-1] == ' ')
		seconds--;
	double total = strtod(seconds - 1, NULL);
	free(text);
	return total;
}

static void own_times_add_up_past_the_bound(void **state)
{
	(void)state;
	make_profile(MIB);
	run_paths(17);
	double difference = total_of_own_times() - summary_of(profile).seconds;
	assert_true(difference < 0.001 && difference > -0.001); /* printed with three digits */
}

KEEP static void leaf(void)
{
	AFTER_CALL();
}

static void ten_million_calls_of_one_path_take_two_nodes(void **state)
{
	(void)state;
	make_profile(0);
	km_profile_start(profile);
	for (int i = 0; i < 10000000; i++)
		leaf();
	km_profile_stop(profile);
	assert_int_equal(calls_of(profile, "leaf"), 10000000);
	assert_int_equal(summary_of(profile).nodes, 2);
}

/* 512 functions, so that a parent has more children than its list holds. */
#define ONE(n)                                                                                     \
	KEEP static void child_##n(void)                                                           \
	{                                                                                          \
		AFTER_CALL();                                                                      \
	}
#define EIGHT(X, n) X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7)
#define SIXTYFOUR(X, n)                                                                            \
	EIGHT(X, n##0)                                                                             \
	EIGHT(X, n##1)                                                                             \
	EIGHT(X, n##2) EIGHT(X, n##3) EIGHT(X, n##4) EIGHT(X, n##5) EIGHT(X, n##6) EIGHT(X, n##7)
#define ALL(X)                                                                                     \
	SIXTYFOUR(X, 0)                                                                            \
	SIXTYFOUR(X, 1)                                                                            \
	SIXTYFOUR(X, 2)                                                                            \
	SIXTYFOUR(X, 3) SIXTYFOUR(X, 4) SIXTYFOUR(X, 5) SIXTYFOUR(X, 6) SIXTYFOUR(X, 7)
ALL(ONE)
#define ADDRESS(n) child_##n,
static void (*const children[])(void) = {ALL(ADDRESS)};
enum { CHILDREN = sizeof children / sizeof *children };

KEEP static void call_children(int times)
{
	for (int i = 0; i < times; i++)
		for (int k = 0; k < CHILDREN; k++)
			children[(k * 7 + i * 3) % CHILDREN]();
	AFTER_CALL();
}

static void a_parent_may_have_many_children(void **state)
{
	(void)state;
	make_profile(0);
	km_profile_start(profile);
	call_children(5);
	km_profile_stop(profile);
	assert_int_equal(summary_of(profile).nodes, CHILDREN + 2);
	assert_int_equal(summary_of(profile).calls, 5 * CHILDREN + 2);
	assert_int_equal(calls_of(profile, "child_000"), 5);
	assert_int_equal(calls_of(profile, "child_377"), 5);
	assert_int_equal(calls_of(profile, "child_777"), 5);
}

KEEP static long dive(long depth)
{
	long below = depth ? dive(depth - 1) : 0;
	AFTER_CALL();
	return below + 1;
}

/* Calls deeper than tree and overflow frames together run unrecorded, and are counted as lost. */
static void too_deep_calls_still_run(void **state)
{
	(void)state;
	make_profile(MIB);
	km_profile_start(profile);
	long result = dive(19999);
	km_profile_stop(profile);
	km_profile_summary summary = summary_of(profile);
	assert_int_equal(result, 20000);
	assert_true(summary.lost_calls > 0);
	assert_int_equal(summary.calls + summary.lost_calls, 20001);
	assert_int_equal(calls_of(profile, "dive") + (long)summary.lost_calls, 20000);
	assert_int_equal(row_of(profile, "dive").primitive_calls, 1);
}

static jmp_buf jump;

KEEP static void leave(void)
{
	longjmp(jump, 1);
}

KEEP static void jump_from(int depth)
{
	if (depth == 0)
		leave();
	else
		jump_from(depth - 1);
	AFTER_CALL();
}

KEEP static void jump_often(void)
{
	for (volatile int i = 0; i < 100; i++) {
		if (setjmp(jump) == 0)
			jump_from(2);
		leaf();
	}
	AFTER_CALL();
}

static void longjmp_past_the_bound(void **state)
{
	(void)state;
	make_profile(MIB);
	km_profile_start(profile);
	left(17);
	jump_often();
	leaf();
	km_profile_stop(profile);
	assert_true(summary_of(profile).other_calls > 0);
	assert_int_equal(calls_of(profile, "jump_often"), 1);
	assert_int_equal(calls_of(profile, "jump_from"), 300);
	assert_int_equal(row_of(profile, "jump_from").primitive_calls, 100);
	assert_int_equal(calls_of(profile, "leaf"), 101);
}

KEEP static pid_t fork_below(int depth)
{
	pid_t child = depth ? fork_below(depth - 1) : fork();
	leaf();
	AFTER_CALL();
	return child;
}

static void a_fork_past_the_bound(void **state)
{
	(void)state;
	int status = -1;
	profile = km_profile_new(&(km_profile_options){.memory = MIB, .shared = true});
	assert_non_null(profile);
	km_profile_start(profile);
	left(17);
	pid_t child = fork_below(4);
	leaf();
	int stopped = km_profile_stop(profile);
	if (child == 0)
		_exit(stopped || calls_of(profile, "leaf") != 6);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(stopped, 0);
	assert_true(summary_of(profile).other_calls > 0);
	assert_int_equal(calls_of(profile, "fork_below"), 5);
	assert_int_equal(row_of(profile, "fork_below").primitive_calls, 1);
	assert_int_equal(calls_of(profile, "leaf"), 6);
}

static void reset_gives_an_empty_recording(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		if (i % 3 == 0) { /* private, then shared pages */
			km_profile_free(profile);
			profile = km_profile_new(
				&(km_profile_options){.memory = MIB, .shared = i > 0});
			assert_non_null(profile);
		}
		run_paths(16);
		check_paths(16);
		km_profile_reset(profile);
		assert_int_equal(summary_of(profile).nodes, 1);
		assert_int_equal(summary_of(profile).other_calls, 0);
		km_profile_start(profile);
		call_children(2);
		km_profile_stop(profile);
		assert_int_equal(summary_of(profile).nodes, CHILDREN + 2);
		assert_int_equal(calls_of(profile, "left"), -1);
		km_profile_reset(profile);
	}
}

/* Concurrent requests on one thread do this. */
static void recordings_take_turns(void **state)
{
	(void)state;
	km_profile *turns[8];

	for (int i = 0; i < 8; i++)
		assert_non_null(turns[i] = km_profile_new(NULL));
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 8; i++) {
			km_profile_start(turns[i]);
			for (int k = 0; k <= i; k++)
				leaf();
			km_profile_stop(turns[i]);
		}
	}
	for (int i = 0; i < 8; i++) {
		assert_int_equal(calls_of(turns[i], "leaf"), 10 * (i + 1));
		km_profile_free(turns[i]);
	}
}

int main(void)
{
#define recorded(test) cmocka_unit_test_teardown(test, free_profile)
	const struct CMUnitTest tests[] = {
		recorded(a_million_paths_fit),
		recorded(past_the_bound_counts_stay_exact),
		recorded(the_least_memory_is_a_mebibyte),
		recorded(own_times_add_up_past_the_bound),
		recorded(ten_million_calls_of_one_path_take_two_nodes),
		recorded(a_parent_may_have_many_children),
		recorded(too_deep_calls_still_run),
		recorded(longjmp_past_the_bound),
		recorded(a_fork_past_the_bound),
		recorded(reset_gives_an_empty_recording),
		recorded(recordings_take_turns),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
