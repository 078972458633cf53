/* A profile with every part that a .prof file can have, written to a file by set_up. */
#ifndef TESTS_DUMP_SAMPLE_H
#define TESTS_DUMP_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "profiler/dump/prof_writer.h"
#include "profiler/dump/prof_reader.h"

static km_function functions[] = {
	{"~", 0, "<request GET />"},
	{"/srv/caf\xc3\xa9.c", 3, "f"},
	{"\xff\xfe", -7, "g\xed\xa0\x80"},
	{"~", 0, "(other)"},
	{"", 1 << 30, ""},
};

static km_tree_node nodes[] = {
	{0, 0, 1, 1000}, {1, 0, 5, 900}, {2, 1, 1ull << 40, 300},
	{1, 2, 2, 100},	 {3, 1, 0, 50},	 {1, 0, 1, 20},
};

static km_tree_folded folded[] = {{4, 7, 3, 30, 40}, {1, UINT64_MAX, 1, 1ull << 63, 10}};

static const km_tree tree = {
	.functions = functions,
	.function_count = 5,
	.other = 3,
	.nodes = nodes,
	.node_count = 6,
	.folded = folded,
	.folded_count = 2,
	.seconds_per_tick = 1e-3,
	.probe_seconds = 2e-8,
	.lost_calls = UINT64_MAX,
};

static const km_profile_facts facts = {
	.method = "GET",
	.path = "/caf\xc3\xa9/\xff",
	.route = "/<name>",
	.outcome = "killed: SIGKILL after 30.0 s",
	.status = -1,
	.started = 1700000000.5,
	.elapsed = 0.25,
};

static char folder[] = "/tmp/komori-test-XXXXXX";
static char path[64];
static km_stats *stats;
static char *bytes; /* of the file */
static size_t size, rows_size;

static size_t read_whole(char **content)
{
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	size_t len = (size_t)ftell(file);
	rewind(file);
	*content = malloc(len);
	assert_int_equal(fread(*content, 1, len, file), len);
	fclose(file);
	return len;
}

static int set_up(void **state)
{
	static const uint32_t open_node = 3;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/a.prof", folder);
	assert_int_equal(km_stats_from_tree(&stats, &tree), 0);
	km_prof_content prof = {.stats = stats,
				.tree = &tree,
				.facts = &facts,
				.pid = 4321,
				.open_node = &open_node};
	assert_int_equal(km_prof_write(path, &prof, true), 0);
	size = read_whole(&bytes);
	rows_size = (size_t)((char *)memmem(bytes, size, "{u\6\0\0\0format", 12) - bytes);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	rmdir(folder);
	free(bytes);
	km_stats_free(stats);
	return 0;
}

#endif
