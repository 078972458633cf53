/* Kills a process that records calls of one shape, and writes what is recovered, for killed.t:
 * kill_rounds SHAPE ROUNDS FOLDER writes FOLDER/N.prof, N.stats, N.stack and N.noted for each
 * round. N.noted is what the process counted itself. */
#include <komori/profiler.h>

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/profiler/keep.h"
#include "tests/profiler/record/by_hand.h"

enum { LEAF, FIB, LEFT, RIGHT, FIRST, JUMPER, LEAVE, HANDLER };
static const char *const names[] = {"leaf",  "fib",    "left",	"right",
				    "first", "jumper", "leave", "handler"};

KEEP static void leaf(void)
{
	ENTERED(LEAF);
	LEAVING();
}

static void leaves(void)
{
	for (;;)
		leaf();
}

KEEP static long fib(long n)
{
	ENTERED(FIB);
	long high = n < 2 ? n : fib(n - 1);
	AFTER_CALL();
	long low = n < 2 ? 0 : fib(n - 2);
	AFTER_CALL();
	LEAVING();
	return high + low;
}

static void recursion(void)
{
	for (;;)
		fib(12);
}

/* The leaf between the library calls counts them. */
static void library(void)
{
	for (;;) {
		(void)getppid();
		leaf();
	}
}

KEEP static void right(int levels);

KEEP static void left(int levels)
{
	ENTERED(LEFT);
	if (levels > 1) {
		left(levels - 1);
		right(levels - 1);
	}
	LEAVING();
}

KEEP static void right(int levels)
{
	ENTERED(RIGHT);
	if (levels > 1) {
		left(levels - 1);
		right(levels - 1);
	}
	LEAVING();
}

static void paths(void)
{
	for (;;) {
		left(15);
		right(15);
	}
}

static jmp_buf jump;

KEEP static void leave(void)
{
	ENTERED(LEAVE);
	longjmp(jump, 1);
}

KEEP static void jumper(int depth)
{
	ENTERED(JUMPER);
	if (depth == 0)
		leave();
	else
		jumper(depth - 1);
	LEAVING();
}

KEEP static void first(void)
{
	ENTERED(FIRST);
	jumper(3);
	LEAVING();
}

static void jumps(void)
{
	for (;;) {
		if (setjmp(jump) == 0)
			first();
		noted->depth = 0;
		leaf();
	}
}

KEEP static void handler(int number)
{
	(void)number;
	ENTERED(HANDLER);
	leaf();
	LEAVING();
}

static void signals(void)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
	struct itimerval often = {{0, 100}, {0, 100}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	recursion();
}

static const struct shape {
	const char *name;
	void (*run)(void);
	size_t memory;
	int most; /* calls before the kill, at most */
} shapes[] = {
	{"leaves", leaves, 0, 20000},	{"recursion", recursion, 0, 20000},
	{"library", library, 0, 5000},	{"paths", paths, 0, 100000},
	{"jumps", jumps, 0, 5000},	{"past-the-bound", paths, 1 << 20, 200000},
	{"signals", signals, 0, 50000},
};

static FILE *result(const char *folder, int round, const char *kind)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%d.%s", folder, round, kind);
	FILE *file = fopen(path, "w");
	if (!file)
		abort();
	return file;
}

static void write_noted(const char *folder, int round)
{
	FILE *file = result(folder, round, "noted");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		fprintf(file, "%s %ld\n", names[i], noted->calls[i]);
	for (int i = noted->depth; i-- > 0;)
		fprintf(file, "open %s\n", names[noted->stack[i]]);
	fclose(file);
}

static void play(km_profile *profile, const struct shape *shape, const char *folder, int round)
{
	long until = 1 + random() % shape->most;
	char path[4096];

	memset((void *)noted, 0, sizeof *noted);
	pid_t child = fork();
	if (child == 0) {
		if (km_profile_start(profile) == 0)
			shape->run();
		_exit(1);
	}
	while (noted->total < until)
		if (waitpid(child, NULL, WNOHANG) != 0)
			abort();
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (km_profile_recover(profile, child, 0) < 0)
		abort();
	write_noted(folder, round);
	FILE *file = result(folder, round, "stats");
	km_profile_print_stats(profile, file, "calls,nfl", NULL);
	fclose(file);
	file = result(folder, round, "stack");
	km_profile_print_stack(profile, file);
	fclose(file);
	snprintf(path, sizeof path, "%s/%d.prof", folder, round);
	if (km_profile_dump_stats(profile, path))
		abort();
	km_profile_reset(profile);
}

int main(int argc, char **argv)
{
	if (argc != 4 || by_hand_map())
		return 2;
	srandom(20240229);
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		if (strcmp(shapes[i].name, argv[1]) != 0)
			continue;
		km_profile *profile = km_profile_new(
			&(km_profile_options){.memory = shapes[i].memory, .shared = true});
		for (int round = 0; profile && round < atoi(argv[2]); round++)
			play(profile, &shapes[i], argv[3], round);
		km_profile_free(profile);
		return 0;
	}
	return 2;
}
