/* What no test can ask of a real machine (ports taken at the worst moment, families that are not
 * there, a resolver that repeats itself), and sockets that go from program to program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "framework/server/listen/handover.h"
#include "framework/server/listen/open.h"

static struct {
	int family, error; /* of binds that fail */
	int times;
	int calls; /* of bind */
	struct addrinfo *found;
} fake;

int __real_bind(int fd, const struct sockaddr *address, socklen_t size);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t size);
int __real_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
		       struct addrinfo **found);
int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
		       struct addrinfo **found);
void __real_freeaddrinfo(struct addrinfo *found);
void __wrap_freeaddrinfo(struct addrinfo *found);

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t size)
{
	fake.calls++;
	if (address->sa_family == fake.family && fake.times > 0) {
		fake.times--;
		errno = fake.error;
		return -1;
	}
	return __real_bind(fd, address, size);
}

int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
		       struct addrinfo **found)
{
	*found = fake.found;
	return fake.found ? 0 : __real_getaddrinfo(host, port, hints, found);
}

void __wrap_freeaddrinfo(struct addrinfo *found)
{
	if (found != fake.found)
		__real_freeaddrinfo(found);
}

static km_listen_sockets sockets;

static int open_on(const char *host, const char *port)
{
	return km_listen_sockets_open(&sockets, host, port);
}

/* The lowest free number shows whether a descriptor was left open. */
static int next_fd(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

static int reset(void **state)
{
	(void)state;
	km_listen_sockets_finish(&sockets);
	memset(&fake, 0, sizeof fake);
	return 0;
}

static void a_port_that_is_free_on_one_address_only_is_not_kept(void **state)
{
	(void)state;
	fake.family = AF_INET6;
	fake.error = EADDRINUSE;
	fake.times = 3;
	assert_int_equal(open_on("localhost", "0"), 0);
	assert_int_equal(fake.calls, 8);
	assert_int_equal(sockets.count, 2);
	assert_string_not_equal(sockets.all[0].port, "0");
	assert_string_equal(sockets.all[0].port, sockets.all[1].port);
}

static void tries_for_a_port_end(void **state)
{
	int before = next_fd();

	(void)state;
	fake.family = AF_INET6;
	fake.error = EADDRINUSE;
	fake.times = 1000;
	assert_int_equal(open_on("localhost", "0"), KM_EIO);
	assert_int_equal(fake.calls, 32);
	assert_non_null(strstr(sockets.error, " (localhost): Address already in use; "));
	assert_int_equal(next_fd(), before);
	assert_null(sockets.all);
}

static void a_given_port_is_tried_once(void **state)
{
	int before = next_fd();
	char port[6];

	(void)state;
	assert_int_equal(open_on("127.0.0.1", "0"), 0);
	snprintf(port, sizeof port, "%s", sockets.all[0].port);
	km_listen_sockets_finish(&sockets);
	fake.calls = 0;
	fake.family = AF_INET6;
	fake.error = EADDRINUSE;
	fake.times = 1000;
	assert_int_equal(open_on("localhost", port), KM_EIO);
	assert_int_equal(fake.calls, 2);
	assert_int_equal(next_fd(), before);
}

static void one_family_is_enough(void **state)
{
	static const int errors[] = {EADDRNOTAVAIL, EAFNOSUPPORT};
	static const int families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < 4; i++) {
		fake.family = families[i % 2];
		fake.error = errors[i / 2];
		fake.times = 1;
		assert_int_equal(open_on("localhost", "0"), 0);
		assert_int_equal(sockets.count, 1);
		assert_string_equal(sockets.all[0].host, i % 2 ? "127.0.0.1" : "::1");
		reset(state);
	}
}

static void none_is_an_error(void **state)
{
	(void)state;
	fake.family = AF_INET;
	fake.error = EADDRNOTAVAIL;
	fake.times = 1;
	assert_int_equal(open_on("127.0.0.1", "5000"), KM_EIO);
	assert_string_equal(sockets.error,
			    "cannot listen on 127.0.0.1:5000: Cannot assign requested "
			    "address; HOST must be an address of this machine");
}

