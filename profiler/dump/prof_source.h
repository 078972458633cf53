/* What both objects of a .prof file are made of: functions, counts, seconds, texts. */
#ifndef KM_DUMP_PROF_SOURCE_H
#define KM_DUMP_PROF_SOURCE_H

#include "framework/base/buffer.h"
#include "profiler/dump/marshal_reader.h"
#include "profiler/stats/function_set.h"

typedef struct km_prof_source {
	km_marshal_reader marshal; /* has the error of what failed */
	km_function_set functions;
	km_buffer text; /* the last one, where it had to be rewritten */
} km_prof_source;

/* All return 0, KM_EINVAL or KM_ENOMEM; `what` is named in the error ("a number of calls"). */

/* Takes one object and checks its kind; a container that was met before is refused. */
int km_prof_source_take(km_prof_source *source, km_marshal_kind kind, const char *what,
			km_marshal_object *object);
/* The number of the function whose (file, line, name) `object` starts. */
int km_prof_source_function(km_prof_source *source, const km_marshal_object *object,
			    uint32_t *function);
int km_prof_source_count(km_prof_source *source, const char *what, uint64_t *count);
/* A number of seconds, float or int, that is finite. */
int km_prof_source_seconds(km_prof_source *source, const char *what, double *seconds);
/* The text of `object` in the form that functions have: UTF-8, other bytes as they are; valid up to
 * the next one. One with a NUL is refused. */
int km_prof_source_text(km_prof_source *source, const km_marshal_object *object, km_str *text);

#endif
