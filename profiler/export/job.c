#include "profiler/export/job.h"

const char km_export_rows_remark[] =
	"the profile has no call tree: paths are a caller and a callee, no deeper";

void km_export_title(km_buffer *out, const km_prof *prof)
{
	const km_profile_facts *facts = &prof->recording.facts;

	if (facts->method) {
		km_buffer_text(out, facts->method);
		km_buffer_char(out, ' ');
	}
	km_buffer_text(out, facts->path ? facts->path : facts->method ? "" : "profile");
}

uint64_t km_export_nanoseconds(double seconds)
{
	double nanoseconds = seconds * 1e9;

	return !(nanoseconds > 0)   ? 0
	       : nanoseconds < 4e18 ? (uint64_t)(nanoseconds + 0.5)
				    : (uint64_t)4e18;
}
