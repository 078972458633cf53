/* What the writer of a format works on. Writers return 0 or KM_ENOMEM; `out` keeps errors. */
#ifndef KM_EXPORT_JOB_H
#define KM_EXPORT_JOB_H

#include "framework/base/json_writer.h"
#include "profiler/export/export.h"
#include "profiler/export/out.h"
#include "profiler/export/timeline.h"

typedef struct km_export {
	const km_prof *prof;
	km_buffer title;      /* "GET /plans", or "profile" */
	km_timeline timeline; /* empty unless the format has paths */
	km_export_out out;
	km_json_writer json; /* writes to out.text */
	km_export_notes notes;
} km_export;

int km_export_callgrind(km_export *job);
int km_export_chrome(km_export *job);
int km_export_collapsed(km_export *job);
int km_export_csv(km_export *job);
int km_export_html(km_export *job);
int km_export_json(km_export *job);
int km_export_pprof(km_export *job);
int km_export_pstats(km_export *job);
int km_export_speedscope(km_export *job);

/* Rounds to whole nanoseconds; 0 for less. */
uint64_t km_export_nanoseconds(double seconds);
/* The remark of an export whose paths are only pairs of caller and callee. */
extern const char km_export_rows_remark[];

#endif
