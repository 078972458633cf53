#include "profiler/symbols/dwarf_index.h"

#include "profiler/symbols/ranges.h"

#include <dwarf.h>
#include <stdlib.h>

enum { DEEPEST_SCOPE = 256 }; /* bounds the recursion for a damaged file */

typedef struct unit {
	Dwarf *dwarf; /* the module's, or that of the .dwo file with the unit's functions */
	Dwarf_Off die;
	const char *directory; /* where it was compiled, NULL when not known */
	km_ranges functions;   /* value: offset of the function's DIE */
	bool indexed;
} unit;

struct km_dwarf_index {
	unit *units;
	size_t unit_count, capacity;
	km_ranges ranges; /* of all units; value: index into units */
};

static void add_ranges(km_ranges *ranges, Dwarf_Die *die, uint64_t value)
{
	Dwarf_Addr base, low, high;
	ptrdiff_t at = 0;

	while ((at = dwarf_ranges(die, at, &base, &low, &high)) > 0)
		km_ranges_add(ranges, low, high, value);
}

/* Functions are among the declarations of a unit, and in scopes of other functions. */
static bool may_hold_functions(int tag)
{
	switch (tag) {
	case DW_TAG_subprogram:
	case DW_TAG_lexical_block:
	case DW_TAG_inlined_subroutine:
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
		return true;
	default:
		return false;
	}
}

static void add_functions(km_ranges *functions, Dwarf_Die *scope, int depth)
{
	Dwarf_Die die;

	if (depth == DEEPEST_SCOPE || dwarf_child(scope, &die) != 0)
		return;
	do {
		int tag = dwarf_tag(&die);
		if (tag == DW_TAG_subprogram)
			add_ranges(functions, &die, dwarf_dieoffset(&die));
		if (may_hold_functions(tag))
			add_functions(functions, &die, depth + 1);
	} while (dwarf_siblingof(&die, &die) == 0);
}

/* Adds a unit with the ranges of `skeleton` and the functions of `die`. Both are the same DIE
 * unless debug information is split. */
static int add_unit(km_dwarf_index *index, Dwarf_Die *skeleton, Dwarf_Die *die)
{
	Dwarf_Attribute directory;

	if (index->unit_count == index->capacity) {
		size_t capacity = index->capacity ? index->capacity * 2 : 16;
		unit *units = realloc(index->units, capacity * sizeof *units);
		if (!units)
			return -1;
		index->units = units;
		index->capacity = capacity;
	}
	index->units[index->unit_count] = (unit){
		.dwarf = dwarf_cu_getdwarf(die->cu),
		.die = dwarf_dieoffset(die),
		.directory = dwarf_formstring(dwarf_attr(skeleton, DW_AT_comp_dir, &directory)),
	};
	add_ranges(&index->ranges, skeleton, index->unit_count++);
	return 0;
}

km_dwarf_index *km_dwarf_index_new(Dwarf *dwarf)
{
	km_dwarf_index *index = calloc(1, sizeof *index);
	Dwarf_CU *cu = NULL;
	Dwarf_Die die, split;
	uint8_t type;

	if (!index)
		return NULL;
	while (dwarf_get_units(dwarf, cu, &cu, NULL, &type, &die, &split) == 0) {
		if (type != DW_UT_compile && type != DW_UT_skeleton)
			continue;
		/* A skeleton whose .dwo file is missing has no functions. */
		if (add_unit(index, &die, type == DW_UT_skeleton && split.cu ? &split : &die))
			index->ranges.failed = 1;
	}
	km_ranges_sort(&index->ranges);
	if (!index->ranges.failed)
		return index;
	km_dwarf_index_free(index);
	return NULL;
}

void km_dwarf_index_free(km_dwarf_index *index)
{
	if (!index)
		return;
	for (size_t i = 0; i < index->unit_count; i++)
		km_ranges_finish(&index->units[i].functions);
	free(index->units);
	km_ranges_finish(&index->ranges);
	free(index);
}

bool km_dwarf_index_find(km_dwarf_index *index, Dwarf_Addr address, Dwarf_Die *function,
			 const char **directory)
{
	const km_range *range = km_ranges_find(&index->ranges, address);
	Dwarf_Die die;

	if (!range)
		return false;
	unit *found = &index->units[range->value];
	if (!found->indexed && dwarf_offdie(found->dwarf, found->die, &die)) {
		add_functions(&found->functions, &die, 0);
		km_ranges_sort(&found->functions);
		found->indexed = true;
	}
	range = km_ranges_find(&found->functions, address);
	*directory = found->directory;
	return range && dwarf_offdie(found->dwarf, range->value, function);
}
