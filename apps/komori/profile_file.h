/* Opens the profile that a command reads. */
#ifndef KOMORI_PROFILE_FILE_H
#define KOMORI_PROFILE_FILE_H

#include "apps/komori/command.h"
#include "profiler/dump/prof_reader.h"

/* Reads the profile at `path`, with a line of progress. Prints why and returns NULL when it cannot
 * be read. The caller frees the profile. */
km_prof *open_profile(const struct command *command, const char *path);

#endif
