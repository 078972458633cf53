/* Prints "NAME<tab>file<tab>line<tab>name" for each address of the subject that is linked in or,
 * with -DFROM_LIBRARY, of the subjects in the libraries named as arguments. */
#include <dlfcn.h>
#include <stdio.h>

#include "profiler/symbols/symbols.h"
#include "subject.h"

static void print(const char *name, const void *address)
{
	const km_symbol *symbol = km_symbols_find(address);

	if (symbol)
		printf("%s\t%s\t%d\t%s\n", name, symbol->file, symbol->line, symbol->name);
}

static void print_all(const subject_address *address)
{
	for (; address->name; address++)
		print(address->name, address->address);
}

int main(int argc, char **argv)
{
	(void)argc;
#ifdef FROM_LIBRARY
	print("main", (const void *)main);
	while (*++argv) {
		void *library = dlopen(*argv, RTLD_NOW | RTLD_LOCAL);
		if (!library) {
			fprintf(stderr, "%s\n", dlerror());
			return 1;
		}
		const subject_address *(*subject)(void) =
			(const subject_address *(*)(void))dlsym(library, "subject_addresses");
		printf("library\t%s\n", *argv);
		print_all(subject());
	}
#else
	(void)argv;
	print_all(subject_addresses());
#endif
	return 0;
}
