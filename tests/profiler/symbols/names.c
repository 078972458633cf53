#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "profiler/symbols/clone_name.h"
#include "profiler/symbols/source_path.h"

static void assert_path(const char *directory, const char *path, const char *wanted)
{
	char *found = km_source_path(directory, path);

	assert_string_equal(found, wanted);
	free(found);
}

static void paths_are_absolute_and_normal(void **state)
{
	(void)state;
	assert_path("/srv/app", "main.c", "/srv/app/main.c");
	assert_path("/srv/app", "/usr/include/x.h", "/usr/include/x.h");
	assert_path("/srv/app/build", "../src/./main.c", "/srv/app/src/main.c");
	assert_path("/srv/", "a//b/c/../..///d.c", "/srv/a/d.c");
	assert_path("/", "../../x.c", "/x.c");
	assert_path("/a", "../..", "/");
	assert_path("/srv", "..a/.b/...", "/srv/..a/.b/...");
	assert_path("/srv", "", "/srv");
}

static void without_a_directory_relative_paths_stay_relative(void **state)
{
	(void)state;
	assert_path(NULL, "./src/main.c", "src/main.c");
	assert_path(".", "src/../main.c", "main.c");
	assert_path(NULL, "../../main.c", "../../main.c");
	assert_path(NULL, "a/../../main.c", "../main.c");
	assert_path(NULL, "<stdin>", "<stdin>");
}

static void a_path_with_its_directory_is_not_joined_again(void **state)
{
	(void)state;
	assert_path("./nptl", "./nptl/pthread_kill.c", "nptl/pthread_kill.c");
	assert_path("./nptl", "../sysdeps/x.h", "sysdeps/x.h");
	assert_path("./nptl", "./nptlx/y.c", "nptl/nptlx/y.c");
	assert_path("nptl/", "nptl//x.c", "nptl/x.c");
}

static void assert_clone(const char *name, const char *wanted)
{
	assert_int_equal(km_clone_name_length(name), strlen(wanted));
	assert_memory_equal(name, wanted, strlen(wanted));
}

static void suffixes_of_clones_are_removed(void **state)
{
	(void)state;
	assert_clone("f.part.0", "f");
	assert_clone("f.constprop.12", "f");
	assert_clone("f.isra.0.cold", "f");
	assert_clone("f.cold.7", "f");
	assert_clone("f.constprop.0.isra.0.part.3", "f");
	assert_clone("f.llvm.1234567890123", "f");
	assert_clone("f.lto_priv.0", "f");
}

static void other_suffixes_stay(void **state)
{
	(void)state;
	assert_clone("", "");
	assert_clone("part", "part");
	assert_clone(".cold", ".cold");
	assert_clone("part.0", "part.0");
	assert_clone("nested.0", "nested.0");
	assert_clone("nested.0.cold", "nested.0");
	assert_clone("f.", "f.");
	assert_clone("f..0", "f..0");
	assert_clone("partial.cold5", "partial.cold5");
	assert_clone("123", "123");
	assert_clone("f.apart.0", "f.apart.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_absolute_and_normal),
		cmocka_unit_test(without_a_directory_relative_paths_stay_relative),
		cmocka_unit_test(a_path_with_its_directory_is_not_joined_again),
		cmocka_unit_test(suffixes_of_clones_are_removed),
		cmocka_unit_test(other_suffixes_stay),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
