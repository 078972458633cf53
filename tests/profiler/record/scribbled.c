/* Recordings that a crashing process has overwritten: reading them ends, whatever they hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/profiler/paths.h"
#include "tests/profiler/record/by_hand.h"
#include "tests/profiler/recording.h"

static km_profile *profile;
static unsigned char *recorder, *kept;
static size_t recorder_size;

KEEP static void die(void)
{
	_exit(0);
}

KEEP static void die_below(int depth)
{
	if (depth == 0)
		die();
	else
		die_below(depth - 1);
	AFTER_CALL();
}

/* Leaves the recording of a process that died past the memory bound. */
static int set_up(void **state)
{
	(void)state;
	profile = km_profile_new(&(km_profile_options){.memory = 1 << 20, .shared = true});
	recorder = shared_recorder(&recorder_size);
	kept = malloc(recorder_size);
	if (!profile || !recorder || !kept)
		return -1;
	pid_t child = fork();
	if (child == 0) {
		if (km_profile_start(profile) == 0) {
			left(14);
			die_below(5);
		}
		_exit(1);
	}
	waitpid(child, NULL, 0);
	memcpy(kept, recorder, recorder_size);
	srandom(20240229);
	alarm(120); /* ends a test that hangs */
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	km_profile_discard(profile);
	km_profile_free(profile);
	free(kept);
	return 0;
}

static void read_all(void)
{
	FILE *null = fopen("/dev/null", "w");
	char path[] = "/tmp/komori-scribbled-XXXXXX";
	int fd = mkstemp(path);

	assert_non_null(null);
	assert_true(fd >= 0);
	close(fd);
	assert_true(km_profile_print_stack(profile, null) >= 0); /* as of a living process */
	assert_true(km_profile_recover(profile, 1, 0) >= 0);
	assert_true(km_profile_print_stack(profile, null) >= 0);
	assert_int_equal(km_profile_print_stats(profile, null, "time", NULL), 0);
	assert_int_equal(km_profile_dump_stats(profile, path), 0);
	fclose(null);
	unlink(path);
}

static void an_intact_recording_is_recovered(void **state)
{
	(void)state;
	assert_int_equal(km_profile_recover(profile, 1, 0), 1);
	assert_int_equal(calls_of(profile, "die_below"), 6);
	assert_int_equal(row_of(profile, "die_below").primitive_calls, 1);
	assert_int_equal(calls_of(profile, "left"), 1 << 13);
}

static size_t below(size_t limit)
{
	return ((size_t)random() << 16 ^ (size_t)random()) % limit;
}

/* Writes few or many bytes of any value, anywhere or near the start. */
static void random_bytes(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		size_t count = (size_t)1 << below(14), within = round % 3 ? recorder_size : 1 << 14;
		memcpy(recorder, kept, recorder_size);
		for (size_t i = 0; i < count; i++)
			recorder[below(within)] = (unsigned char)random();
		read_all();
		km_profile_discard(profile);
	}
}

/* Writes small numbers where links and counts are, which lead to other nodes. */
static void likely_words(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		size_t count = (size_t)1 << below(12);
		memcpy(recorder, kept, recorder_size);
		for (size_t i = 0; i < count; i++) {
			int32_t word = (int32_t)(below(4096) * 64) * (random() & 1 ? 1 : -1);
			memcpy(recorder + below(recorder_size / 4) * 4, &word, sizeof word);
		}
		read_all();
		km_profile_discard(profile);
	}
}

static void one_value_everywhere(void **state)
{
	(void)state;
	for (int value = 0; value < 256; value += 51) {
		memset(recorder, value, recorder_size);
		read_all();
		km_profile_discard(profile);
	}
}

static void a_discarded_profile_records_again(void **state)
{
	(void)state;
	memset(recorder, 0xa5, recorder_size);
	assert_int_equal(km_profile_recover(profile, 1, 0) >= 0, 1);
	assert_int_equal(km_profile_start(profile), KM_ESTATE);
	km_profile_reset(profile);
	assert_int_equal(km_profile_start(profile), 0);
	left(5);
	assert_int_equal(km_profile_stop(profile), 0);
	assert_int_equal(calls_of(profile, "left"), 16);
	assert_int_equal(calls_of(profile, "right"), 15);
}

int main(void)
{
#define scribbled(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		scribbled(an_intact_recording_is_recovered),
		scribbled(random_bytes),
		scribbled(likely_words),
		scribbled(one_value_everywhere),
		scribbled(a_discarded_profile_records_again),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
