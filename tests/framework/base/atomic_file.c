/* Files that appear when they are complete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "framework/base/atomic_file.h"

static char folder[64], path[128];

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/komori-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/a", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder); /* fails when a file is left */
}

static int count_files(void)
{
	DIR *open = opendir(folder);
	int count = 0;

	assert_non_null(open);
	for (struct dirent *entry; (entry = readdir(open));)
		count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
	closedir(open);
	return count;
}

static void check_content(const char *expected)
{
	char text[16] = "";
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof text - 1), strlen(expected));
	assert_string_equal(text, expected);
	close(fd);
}

static km_atomic_file begin(const char *text)
{
	km_atomic_file file;
	size_t len = strlen(text);

	assert_int_equal(km_atomic_file_open(&file, path, 0640), 0);
	assert_int_equal(write(file.fd, text, len), len);
	return file;
}

static void a_file_appears_with_commit(void **state)
{
	(void)state;
	struct stat facts;
	mode_t mask = umask(0027);
	km_atomic_file file = begin("one");

	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(km_atomic_file_commit(&file, path, false), 0);
	umask(mask);
	check_content("one");
	assert_int_equal(stat(path, &facts), 0);
	assert_int_equal(facts.st_mode & 0777, 0640);
	assert_int_equal(count_files(), 1);
}

static void a_file_replaces_another(void **state)
{
	(void)state;
	km_atomic_file file = begin("one");

	assert_int_equal(km_atomic_file_commit(&file, path, false), 0);
	file = begin("three");
	assert_int_equal(km_atomic_file_commit(&file, path, true), 0);
	check_content("three");
	assert_int_equal(count_files(), 1);
}

static void an_abandoned_file_is_gone_and_errno_stays(void **state)
{
	(void)state;
	km_atomic_file file = begin("one");

	errno = ENOSPC;
	km_atomic_file_abandon(&file);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(count_files(), 0);
}

static void a_folder_that_is_missing_is_an_error(void **state)
{
	(void)state;
	km_atomic_file file;
	char missing[160];

	snprintf(missing, sizeof missing, "%s/none/a", folder);
	assert_int_equal(km_atomic_file_open(&file, missing, 0600), KM_EIO);
	assert_int_equal(errno, ENOENT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_appears_with_commit),
		TEST(a_file_replaces_another),
		TEST(an_abandoned_file_is_gone_and_errno_stays),
		TEST(a_folder_that_is_missing_is_an_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("framework/base/atomic_file", tests, NULL, NULL);
}
