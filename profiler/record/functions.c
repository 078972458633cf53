#include "profiler/record/functions.h"

#include <stddef.h>
#include <sys/mman.h>

enum { FUNCTION_MAX = 1 << 20 };

km_function_entry *km_functions;
uint32_t km_function_count;

uint32_t km_function_add(const km_function_entry *entry)
{
	if (!km_functions) {
		void *table =
			mmap(NULL, FUNCTION_MAX * sizeof *km_functions, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (table == MAP_FAILED)
			return 0;
		km_functions = table;
	}
	if (km_function_count + 1 == FUNCTION_MAX)
		return 0;
	km_functions[++km_function_count] = *entry;
	return km_function_count;
}
