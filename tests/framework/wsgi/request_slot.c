#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "framework/wsgi/environ.h"

enum { COUNT = 3 };

static int set_up(void **state)
{
	static km_request_slots slots;

	*state = &slots;
	return km_request_slots_init(&slots, COUNT);
}

static int tear_down(void **state)
{
	km_request_slots_finish(*state);
	return 0;
}

static void a_slot_belongs_to_one_request(void **state)
{
	km_request_slots *slots = *state;
	km_request_slot *taken[COUNT], foreign;

	for (size_t i = 0; i < COUNT; i++) {
		assert_non_null(taken[i] = km_request_slots_take(slots));
		assert_ptr_equal(taken[i], &slots->all[km_request_slots_index(slots, taken[i])]);
		for (size_t k = 0; k < i; k++)
			assert_ptr_not_equal(taken[i], taken[k]);
	}
	assert_null(km_request_slots_take(slots));
	km_request_slots_give(slots, taken[1]);
	assert_ptr_equal(km_request_slots_take(slots), taken[1]);
	assert_int_equal(km_request_slots_index(slots, &foreign), COUNT);
	assert_int_equal(km_request_slots_index(slots, NULL), COUNT);
	assert_int_equal(km_request_slots_index(slots, slots->all - 1), COUNT);
	assert_int_equal(km_request_slots_index(slots, slots->all + COUNT), COUNT);
	km_request_slots_give(slots, NULL);
}

/* It may run on in code that gives the slot back. */
static void a_child_cannot_give_the_slot_of_its_parent(void **state)
{
	km_request_slots *slots = *state;
	km_request_slot *slot = km_request_slots_take(slots);
	int status;
	pid_t child = fork();

	if (child == 0) {
		km_request_slots_give(slots, slot);
		_exit(km_request_slots_take(slots) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(slot->owner, getpid());
	size_t of_child = 0;
	for (size_t i = 0; i < COUNT; i++)
		of_child += slots->all[i].owner == child;
	assert_int_equal(of_child, 1);
	for (size_t i = 0; i < COUNT; i++)
		if (slots->all[i].owner == child)
			km_request_slot_reclaim(&slots->all[i]);
	assert_non_null(km_request_slots_take(slots));
	assert_non_null(km_request_slots_take(slots));
}

/* By dispatch, and by middleware that sets the variable. */
static void setting_the_route_writes_the_slot(void **state)
{
	static const km_http_request request = {.method = {"GET", 3}};
	static const km_wsgi_server server = {.name = {"test", 4}};
	km_request_slots *slots = *state;
	km_request_slot *slot = km_request_slots_take(slots);
	km_arena arena = {0};
	km_environ variables;

	km_environ_init(&variables, &request, &server, &arena);
	variables.slot = slot;
	km_request_slot_begin(slot, 7, KM_STR("GET"), KM_STR("/plans?x=1"));
	assert_string_equal(slot->target, "/plans?x=1");
	assert_string_equal(slot->route, "");
	assert_int_equal(km_environ_set_route(&variables, KM_STR("/plans")), 0);
	assert_string_equal(slot->route, "/plans");
	assert_int_equal(km_environ_set(&variables, "komori.route", KM_STR("/<own>")), 0);
	assert_string_equal(slot->route, "/<own>");
	assert_int_equal(km_environ_set_route(&variables, KM_STR("/again")), 0);
	assert_string_equal(slot->route, "/again");
	km_arena_finish(&arena);
}

static void long_texts_are_cut(void **state)
{
	km_request_slots *slots = *state;
	km_request_slot *slot = km_request_slots_take(slots);
	char text[2 * KM_REQUEST_SLOT_TARGET];

	memset(text, 'x', sizeof text);
	km_request_slot_begin(slot, 7, (km_str){text, sizeof text}, (km_str){text, sizeof text});
	km_request_slot_set_route(slot, (km_str){text, sizeof text});
	assert_int_equal(strlen(slot->method), sizeof slot->method - 1);
	assert_int_equal(strlen(slot->target), sizeof slot->target - 1);
	assert_int_equal(strlen(slot->route), sizeof slot->route - 1);
}

/* The master reads a copy, since the next worker takes the slot of the thread. */
static void a_copy_of_a_thread_has_its_request(void **state)
{
	km_request_slots *slots = *state;
	km_request_slot *slot = km_request_slots_take(slots);
	km_thread_slot *thread = calloc(1, sizeof *thread), copy;

	assert_non_null(thread);
	km_request_slot_begin(&thread->own, 7, KM_STR("GET"), KM_STR("/own"));
	km_thread_slot_enter(thread, NULL, 1, 8);
	memcpy(&copy, thread, sizeof copy);
	km_request_slot_begin(&thread->own, 9, KM_STR("GET"), KM_STR("/next"));
	assert_string_equal(km_thread_slot_request(&copy)->target, "/own");
	km_thread_slot_enter(thread, slot, 2, 8);
	assert_ptr_equal(km_thread_slot_request(thread), slot);
	km_thread_slot_leave(thread);
	assert_int_equal(thread->since_ns, 0);
	free(thread);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_slot_belongs_to_one_request),
		TEST(a_child_cannot_give_the_slot_of_its_parent),
		TEST(setting_the_route_writes_the_slot),
		TEST(long_texts_are_cut),
		TEST(a_copy_of_a_thread_has_its_request),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
