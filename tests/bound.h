/* A test that waits longer for an event hangs, and fails. */
#ifndef KM_TEST_BOUND_H
#define KM_TEST_BOUND_H

enum { BOUND_SECONDS = 120 };

#endif
