/* Death between any two instructions: the test steps a process through the stubs, and after each
 * instruction reads its recording as if the process had died there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/profiler/paths.h"
#include "tests/profiler/record/by_hand.h"
#include "tests/profiler/recording.h"

enum { ONE, TWO, NEST, JUMP, MANY };
static const char *const names[] = {"one", "two", "nest", "leave", "many"};
enum { FUNCTIONS = sizeof names / sizeof *names };

KEEP static void one(void)
{
	ENTERED(ONE);
	LEAVING();
}

KEEP static void two(void)
{
	ENTERED(TWO);
	one();
	LEAVING();
}

KEEP static void nest(int depth)
{
	ENTERED(NEST);
	if (depth)
		nest(depth - 1);
	one();
	LEAVING();
}

static jmp_buf jump;

KEEP static void leave(void)
{
	ENTERED(JUMP);
	longjmp(jump, 1);
}

/* One more than a list of children holds. */
#define CHILD(n)                                                                                   \
	KEEP static void child_##n(void)                                                           \
	{                                                                                          \
		__asm__ volatile("# " #n ::: "memory");                                            \
	}
#define CHILDREN(X)                                                                                \
	X(0)                                                                                       \
	X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17)
CHILDREN(CHILD)
#define ADDRESS(n) child_##n,
static void (*const children[])(void) = {CHILDREN(ADDRESS)};

KEEP static void many(void)
{
	ENTERED(MANY);
	for (size_t i = 0; i < sizeof children / sizeof *children; i++)
		children[i]();
	LEAVING();
}

KEEP static void jump_out(void)
{
	volatile int depth = noted->depth;

	if (setjmp(jump) == 0)
		leave();
	noted->depth = depth;
	one();
	AFTER_CALL();
}

/* The parent single-steps between two of these. */
static inline void stop_here(void)
{
	__asm__ volatile("int3");
}

static void calls(void)
{
	stop_here();
	one();
	one();
	two();
	one();
	two();
	(void)getppid();
	nest(2);
	jump_out();
	stop_here();
}

static void calls_of_many(void)
{
	for (int i = 0; i < 15; i++)
		children[i]();
	stop_here();
	many();
	stop_here();
}

/* Fills the tree first. */
static void calls_past_the_bound(void)
{
	left(14);
	right(14);
	calls();
}

static km_profile *profile;
static char *recorder, *kept;
static size_t recorder_size;

static int set_up(void **state)
{
	(void)state;
	profile = km_profile_new(&(km_profile_options){.memory = 1 << 20, .shared = true});
	recorder = shared_recorder(&recorder_size);
	kept = malloc(recorder_size);
	return profile && recorder && kept && !by_hand_map() ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	km_profile_free(profile);
	munmap(noted, sizeof *noted);
	free(kept);
	return 0;
}

/* Reads the open calls of the counted functions, innermost first. Returns how many. */
static int read_stack(int *stack)
{
	char *text = NULL, label[32];
	size_t size = 0;
	int depth = 0;
	FILE *stream = open_memstream(&text, &size);

	km_profile_print_stack(profile, stream);
	fclose(stream);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		for (int i = 0; i < FUNCTIONS; i++) {
			int times = 1;
			snprintf(label, sizeof label, "(%s)", names[i]);
			const char *found = strstr(line, label);
			if (!found)
				continue;
			sscanf(found + strlen(label), ", %d times", &times);
			while (times-- > 0 && depth < BY_HAND_DEPTH)
				stack[depth++] = i;
		}
	}
	free(text);
	return depth;
}

/* The two stacks are equal but for at most one call on top. Frames that a longjmp left behind may
 * stay until the next call. */
static void check_stack(int step)
{
	int stack[BY_HAND_DEPTH], depth = read_stack(stack), counted = noted->depth;
	int common = depth < counted ? depth : counted;

	for (int i = 0; i < common; i++)
		if (stack[depth - 1 - i] != noted->stack[i])
			fail_msg("step %d: %s at depth %d, %s by hand", step,
				 names[stack[depth - 1 - i]], i, names[noted->stack[i]]);
	if (depth > counted + 1 || counted > depth + 1)
		fail_msg("step %d: %d calls are open, %d by hand", step, depth, counted);
}

