/* Loading an application from a shared object. */
#ifndef KOMORI_COMMAND_APPLICATION_H
#define KOMORI_COMMAND_APPLICATION_H

#include <komori/application.h>

#include "apps/komori/command.h"

/* Loads `operand`, FILE or FILE:SYMBOL, and returns its application; NULL when it has none, which
 * then has been said. The object stays loaded. */
const km_application *application_load(const struct command *command, const char *operand);

#endif
