/* Systems that forbid changes of code: each failed attempt is undone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/profiler/recording.h"

enum { PROTECTION = offsetof(struct seccomp_data, args[2]) };

/* Makes mprotect fail from here on when `test` is true of its protection and `operand`. */
static void forbid(unsigned short test, unsigned operand)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PROTECTION),
		BPF_JUMP(BPF_JMP | test | BPF_K, operand, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof code / sizeof *code, code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(2);
}

static bool has_writable_code(void)
{
	char line[512];
	bool found = false;
	FILE *maps = fopen("/proc/self/maps", "r");

	while (fgets(line, sizeof line, maps))
		found |= strstr(line, "rwxp") != NULL;
	fclose(maps);
	return found;
}

static bool is_refused(void)
{
	return km_profile_enable() == KM_EIO &&
	       strstr(km_profile_error(), "does not allow code to be changed") &&
	       !km_profile_sled_count();
}

/* Runs `check` in another process, under the filter. Returns its status. */
static int status_of(bool (*check)(void), unsigned short test, unsigned operand)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		forbid(test, operand);
		_exit(!check());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (status == 2 << 8)
		skip();
	return status;
}

static bool stays_closed(void)
{
	return is_refused() && !has_writable_code();
}

static void code_does_not_stay_writable(void **state)
{
	(void)state;
	/* Data that the loader has made read-only cannot be opened, code can. */
	assert_int_equal(status_of(stays_closed, BPF_JEQ, PROT_READ | PROT_WRITE), 0);
}

/* 512 functions with sleds: each takes an id, and there are a million ids. */
/* clang-format off */
#define FUNCTION(n) __attribute__((used)) static void many_##n(void) {}
#define BY_8(n) \
	FUNCTION(n##0) FUNCTION(n##1) FUNCTION(n##2) FUNCTION(n##3) \
	FUNCTION(n##4) FUNCTION(n##5) FUNCTION(n##6) FUNCTION(n##7)
#define BY_64(n) BY_8(n##0) BY_8(n##1) BY_8(n##2) BY_8(n##3) BY_8(n##4) BY_8(n##5) BY_8(n##6) BY_8(n##7)
BY_64(0) BY_64(1) BY_64(2) BY_64(3) BY_64(4) BY_64(5) BY_64(6) BY_64(7)
	/* clang-format on */

	static bool is_refused_each_time(void)
{
	for (int i = 0; i < 2500; i++)
		if (!is_refused())
			return false;
	return true;
}

static void the_reason_stays_the_same(void **state)
{
	(void)state;
	assert_int_equal(status_of(is_refused_each_time, BPF_JSET, PROT_EXEC), 0);
}

static bool start_has_the_reason(void)
{
	return km_profile_start(km_profile_new(NULL)) == KM_EINVAL &&
	       strstr(km_profile_error(), "does not allow code to be changed") &&
	       km_profile_start(NULL) == KM_EINVAL &&
	       strstr(km_profile_error(), "does not allow code to be changed");
}

static void starting_a_failed_new_keeps_its_reason(void **state)
{
	(void)state;
	assert_int_equal(status_of(start_has_the_reason, BPF_JSET, PROT_EXEC), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_does_not_stay_writable),
		cmocka_unit_test(the_reason_stays_the_same),
		cmocka_unit_test(starting_a_failed_new_keeps_its_reason),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
