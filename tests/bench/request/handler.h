/* The measured application. It is a separate file because only it is built with or without sleds.
 */
#ifndef TESTS_BENCH_REQUEST_HANDLER_H
#define TESTS_BENCH_REQUEST_HANDLER_H

#include <komori/komori.h>

/* Makes an application with the routes of apps/echo. */
km_app *bench_app_new(void);

#endif
