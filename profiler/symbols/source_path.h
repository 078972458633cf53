/* Normalises the paths of source files in debug information. */
#ifndef KM_SYMBOLS_SOURCE_PATH_H
#define KM_SYMBOLS_SOURCE_PATH_H

/* Joins `directory` (may be NULL) and `path` if the path is relative and does not begin with the
 * directory already. Removes ".", ".." and doubled slashes by the text alone, without following
 * links. The caller frees the result. NULL when memory ran out. */
char *km_source_path(const char *directory, const char *path);

#endif
