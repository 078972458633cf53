/* Writes the second object of a .prof file: the exact call tree and the facts
 * (docs/prof-format.md). */
#ifndef KM_DUMP_CALL_TREE_WRITER_H
#define KM_DUMP_CALL_TREE_WRITER_H

#include "profiler/dump/marshal_writer.h"
#include "profiler/stats/stats.h"

#include <komori/profiler.h>
#include <sys/types.h>

/* What a .prof file holds. */
typedef struct km_prof_content {
	const km_stats *stats; /* made from `tree` */
	const km_tree *tree;
	const km_profile_facts *facts; /* NULL: none are known */
	pid_t pid;		       /* of the process that was recorded */
	const uint32_t *open_node;     /* deepest node open when the process died; NULL: none */
} km_prof_content;

void km_call_tree_write(km_marshal_writer *out, const km_prof_content *prof);

#endif
