#include "framework/base/debugger.h"

#include <stdio.h>

bool km_debugger_attached(pid_t pid)
{
	char path[64], line[256];
	long tracer = 0;

	snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof line, file))
		if (sscanf(line, "TracerPid: %ld", &tracer) == 1)
			break;
	fclose(file);
	return tracer != 0;
}
