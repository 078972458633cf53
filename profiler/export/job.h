/* What a format's writer works on. Writers return 0 or KM_ENOMEM; output's errors stay in `out`. */
#ifndef KM_EXPORT_JOB_H
#define KM_EXPORT_JOB_H

#include "profiler/export/export.h"
#include "profiler/export/out.h"
#include "profiler/export/timeline.h"

typedef struct km_export {
	const km_prof *prof;
	km_timeline timeline; /* for formats of paths, else empty */
	km_export_out out;
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

/* "GET /plans": what was recorded, or "profile" when that is not known. */
void km_export_title(km_buffer *out, const km_prof *prof);
/* Whole nanoseconds, none below 0. */
uint64_t km_export_nanoseconds(double seconds);
/* What is said where paths are only pairs. */
extern const char km_export_rows_remark[];

#endif