static void an_address_that_is_given_twice_is_bound_once(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct sockaddr_in copy, other;
	struct addrinfo found[3] = {
		{.ai_family = AF_INET, .ai_addrlen = sizeof address},
		{.ai_family = AF_INET, .ai_addrlen = sizeof address},
		{.ai_family = AF_INET, .ai_addrlen = sizeof address},
	};

	(void)state;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	copy = other = address;
	other.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	found[0].ai_addr = (struct sockaddr *)&address;
	found[0].ai_next = &found[1];
	found[1].ai_addr = (struct sockaddr *)&other;
	found[1].ai_next = &found[2];
	found[2].ai_addr = (struct sockaddr *)&copy;
	fake.found = found;
	assert_int_equal(open_on("twice", "0"), 0);
	assert_int_equal(sockets.count, 2);
	assert_string_equal(sockets.all[0].host, "127.0.0.1");
	assert_string_equal(sockets.all[1].host, "127.0.0.2");
	assert_string_equal(sockets.all[0].port, sockets.all[1].port);
}

/* A name may have them in a hosts file. */
static void the_any_addresses_of_both_families_share_a_port(void **state)
{
	struct sockaddr_in four = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	struct addrinfo found[2] = {
		{.ai_family = AF_INET, .ai_addrlen = sizeof four},
		{.ai_family = AF_INET6, .ai_addrlen = sizeof six},
	};

	(void)state;
	found[0].ai_addr = (struct sockaddr *)&four;
	found[0].ai_next = &found[1];
	found[1].ai_addr = (struct sockaddr *)&six;
	fake.found = found;
	assert_int_equal(open_on("any", "0"), 0);
	assert_int_equal(sockets.count, 2);
}

/* --- from program to program --- */

static char path[] = "/tmp/komori-listen-XXXXXX";

static int make_path(void **state)
{
	(void)state;
	close(mkstemp(path));
	return unlink(path);
}

static bool exists(const char *name)
{
	struct stat status;

	return lstat(name, &status) == 0;
}

static int exec_flag(int fd)
{
	return fcntl(fd, F_GETFD) & FD_CLOEXEC;
}

static void exported_sockets_pass_exec_and_come_back(void **state)
{
	km_buffer text = {0}, urls = {0}, urls_then = {0};
	km_listen_sockets taken;

	(void)state;
	assert_int_equal(open_on("localhost", "0"), 0);
	assert_int_not_equal(exec_flag(sockets.all[0].fd), 0);
	assert_int_equal(km_listen_sockets_export(&sockets, &text), 0);
	for (size_t i = 0; i < sockets.count; i++)
		assert_int_equal(exec_flag(sockets.all[i].fd), 0);
	assert_int_equal(km_listen_sockets_import(&taken, text.data), 0);
	assert_int_equal(taken.count, sockets.count);
	for (size_t i = 0; i < taken.count; i++) {
		assert_int_not_equal(exec_flag(taken.all[i].fd), 0);
		assert_true(taken.all[i].bound_here);
	}
	km_listen_sockets_write(&sockets, &urls);
	km_listen_sockets_write(&taken, &urls_then);
	assert_string_equal(urls.data, urls_then.data);
	km_listen_sockets_finish(&taken);
	for (size_t i = 0; i < sockets.count; i++)
		sockets.all[i].fd = -1;
	km_buffer_finish(&text);
	km_buffer_finish(&urls);
	km_buffer_finish(&urls_then);
}

