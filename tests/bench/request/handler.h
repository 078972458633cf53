/* The application that is measured, in a file of its own: it alone is built with sleds or without.
 */
#ifndef TESTS_BENCH_REQUEST_HANDLER_H
#define TESTS_BENCH_REQUEST_HANDLER_H

#include <komori/komori.h>

/* apps/echo: its routes and its GET /hello. */
km_app *bench_app_new(void);

#endif
