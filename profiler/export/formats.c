#include "profiler/export/job.h"

#include <errno.h>
#include <locale.h>

const char km_export_rows_remark[] =
	"the profile has no call tree: paths are a caller and a callee, no deeper";

const km_export_format km_export_formats[] = {
	{"callgrind", "callgrind_annotate, KCachegrind", false, false, km_export_callgrind},
	{"pprof", "go tool pprof, Pyroscope, Parca", true, true, km_export_pprof},
	{"collapsed", "flamegraph.pl, speedscope: a line for each path", false, true,
	 km_export_collapsed},
	{"speedscope", "https://www.speedscope.app", false, true, km_export_speedscope},
	{"chrome", "Perfetto, chrome://tracing", false, true, km_export_chrome},
	{"csv", "spreadsheets: a line for each function", false, false, km_export_csv},
	{"json", "programs: rows, call tree and facts", false, false, km_export_json},
	{"pstats", "pstats, snakeviz: cProfile's dict and nothing else", true, false,
	 km_export_pstats},
	{"html", "a browser: the viewer's page with the profile in it", false, false,
	 km_export_html},
	{0},
};

const km_export_format *km_export_format_find(const char *name)
{
	for (const km_export_format *format = km_export_formats; format->name; format++) {
		if (strcmp(format->name, name) == 0)
			return format;
	}
	return NULL;
}

uint64_t km_export_nanoseconds(double seconds)
{
	double nanoseconds = seconds * 1e9;

	return !(nanoseconds > 0)   ? 0
	       : nanoseconds < 4e18 ? (uint64_t)(nanoseconds + 0.5)
				    : (uint64_t)4e18;
}

/* Appends method and path of the request, "GET /plans", or "profile" when they are not known. */
static void put_title(km_buffer *out, const km_profile_facts *facts)
{
	if (facts->method) {
		km_buffer_text(out, facts->method);
		km_buffer_char(out, ' ');
	}
	km_buffer_text(out, facts->path ? facts->path : facts->method ? "" : "profile");
}

static int lay_out(km_export *job)
{
	if (job->prof->recording.tree)
		return km_timeline_from_tree(&job->timeline, job->prof->recording.tree);
	job->notes.from_rows = true;
	return km_timeline_from_rows(&job->timeline, job->prof->stats);
}

int km_export_write(const km_export_format *format, const km_prof *prof, int fd,
		    km_export_notes *notes)
{
	km_export job = {.prof = prof, .out = {.fd = fd}};
	locale_t plain = newlocale(LC_NUMERIC_MASK, "C", NULL);
	locale_t before = plain ? uselocale(plain) : NULL;
	int result = plain ? 0 : KM_ENOMEM;

	job.json.out = &job.out.text;
	put_title(&job.title, &prof->recording.facts);
	if (job.title.failed)
		result = KM_ENOMEM;
	if (!result && format->paths)
		result = lay_out(&job);
	if (!result)
		result = format->write(&job);
	km_export_out_flush(&job.out);
	if (!result && job.out.error)
		result = job.out.error == ENOMEM ? KM_ENOMEM : KM_EIO;
	*notes = job.notes;
	km_timeline_finish(&job.timeline);
	km_buffer_finish(&job.title);
	km_buffer_finish(&job.out.text);
	if (plain) {
		uselocale(before);
		freelocale(plain);
	}
	errno = job.out.error;
	return result;
}
