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

static void assert_same_functions(const km_function *found, const km_function *wanted,
				  uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		assert_string_equal(found[i].file, wanted[i].file);
		assert_int_equal(found[i].line, wanted[i].line);
		assert_string_equal(found[i].name, wanted[i].name);
	}
}

static void assert_same_numbers(const km_stats_numbers *found, const km_stats_numbers *wanted)
{
	assert_int_equal(found->calls, wanted->calls);
	assert_int_equal(found->primitive_calls, wanted->primitive_calls);
	assert_true(found->tottime == wanted->tottime);
	assert_true(found->cumtime == wanted->cumtime);
}

static void assert_same_rows(const km_stats *found, const km_stats *wanted)
{
	assert_int_equal(found->row_count, wanted->row_count);
	assert_int_equal(found->function_count, wanted->function_count);
	assert_int_equal(found->caller_count, wanted->caller_count);
	assert_same_functions(found->functions, wanted->functions, wanted->function_count);
	assert_same_numbers(&found->totals, &wanted->totals);
	for (uint32_t i = 0; i < wanted->row_count; i++) {
		const km_stats_row *row = &found->rows[i], *same = &wanted->rows[i];
		assert_same_numbers(&row->numbers, &same->numbers);
		assert_int_equal(row->caller_count, same->caller_count);
		for (uint32_t j = 0; j < same->caller_count; j++) {
			const km_stats_caller *caller = &found->callers[row->first_caller + j];
			const km_stats_caller *twin = &wanted->callers[same->first_caller + j];
			assert_int_equal(caller->function, twin->function);
			assert_false(caller->calls_only);
			assert_same_numbers(&caller->numbers, &twin->numbers);
		}
	}
}

static km_prof *read_prof(void)
{
	char error[256] = "";
	km_prof *prof;

	if (km_prof_read(&prof, path, error, sizeof error))
		fail_msg("%s", error);
	return prof;
}

static void rows_come_back(void **state)
{
	km_prof *prof = read_prof();

	(void)state;
	assert_same_rows(prof->stats, stats);
	assert_non_null(strstr(prof->stats->files.data, path));
	km_prof_free(prof);
}

static void the_tree_comes_back(void **state)
{
	km_prof *prof = read_prof();
	const km_tree *found = prof->recording.tree;

	(void)state;
	assert_non_null(found);
	assert_int_equal(found->function_count, tree.function_count);
	assert_same_functions(found->functions, tree.functions, tree.function_count);
	assert_int_equal(found->other, tree.other);
	assert_int_equal(found->node_count, tree.node_count);
	assert_memory_equal(found->nodes, nodes, sizeof nodes);
	assert_int_equal(found->folded_count, tree.folded_count);
	for (uint32_t i = 0; i < tree.folded_count; i++) {
		assert_int_equal(found->folded[i].function, folded[i].function);
		assert_int_equal(found->folded[i].calls, folded[i].calls);
		assert_int_equal(found->folded[i].primitive_calls, folded[i].primitive_calls);
		assert_int_equal(found->folded[i].own_ticks, folded[i].own_ticks);
		assert_int_equal(found->folded[i].cumulative_ticks, folded[i].cumulative_ticks);
	}
	assert_true(found->seconds_per_tick == tree.seconds_per_tick);
	assert_true(found->probe_seconds == tree.probe_seconds);
	assert_int_equal(found->lost_calls, tree.lost_calls);
	km_prof_free(prof);
}

static void rows_of_the_tree_are_the_rows(void **state)
{
	km_prof *prof = read_prof();
	km_stats *again;

	(void)state;
	assert_int_equal(km_stats_from_tree(&again, prof->recording.tree), 0);
	assert_same_rows(prof->stats, again);
	km_stats_free(again);
	km_prof_free(prof);
}

static void the_facts_come_back(void **state)
{
	km_prof *prof = read_prof();
	const km_profile_facts *found = &prof->recording.facts;

	(void)state;
	assert_string_equal(found->method, facts.method);
	assert_string_equal(found->path, facts.path);
	assert_string_equal(found->route, facts.route);
	assert_null(found->query);
	assert_string_equal(found->outcome, facts.outcome);
	assert_int_equal(found->status, facts.status);
	assert_true(found->started == facts.started);
	assert_true(found->elapsed == facts.elapsed);
	assert_int_equal(prof->recording.version, 1);
	assert_string_equal(prof->recording.komori, KM_VERSION);
	assert_int_equal(prof->recording.pid, 4321);
	assert_int_equal(prof->recording.open_node, 3);
	km_prof_free(prof);
}

