#include "profiler/symbols/source_path.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether a ".." can remove the last part of out[root..len). */
static bool has_parent(const char *out, size_t root, size_t len)
{
	if (len == root)
		return false;
	size_t start = len;
	while (start > root && out[start - 1] != '/')
		start--;
	return len - start != 2 || memcmp(out + start, "..", 2) != 0;
}

static size_t parent(const char *out, size_t root, size_t len)
{
	while (len > root && out[len - 1] != '/')
		len--;
	return len > root ? len - 1 : root;
}

/* Normalises in place: writing never overtakes reading. */
static void normalise(char *path)
{
	size_t root = path[0] == '/', len = root;
	const char *part = path;

	while (*(part += strspn(part, "/"))) {
		size_t size = strcspn(part, "/");
		bool dot = size == 1 && part[0] == '.';
		bool dot_dot = size == 2 && part[0] == '.' && part[1] == '.';
		if (dot_dot && has_parent(path, root, len)) {
			len = parent(path, root, len);
		} else if (!dot && !(dot_dot && root)) {
			if (len > root)
				path[len++] = '/';
			memmove(path + len, part, size);
			len += size;
		}
		part += size;
	}
	path[len] = '\0';
}

/* Whether libdw has put the unit's directory before the name. That directory is relative if the
 * compiler maps paths, as for Debian's libc ("./nptl"). */
static bool has_directory(const char *directory, const char *path)
{
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 && path[len] == '/';
}

char *km_source_path(const char *directory, const char *path)
{
	char *joined;
	bool relative = path[0] != '/' && directory && !has_directory(directory, path);

	if (asprintf(&joined, "%s%s%s", relative ? directory : "", relative ? "/" : "", path) < 0)
		return NULL;
	normalise(joined);
	return joined;
}
