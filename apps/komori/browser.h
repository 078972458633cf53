/* The statistics browser of `python -m pstats`, with libedit's line editing and history. */
#ifndef KOMORI_BROWSER_H
#define KOMORI_BROWSER_H

#include "apps/komori/command.h"
#include "profiler/dump/prof_reader.h"

/* Runs commands from the terminal until `quit` or the end of input. Commands change `prof`, which
 * was read from `path`. Returns the exit status. */
int browse(const struct command *command, km_prof *prof, const char *path);

#endif
