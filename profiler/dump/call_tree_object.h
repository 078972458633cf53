/* The second object of a .prof file: the exact call tree and the facts (docs/prof-format.md). */
#ifndef KM_DUMP_CALL_TREE_OBJECT_H
#define KM_DUMP_CALL_TREE_OBJECT_H

#include "profiler/dump/marshal.h"
#include "profiler/dump/prof_file.h"

void km_call_tree_object_write(km_marshal *out, const km_prof_file *prof);

#endif
