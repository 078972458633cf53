#include "profiler/profile/enable.h"

#include "framework/base/buffer.h"
#include "framework/base/log.h"
#include "profiler/probe/probe.h"
#include "profiler/profile/error.h"
#include "profiler/record/functions.h"
#include "profiler/stats/labels.h"
#include "profiler/symbols/symbols.h"

pthread_mutex_t km_process_lock = PTHREAD_MUTEX_INITIALIZER;
static bool enabled;

/* Logs each function whose sled has a breakpoint, once. */
static void report_breakpoints(void)
{
	static size_t reported;
	size_t count;
	const uintptr_t *sites = km_probe_breakpoints(&count);

	for (; reported < count; reported++) {
		const km_symbol *symbol = km_symbols_find((const void *)sites[reported]);
		km_buffer call = {0};
		if (symbol)
			km_label_append(&call,
					&(km_function){symbol->file, symbol->line, symbol->name});
		km_log("%s is not recorded: a breakpoint overwrites its entry; "
		       "use a hardware breakpoint (gdb: hbreak), or set it after the profiler "
		       "starts",
		       call.len ? call.data : "a function");
		km_buffer_finish(&call);
	}
}

static int enable(void)
{
	char error[KM_PROFILE_ERROR_SIZE];
	int result = km_probe_enable(error, sizeof error);

	if (result)
		return km_profile_fail(result, "%s", error);
	enabled = true;
	report_breakpoints();
	return 0;
}

int km_enable_once(uint32_t *functions)
{
	pthread_mutex_lock(&km_process_lock);
	int result = enabled ? 0 : enable();
	*functions = km_function_count;
	pthread_mutex_unlock(&km_process_lock);
	return result;
}

int km_profile_enable(void)
{
	pthread_mutex_lock(&km_process_lock);
	int result = enable();
	pthread_mutex_unlock(&km_process_lock);
	return result;
}

size_t km_profile_sled_count(void)
{
	pthread_mutex_lock(&km_process_lock);
	size_t count = km_probe_sled_count();
	pthread_mutex_unlock(&km_process_lock);
	return count;
}
