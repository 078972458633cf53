/* Opening a .prof for a command. */
#ifndef KOMORI_PROFILE_FILE_H
#define KOMORI_PROFILE_FILE_H

#include "apps/komori/command.h"
#include "profiler/dump/prof_reader.h"

/* Reads the profile at `path`, with a line of progress; NULL when it cannot be read, which then has
 * been said. The caller frees it. */
km_prof *open_profile(const struct command *command, const char *path);

#endif
