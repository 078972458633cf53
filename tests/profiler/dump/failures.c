#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "framework/base/atomic_file.h"
#include "profiler/dump/marshal_writer.h"
#include "profiler/dump/prof_writer.h"

/* Makes a folder for each test and changes to it. */
typedef struct fixture {
	char folder[32];
	int before;
	km_tree tree;
	km_stats *stats;
	km_prof_content prof;
} fixture;

static km_function functions[] = {{"~", 0, "<profile>"}, {"/srv/app.c", 3, "f"}};

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);

	*f = (fixture){.folder = "/tmp/komori-test-XXXXXX"};
	assert_non_null(mkdtemp(f->folder));
	f->before = open(".", O_RDONLY | O_DIRECTORY);
	assert_return_code(chdir(f->folder), errno);
	f->tree = (km_tree){.functions = functions,
			    .function_count = 2,
			    .other = UINT32_MAX,
			    .node_count = 50000,
			    .seconds_per_tick = 1e-9};
	f->tree.nodes = calloc(f->tree.node_count, sizeof *f->tree.nodes);
	for (uint32_t i = 1; i < f->tree.node_count; i++)
		f->tree.nodes[i] = (km_tree_node){1, i - 1, 1, 0};
	assert_int_equal(km_stats_from_tree(&f->stats, &f->tree), 0);
	f->prof = (km_prof_content){.stats = f->stats, .tree = &f->tree, .pid = 1};
	*state = f;
	return 0;
}

static int count_files(void)
{
	DIR *folder = opendir(".");
	int count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count - 2;
}

static int tear_down(void **state)
{
	fixture *f = *state;
	char command[64];

	assert_return_code(fchdir(f->before), errno);
	close(f->before);
	snprintf(command, sizeof command, "rm -r %s", f->folder);
	assert_int_equal(system(command), 0);
	free(f->tree.nodes);
	km_stats_free(f->stats);
	free(f);
	return 0;
}

static int open_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void a_full_disk_leaves_nothing(void **state)
{
	fixture *f = *state;
	struct rlimit before, limit;
	int descriptors = open_descriptors();

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	for (rlim_t size = 0; size < 1000000; size += 99991) {
		limit.rlim_cur = size;
		setrlimit(RLIMIT_FSIZE, &limit);
		int result = km_prof_write("a.prof", &f->prof, true);
		int error = errno;
		setrlimit(RLIMIT_FSIZE, &before);
		assert_int_equal(result, KM_EIO);
		assert_int_equal(error, EFBIG);
		assert_int_equal(count_files(), 0);
	}
	assert_int_equal(open_descriptors(), descriptors);
}

static void a_failure_keeps_the_file_of_before(void **state)
{
	fixture *f = *state;
	struct rlimit before, limit;
	struct stat file;

	assert_int_equal(km_prof_write("a.prof", &f->prof, true), 0);
	stat("a.prof", &file);
	off_t size = file.st_size;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 100000;
	setrlimit(RLIMIT_FSIZE, &limit);
	int result = km_prof_write("a.prof", &f->prof, true);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(result, KM_EIO);
	assert_int_equal(count_files(), 1);
	stat("a.prof", &file);
	assert_int_equal(file.st_size, size);
}

/* The master kills a worker past its time limit at any point of its work. */
static void a_killed_writer_leaves_nothing(void **state)
{
	km_atomic_file file;
	int status, unnamed = open(".", O_TMPFILE | O_WRONLY, 0600);

	(void)state;
	if (unnamed < 0)
		skip();
	close(unnamed);
	pid_t writer = fork();
	if (writer == 0) {
		if (km_atomic_file_open(&file, "a.prof", 0600) || write(file.fd, "{", 1) != 1)
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(count_files(), 0);
}

static void a_missing_folder_is_an_error(void **state)
{
	fixture *f = *state;

	assert_int_equal(km_prof_write("none/a.prof", &f->prof, true), KM_EIO);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(count_files(), 0);
}

static void a_name_that_is_a_folder_is_an_error(void **state)
{
	fixture *f = *state;

	assert_return_code(mkdir("a.prof", 0700), errno);
	assert_int_equal(km_prof_write("a.prof", &f->prof, true), KM_EIO);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(count_files(), 1);
}

static void an_existing_file_is_replaced_or_refused(void **state)
{
	fixture *f = *state;
	struct stat first, second;

	assert_int_equal(km_prof_write("a.prof", &f->prof, false), 0);
	stat("a.prof", &first);
	assert_int_equal(first.st_nlink, 1);
	assert_int_equal(first.st_mode & 07777, 0600);
	assert_int_equal(km_prof_write("a.prof", &f->prof, false), KM_EIO);
	assert_int_equal(errno, EEXIST);
	stat("a.prof", &second);
	assert_int_equal(first.st_ino, second.st_ino);
	assert_int_equal(km_prof_write("a.prof", &f->prof, true), 0);
	stat("a.prof", &second);
	assert_int_not_equal(first.st_ino, second.st_ino);
	assert_int_equal(count_files(), 1);
}

static void the_longest_file_name_works(void **state)
{
	fixture *f = *state;
	char name[NAME_MAX + 2];

	memset(name, 'n', sizeof name);
	name[NAME_MAX] = '\0';
	assert_int_equal(km_prof_write(name, &f->prof, true), 0);
	name[NAME_MAX] = 'n';
	name[NAME_MAX + 1] = '\0';
	assert_int_equal(km_prof_write(name, &f->prof, true), KM_EIO);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(count_files(), 1);
}

static void a_link_is_replaced_not_followed(void **state)
{
	fixture *f = *state;
	struct stat file;

	assert_return_code(symlink("/dev/full", "a.prof"), errno);
	assert_int_equal(km_prof_write("a.prof", &f->prof, true), 0);
	lstat("a.prof", &file);
	assert_true(S_ISREG(file.st_mode));
}

static void a_writer_keeps_its_first_error(void **state)
{
	(void)state;
	static km_marshal_writer out;
	int full = open("/dev/full", O_WRONLY);

	km_marshal_writer_init(&out, full);
	for (uint64_t i = 0; i < 100000; i++)
		km_marshal_write_unsigned(&out, i);
	assert_int_equal(out.error, ENOSPC);
	close(full);
	assert_int_equal(km_marshal_writer_flush(&out), ENOSPC);
}

static void a_column_too_long_for_the_format_is_refused(void **state)
{
	(void)state;
	static km_marshal_writer out;

	km_marshal_writer_init(&out, -1);
	km_marshal_write_bytes(&out, INT32_MAX);
	assert_int_equal(out.error, 0);
	km_marshal_write_bytes(&out, (uint64_t)INT32_MAX + 1);
	assert_int_equal(out.error, EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_full_disk_leaves_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failure_keeps_the_file_of_before, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_killed_writer_leaves_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_missing_folder_is_an_error, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_name_that_is_a_folder_is_an_error, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_existing_file_is_replaced_or_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_longest_file_name_works, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_link_is_replaced_not_followed, set_up, tear_down),
		cmocka_unit_test(a_writer_keeps_its_first_error),
		cmocka_unit_test(a_column_too_long_for_the_format_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
