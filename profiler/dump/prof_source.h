/* Reads the parts of both objects of a .prof file: functions, counts, seconds, texts. */
#ifndef KM_DUMP_PROF_SOURCE_H
#define KM_DUMP_PROF_SOURCE_H

#include "framework/base/buffer.h"
#include "profiler/dump/marshal_reader.h"
#include "profiler/stats/function_set.h"

typedef struct km_prof_source {
	km_marshal_reader marshal; /* has the error of what failed */
	km_function_set functions;
	km_buffer text; /* the last text, when it was rewritten */
} km_prof_source;

/* All return 0, KM_EINVAL or KM_ENOMEM; errors name `what` was expected: "a number of calls". */

/* Takes one object and checks its kind. Refuses a reference to a container. */
int km_prof_source_take(km_prof_source *source, km_marshal_kind kind, const char *what,
			km_marshal_object *object);
/* Reads the rest of the (file, line, name) that starts with `object`. */
int km_prof_source_function(km_prof_source *source, const km_marshal_object *object,
			    uint32_t *function);
int km_prof_source_count(km_prof_source *source, const char *what, uint64_t *count);
/* Takes a finite number of seconds, float or int. */
int km_prof_source_seconds(km_prof_source *source, const char *what, double *seconds);
/* Sets `text` to the text of `object` as UTF-8, with other bytes as they are; valid until the next
 * call. Refuses a text with a NUL. */
int km_prof_source_text(km_prof_source *source, const km_marshal_object *object, km_str *text);

#endif
