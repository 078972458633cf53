#include "profiler/symbols/clone_name.h"

#include <stdbool.h>
#include <string.h>

static bool is_suffix(const char *text, size_t len)
{
	static const char *const suffixes[] = {"part", "constprop", "isra",	 "cold",
					       "llvm", "lto_priv",  "localalias"};

	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
		if (strlen(suffixes[i]) == len && memcmp(suffixes[i], text, len) == 0)
			return true;
	return false;
}

/* Finds the last ".word" or ".word.123" in the first `len` bytes. Returns its start, else `len`. */
static size_t last_suffix(const char *name, size_t len)
{
	size_t end = len, digits = len;

	while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9')
		digits--;
	if (digits < len && digits > 0 && name[digits - 1] == '.')
		end = digits - 1;
	size_t start = end;
	while (start > 0 && name[start - 1] != '.')
		start--;
	/* A suffix follows a name. */
	return start > 1 && is_suffix(name + start, end - start) ? start - 1 : len;
}

size_t km_clone_name_length(const char *name)
{
	size_t len = strlen(name);

	for (;;) {
		size_t shorter = last_suffix(name, len);
		if (shorter == len)
			return len;
		len = shorter;
	}
}
