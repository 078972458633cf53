/* Files that end early, were changed, or were made to harm are refused. */
#include "tests/profiler/dump/sample.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_ends_early_is_refused),
		cmocka_unit_test(a_changed_byte_is_survived),
		cmocka_unit_test(an_inconsistent_call_tree_is_refused),
		cmocka_unit_test(a_text_that_comes_twice_is_refused),
		cmocka_unit_test(long_keys_are_read_as_fast_as_short_ones),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
