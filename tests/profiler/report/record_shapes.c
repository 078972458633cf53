/* Records one shape of calls and writes what users get of it: record_shapes SHAPE FOLDER SORT
 * RESTRICTIONS leaves FOLDER/SHAPE.prof, .stats, .callers and .callees. For recorded.t. */
#include <komori/profiler.h>

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "tests/profiler/paths.h"

KEEP static long fib(long n)
{
	long high = n < 2 ? n : fib(n - 1);
	AFTER_CALL();
	long low = n < 2 ? 0 : fib(n - 2);
	AFTER_CALL();
	return high + low;
}

static void recursion(void)
{
	fib(15);
}

KEEP static void pong(int n);

KEEP static void ping(int n)
{
	if (n)
		pong(n - 1);
	AFTER_CALL();
}

KEEP static void pong(int n)
{
	if (n)
		ping(n - 1);
	AFTER_CALL();
}

static void mutual(void)
{
	ping(100);
	pong(31);
}

static void deep(void)
{
	ping(10000);
}

KEEP static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void callback(void)
{
	int values[500];

	for (int i = 0; i < 500; i++)
		values[i] = (i * 7919) % 500;
	qsort(values, 500, sizeof *values, compare);
}

static void library(void)
{
	for (int i = 0; i < 1000; i++)
		(void)random();
}

static void nothing(void)
{
}

/* Makes more paths than a mebibyte holds, which gives an (other) row. */
static void paths(void)
{
	left(15);
	fib(10);
}

static jmp_buf jump;

KEEP static void jump_out(int n)
{
	if (n == 3)
		longjmp(jump, 1);
	AFTER_CALL();
}

static void jumps(void)
{
	for (volatile int i = 0; i < 20; i++)
		if (setjmp(jump) == 0)
			jump_out(i % 5);
}

static const struct {
	const char *name;
	void (*run)(void);
} shapes[] = {
	{"recursion", recursion}, {"mutual", mutual},	{"deep", deep},	  {"callback", callback},
	{"library", library},	  {"nothing", nothing}, {"paths", paths}, {"jumps", jumps},
};

static FILE *open_file(const char *folder, const char *shape, const char *kind)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s.%s", folder, shape, kind);
	FILE *file = fopen(path, "w");
	if (!file) {
		perror(path);
		exit(1);
	}
	return file;
}

int main(int argc, char **argv)
{
	char path[4096];

	if (argc != 5)
		return 2;
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		if (strcmp(shapes[i].name, argv[1]))
			continue;
		km_profile *profile = km_profile_new(&(km_profile_options){.memory = 1 << 20});
		if (!profile || km_profile_start(profile))
			return 1;
		shapes[i].run();
		if (km_profile_stop(profile))
			return 1;
		FILE *stats = open_file(argv[2], argv[1], "stats");
		FILE *callers = open_file(argv[2], argv[1], "callers");
		FILE *callees = open_file(argv[2], argv[1], "callees");
		snprintf(path, sizeof path, "%s/%s.prof", argv[2], argv[1]);
		if (km_profile_print_stats(profile, stats, argv[3], argv[4]) ||
		    km_profile_print_callers(profile, callers, argv[3], argv[4]) ||
		    km_profile_print_callees(profile, callees, argv[3], argv[4]) ||
		    km_profile_dump_stats(profile, path)) {
			fprintf(stderr, "record_shapes: %s\n", km_profile_error());
			return 1;
		}
		km_profile_free(profile);
		return fclose(stats) || fclose(callers) || fclose(callees);
	}
	return 2;
}
