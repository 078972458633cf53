/* Reads back what was written, and what is not a profile. */
#include "tests/profiler/dump/sample.h"

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
		cmocka_unit_test(another_version_has_no_tree),
		cmocka_unit_test(a_folder_or_missing_file_is_an_error),
		cmocka_unit_test(a_huge_file_is_refused),
		cmocka_unit_test(a_pipe_is_read_to_its_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