static void other_bytes_behind_the_rows_are_ignored(void **state)
{
	static const km_str others[] = {{"", 0}, {"x", 1}, {"{u\6\0\0\0somekey", 13}, {"\0\0", 2}};
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		km_prof *prof;
		size_t len = rows_size + others[i].len;
		char *copy = malloc(len);
		memcpy(copy, bytes, rows_size);
		memcpy(copy + rows_size, others[i].ptr, others[i].len);
		assert_int_equal(km_prof_parse(&prof, copy, len, error, sizeof error), 0);
		assert_null(prof->recording.tree);
		assert_int_equal(prof->recording.version, 0);
		assert_same_rows(prof->stats, stats);
		km_prof_free(prof);
		free(copy);
	}
}

/* Copies exactly, so that sanitizers see a read beyond the end. */
static int parse_copy(const char *from, size_t len, char error[256])
{
	char *copy = malloc(len ? len : 1);
	km_prof *prof;

	memcpy(copy, from, len);
	strcpy(error, "");
	int result = km_prof_parse(&prof, copy, len, error, 256);
	free(copy);
	km_prof_free(prof);
	return result;
}

static void a_file_that_ends_early_is_refused(void **state)
{
	char error[256], wanted[64];

	(void)state;
	for (size_t len = 1; len < size; len++) {
		int result = parse_copy(bytes, len, error);
		if (len == rows_size) {
			assert_int_equal(result, 0);
			continue;
		}
		assert_int_equal(result, KM_EINVAL);
		snprintf(wanted, sizeof wanted, "byte %zu: the file ends here", len);
		if (strncmp(error, wanted, strlen(wanted)) != 0)
			fail_msg("%zu bytes: %s", len, error);
	}
}

static void a_changed_byte_is_survived(void **state)
{
	static const unsigned char values[] = {0,   1,	 2,   '(', ')', '{', '0',  'N',	 'i',
					       'r', 'R', 's', 'u', 'z', 'l', 0x7f, 0x80, 0xff};
	char error[256], *copy = malloc(size);
	size_t refused = 0;

	(void)state;
	memcpy(copy, bytes, size);
	for (size_t at = 0; at < size; at++) {
		for (size_t i = 0; i < sizeof values; i++) {
			copy[at] = (char)values[i];
			if (parse_copy(copy, size, error)) {
				assert_memory_equal(error, "byte ", 5);
				refused++;
			}
		}
		copy[at] = bytes[at];
	}
	assert_true(refused > size);
	free(copy);
}

/* Replaces `from` by `to`, of the same length, where it first occurs behind the rows, and parses.
 */
static void assert_refused(const char *from, const char *to, size_t len, const char *why)
{
	char error[256], *copy = malloc(size);

	memcpy(copy, bytes, size);
	char *at = memmem(copy + rows_size, size - rows_size, from, len);
	assert_non_null(at);
	memcpy(at, to, len);
	int result = parse_copy(copy, size, error);
	if (result != KM_EINVAL || !strstr(error, why))
		fail_msg("wanted: %s\nfound: %d %s", why, result, error);
	free(copy);
}

static void an_inconsistent_call_tree_is_refused(void **state)
{
	(void)state;
	/* The size of a column, then its first number. */
	assert_refused("node_functions\x18\0\0\0", "node_functiony\x18\0\0\0", 18, "type code");
	assert_refused("node_parents\x18\0\0\0\0", "node_parents\x18\0\0\0\1", 17,
		       "does not exist");
	assert_refused("node_parents\x18\0\0\0\0\0\0\0\0", "node_parents\x18\0\0\0\0\0\0\0\1", 21,
		       "does not exist");
	assert_refused("node_functions\x18\0\0\0\0", "node_functions\x18\0\0\0\5", 19,
		       "does not exist");
	assert_refused("node_calls", "node_Calls", 10, "node columns do not agree");
	assert_refused("folded_calls", "folded_Calls", 12, "folded columns do not agree");
	assert_refused("folded_functions\x08\0\0\0\4", "folded_functions\x08\0\0\0\5", 21,
		       "folded calls of a function that does not exist");
	assert_refused("otheri\3", "otheri\5", 7, "(other) does not exist");
	assert_refused("otheri\3\0\0\0", "otherz\3abc", 10, "(other) is not an index");
	assert_refused("open_nodei\3", "open_nodei\6", 11, "open node does not exist");
	assert_refused("u\7\0\0\0version", "u\7\0\0\0Version", 12, "without a version");
	assert_refused("seconds_per_tickg\xfc\xa9\xf1\xd2Mb\x50?",
		       "seconds_per_tickg\xfc\xa9\xf1\xd2Mb\x50\xbf", 25, "ticks are negative");
	assert_refused("pidi\xe1\x10\0\0", "pidi\xe1\x10\0\xff", 8, "out of range");
	assert_refused("(\3\0\0\0u\1\0\0\0~i\0\0\0\0u\7\0\0\0(other)",
		       "(\3\0\0\0u\1\0\0\0~i\0\0\0\0u\7\0\0\0(other\0", 28, "NUL");
}

