#include "profiler/middleware/profiler.h"

#include "framework/base/buffer.h"
#include "framework/base/log.h"
#include "profiler/middleware/console_report.h"
#include "profiler/middleware/filename_format.h"

void km_profiler_name(km_profile *profile, const char *method, const char *route)
{
	km_buffer name = {0};

	km_buffer_printf(&name, "request %s %s", method, route ? route : "(no route)");
	if (!name.failed)
		km_profile_set_name(profile, name.data);
	km_buffer_finish(&name);
}

/* KM_E* when the request gets no dump. */
static int choose_name(const km_profiler *profiler, const km_profile_facts *facts,
		       km_file_name name)
{
	km_buffer text = {0};
	char error[256];
	int failed;

	if (profiler->filename) {
		char *room = km_buffer_reserve(&text, 1023);
		failed = room ? profiler->filename(profiler->filename_context, facts, room, 1024)
			      : KM_ENOMEM;
		text.len = failed ? 0 : strnlen(room, 1023);
	} else {
		failed = km_filename_format(&text, profiler->filename_format, facts, error,
					    sizeof error);
	}
	if (!failed)
		km_file_name_clean(name, (km_str){text.data, text.len});
	km_buffer_finish(&text);
	return failed;
}

static void dump(km_profiler *profiler, km_profile *profile, const km_profile_facts *facts)
{
	km_file_name name;
	char error[512];

	if (!profiler->folder.path || choose_name(profiler, facts, name))
		return;
	if (km_dump_folder_write(&profiler->folder, name, profile, facts, error, sizeof error))
		km_log("the profile of %s %s was not written: %s", facts->method, facts->path,
		       error);
	else if (profiler->dumped)
		profiler->dumped(profiler->dumped_context);
}

static void report(const km_profiler *profiler, km_profile *profile, const km_profile_facts *facts,
		   const char *lost)
{
	char error[256];

	if (profiler->stream &&
	    km_console_report(profiler->stream, profile, km_str_from(facts->path),
			      profiler->sort_by, profiler->restrictions, lost, error, sizeof error))
		km_log("the profile of %s %s was not printed: %s", facts->method, facts->path,
		       error);
}

void km_profiler_output(km_profiler *profiler, km_profile *profile, const km_profile_facts *facts,
			const char *lost)
{
	km_profiler_name(profile, facts->method, facts->route);
	dump(profiler, profile, facts);
	report(profiler, profile, facts, lost);
}
