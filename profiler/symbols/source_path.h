/* Paths of source files as debug information has them. */
#ifndef KM_SYMBOLS_SOURCE_PATH_H
#define KM_SYMBOLS_SOURCE_PATH_H

/* `path`, put below `directory` (may be NULL) when it is relative and not there already; without
 * ".",
 * ".." and doubled slashes as far as the text alone tells. Links are not followed. To be freed;
 * NULL when memory ran out. */
char *km_source_path(const char *directory, const char *path);

#endif