static void an_imported_unix_socket_keeps_its_file_until_its_end(void **state)
{
	km_buffer text = {0};
	km_listen_sockets taken;
	struct stat before, after;
	char host[64];

	(void)state;
	snprintf(host, sizeof host, "unix:%s", path);
	assert_int_equal(open_on(host, "0"), 0);
	assert_int_equal(lstat(path, &before), 0);
	assert_int_equal(km_listen_sockets_export(&sockets, &text), 0);
	assert_int_equal(km_listen_sockets_import(&taken, text.data), 0);
	assert_int_equal(lstat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_string_equal(taken.all[0].url, host);
	km_listen_sockets_close(&taken);
	assert_false(exists(path));
	km_listen_sockets_finish(&taken);
	sockets.all[0].fd = -1;
	km_buffer_finish(&text);
}

/* Whoever opened it may go on with it. */
static void a_socket_that_came_from_elsewhere_still_does_when_it_is_imported(void **state)
{
	km_buffer text = {0};
	km_listen_sockets taken;
	char host[32];

	(void)state;
	assert_int_equal(open_on("127.0.0.1", "0"), 0);
	snprintf(host, sizeof host, "fd://%d", sockets.all[0].fd);
	free(sockets.all);
	assert_int_equal(open_on(host, "0"), 0);
	assert_int_equal(km_listen_sockets_export(&sockets, &text), 0);
	assert_int_equal(km_listen_sockets_import(&taken, text.data), 0);
	assert_false(taken.all[0].bound_here);
	km_listen_sockets_finish(&taken);
	sockets.all[0].fd = -1;
	km_buffer_finish(&text);
}

static void only_the_owner_removes_the_file(void **state)
{
	char host[64];
	int status;

	(void)state;
	snprintf(host, sizeof host, "unix:%s", path);
	assert_int_equal(open_on(host, "0"), 0);
	pid_t worker = fork();
	if (worker == 0) {
		km_listen_sockets_finish(&sockets);
		_exit(0);
	}
	assert_int_equal(waitpid(worker, &status, 0), worker);
	assert_true(exists(path));
	km_listen_sockets_close(&sockets);
	assert_false(exists(path));
	assert_string_equal(sockets.all[0].url, host);
	km_listen_sockets_close(&sockets);
}

static void a_relative_path_is_one_of_the_folder_then(void **state)
{
	char before[4096], host[64], named[96];
	char *folder = strdup(path), *name = strrchr(folder, '/');

	(void)state;
	*name++ = '\0';
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(folder), 0);
	snprintf(host, sizeof host, "unix:%s", name);
	assert_int_equal(open_on(host, "0"), 0);
	snprintf(named, sizeof named, "unix:%s", path);
	assert_string_equal(sockets.all[0].url, named);
	assert_int_equal(chdir("/"), 0);
	assert_true(exists(path));
	km_listen_sockets_close(&sockets);
	assert_false(exists(path));
	assert_int_equal(chdir(before), 0);
	free(folder);
}

static void malformed_exports_are_refused(void **state)
{
	static const char *const bad[] = {"",	    "x",      "3",	 "3:0",	       "3:0:0,",
					  "3:0:0;", "99:0:0", ",",	 "0:0:0 x",    "99:0:0,x",
					  "-1:0:0", "3:0:x",  "3:0:0:x", "99:0:0:here"};
	int before = next_fd();

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		km_listen_sockets taken;
		if (km_listen_sockets_import(&taken, bad[i]) == 0)
			fail_msg("\"%s\" is taken", bad[i]);
		assert_null(taken.all);
		assert_string_not_equal(taken.error, "");
	}
	assert_int_equal(next_fd(), before);
}

#define TEST(f) cmocka_unit_test_teardown(f, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_port_that_is_free_on_one_address_only_is_not_kept),
		TEST(tries_for_a_port_end),
		TEST(a_given_port_is_tried_once),
		TEST(one_family_is_enough),
		TEST(none_is_an_error),
		TEST(an_address_that_is_given_twice_is_bound_once),
		TEST(the_any_addresses_of_both_families_share_a_port),
		TEST(exported_sockets_pass_exec_and_come_back),
		TEST(an_imported_unix_socket_keeps_its_file_until_its_end),
		TEST(a_socket_that_came_from_elsewhere_still_does_when_it_is_imported),
		TEST(only_the_owner_removes_the_file),
		TEST(a_relative_path_is_one_of_the_folder_then),
		TEST(malformed_exports_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_path, NULL);
}