/* Parses the rows of the file, followed by a call tree that consists of its version and `bytes`. */
static void start_tree(km_buffer *file, km_str start)
{
	static const km_str mark = KM_STR("{u\6\0\0\0formatu\20\0\0\0komori call tree"
					  "u\7\0\0\0versioni\1\0\0\0");

	km_buffer_append(file, bytes, rows_size);
	km_buffer_append(file, mark.ptr, mark.len);
	km_buffer_append(file, start.ptr, start.len);
}

static void a_text_that_comes_twice_is_refused(void **state)
{
	static const km_str twice[] = {
		KM_STR("u\5\0\0\0facts{z\4pathz\1az\4pathz\1a"),
		KM_STR("z\6komoriz\1az\6komoriz\1a"),
	};
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof twice / sizeof *twice; i++) {
		km_buffer file = {0};
		start_tree(&file, twice[i]);
		assert_int_equal(parse_copy(file.data, file.len, error), KM_EINVAL);
		if (!strstr(error, "a text that comes twice"))
			fail_msg("%s", error);
		km_buffer_finish(&file);
	}
}

/* Decoding each of them takes ten minutes, which the bound of the test run ends. */
static void long_keys_are_read_as_fast_as_short_ones(void **state)
{
	enum { LENGTH = 1 << 20, KEYS = 30000 };
	char error[256];
	km_buffer file = {0};

	(void)state;
	start_tree(&file, KM_STR("\xe1\0\0\x10\0")); /* 'a' with the flag of a reference */
	km_buffer_fill(&file, '\xe9', LENGTH);
	km_buffer_char(&file, 'N');
	for (int i = 0; i < KEYS; i++)
		km_buffer_append(&file, "r\0\0\0\0N", 6);
	assert_int_equal(parse_copy(file.data, file.len, error), KM_EINVAL);
	assert_non_null(strstr(error, "the file ends here"));
	km_buffer_finish(&file);
}

static void another_version_has_no_tree(void **state)
{
	char error[256], *copy = malloc(size);
	km_prof *prof;

	(void)state;
	memcpy(copy, bytes, size);
	((char *)memmem(copy, size, "versioni\1", 9))[8] = 2;
	assert_int_equal(km_prof_parse(&prof, copy, size, error, sizeof error), 0);
	assert_null(prof->recording.tree);
	assert_int_equal(prof->recording.version, 2);
	km_prof_free(prof);
	free(copy);
}

static void a_folder_or_missing_file_is_an_error(void **state)
{
	char error[256];
	km_prof *prof;

	(void)state;
	assert_int_equal(km_prof_read(&prof, "/no/such/file", error, sizeof error), KM_EIO);
	assert_int_equal(errno, ENOENT);
	assert_null(prof);
	assert_string_equal(error, "No such file or directory");
	assert_int_equal(km_prof_read(&prof, "/tmp", error, sizeof error), KM_EIO);
	assert_string_equal(error, "Is a directory");
	assert_int_equal(km_prof_read(&prof, "/dev/null", error, sizeof error), KM_EINVAL);
	assert_string_equal(error, "byte 0: the file is empty");
}

static void a_huge_file_is_refused(void **state)
{
	char error[256], name[64];
	km_prof *prof;

	(void)state;
	snprintf(name, sizeof name, "%s/huge", folder);
	int fd = open(name, O_WRONLY | O_CREAT, 0600);
	assert_return_code(ftruncate(fd, 1ll << 32), errno);
	close(fd);
	assert_int_equal(km_prof_read(&prof, name, error, sizeof error), KM_ELIMIT);
	unlink(name);
}

static void a_pipe_is_read_to_its_end(void **state)
{
	char error[256], name[32];
	int ends[2];
	km_prof *prof;

	(void)state;
	assert_return_code(pipe(ends), errno);
	assert_int_equal(write(ends[1], bytes, size), size); /* less than a pipe holds */
	close(ends[1]);
	snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
	assert_int_equal(km_prof_read(&prof, name, error, sizeof error), 0);
	assert_same_rows(prof->stats, stats);
	assert_non_null(prof->recording.tree);
	km_prof_free(prof);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back),
		cmocka_unit_test(the_tree_comes_back),
		cmocka_unit_test(rows_of_the_tree_are_the_rows),
		cmocka_unit_test(the_facts_come_back),
		cmocka_unit_test(other_bytes_behind_the_rows_are_ignored),
		cmocka_unit_test(a_file_that_ends_early_is_refused),
		cmocka_unit_test(a_changed_byte_is_survived),
		cmocka_unit_test(an_inconsistent_call_tree_is_refused),
		cmocka_unit_test(a_text_that_comes_twice_is_refused),
		cmocka_unit_test(long_keys_are_read_as_fast_as_short_ones),
		cmocka_unit_test(another_version_has_no_tree),
		cmocka_unit_test(a_folder_or_missing_file_is_an_error),
		cmocka_unit_test(a_huge_file_is_refused),
		cmocka_unit_test(a_pipe_is_read_to_its_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
