/* Reads the second object of a .prof file: call tree and facts (docs/prof-format.md). */
#ifndef KM_DUMP_CALL_TREE_READER_H
#define KM_DUMP_CALL_TREE_READER_H

#include "profiler/dump/prof_source.h"

#include <komori/profiler.h>
#include <sys/types.h>

typedef struct km_call_tree_object {
	km_tree *tree;	    /* NULL: the file has none; km_call_tree_object_finish frees it */
	int64_t version;    /* 0: the file has no object; above 1: this reader cannot read it */
	const char *komori; /* version of Komori that wrote the file, "0.1.0"; "" when unknown */
	pid_t pid;
	uint32_t open_node;	/* deepest node open when the process died; UINT32_MAX: none */
	km_profile_facts facts; /* NULL and 0 for unknown ones */
} km_call_tree_object;

/* Continues at the source's position, behind the rows. Bytes that are not Komori's are no call tree
 * and no error. Texts borrow from the source's functions. KM_EINVAL with the source's error,
 * KM_ENOMEM; then there is nothing to finish. */
int km_call_tree_read(km_call_tree_object *object, km_prof_source *source);
/* Frees the tree. */
void km_call_tree_object_finish(km_call_tree_object *object);

#endif