/* Reads the sum of all own times from "N function calls in 0.123 seconds". */
static double own_times(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	km_profile_print_stats(profile, stream, NULL, NULL);
	fclose(stream);
	char *number = strstr(text, " in ");
	double total = number ? strtod(number + 4, NULL) : -1;
	free(text);
	return total;
}

static void check(int step)
{
	long more = 0;

	for (int i = 0; i < FUNCTIONS; i++) {
		long recorded = calls_of(profile, names[i]), counted = noted->calls[i];
		recorded = recorded < 0 ? 0 : recorded;
		if (recorded < counted)
			fail_msg("step %d: %s has %ld calls, %ld by hand", step, names[i], recorded,
				 counted);
		more += recorded - counted;
	}
	if (more > 1)
		fail_msg("step %d: %ld calls too many", step, more);
	km_profile_summary summary;
	km_profile_summarise(profile, &summary);
	double difference = own_times() - summary.seconds; /* a step takes milliseconds */
	if (difference > 0.0006 || difference < -0.0006)
		fail_msg("step %d: own times differ by %g s from the total", step, difference);
}

enum { PAGE = 4096 };

/* Copies the pages that are in memory: reading the others would allocate them. */
static void copy_pages(char *to, const char *from, const unsigned char *there)
{
	for (size_t i = 0; i < recorder_size / PAGE; i++)
		if (there[i] & 1)
			memcpy(to + i * PAGE, from + i * PAGE, PAGE);
}

/* Reads the recording as if the process had died here, then puts it back. */
static void read_as_dead(pid_t child, int step)
{
	static unsigned char there[(2 << 20) / PAGE];

	assert_true(recorder_size / PAGE <= sizeof there);
	assert_int_equal(mincore(recorder, recorder_size, there), 0);
	copy_pages(kept, recorder, there);
	assert_true(km_profile_recover(profile, child, 0) >= 0);
	check(step);
	check_stack(step);
	km_profile_discard(profile);
	copy_pages(recorder, kept, there);
}

/* Runs the child for one instruction, or until it stops. False when the child ended, or when a step
 * came to a stop_here. */
static bool goes_on(pid_t child, bool one_step)
{
	int status;

	assert_int_equal(ptrace(one_step ? PTRACE_SINGLESTEP : PTRACE_CONT, child, NULL, NULL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
		return false;
	siginfo_t info;
	assert_int_equal(ptrace(PTRACE_GETSIGINFO, child, NULL, &info), 0);
	return !one_step || info.si_code != SI_KERNEL;
}

static void step_through(void (*shape)(void), int at_least)
{
	int steps = 0, status;

	memset((void *)noted, 0, sizeof *noted);
	pid_t child = fork();
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) || km_profile_start(profile))
			_exit(2);
		stop_here();
		shape();
		_exit(km_profile_stop(profile) ? 3 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		skip(); /* tracing is forbidden here */
	assert_true(goes_on(child, false));
	for (; goes_on(child, true); steps++)
		read_as_dead(child, steps);
	assert_int_equal(ptrace(PTRACE_CONT, child, NULL, NULL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(steps > at_least);
	km_profile_discard(profile);
}

static void calls_between_any_two_instructions(void **state)
{
	(void)state;
	step_through(calls, 500);
}

static void a_new_table_of_children(void **state)
{
	(void)state;
	step_through(calls_of_many, 1000);
}

static void calls_without_room_in_the_tree(void **state)
{
	(void)state;
	step_through(calls_past_the_bound, 1000);
}

int main(void)
{
#define stepped(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		stepped(calls_between_any_two_instructions),
		stepped(a_new_table_of_children),
		stepped(calls_without_room_in_the_tree),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
