/* Loads an application from a shared object. */
#ifndef KOMORI_COMMAND_APPLICATION_H
#define KOMORI_COMMAND_APPLICATION_H

#include "apps/komori/command.h"

#include <komori/application.h>

/* Loads `operand`, FILE or FILE:SYMBOL, and returns its application. Prints why and returns NULL
 * when it has none. The object stays loaded. */
const km_application *application_load(const struct command *command, const char *operand);

#endif
