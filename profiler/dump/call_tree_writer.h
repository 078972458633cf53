/* The second object of a .prof file: the exact call tree and the facts (docs/prof-format.md). */
#ifndef KM_DUMP_CALL_TREE_WRITER_H
#define KM_DUMP_CALL_TREE_WRITER_H

#include "profiler/dump/marshal_writer.h"
#include "profiler/dump/prof_writer.h"

void km_call_tree_write(km_marshal_writer *out, const km_prof_content *prof);

#endif
