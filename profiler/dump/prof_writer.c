#include "profiler/dump/prof_writer.h"

#include "framework/base/atomic_file.h"
#include "profiler/dump/call_tree_writer.h"
#include "profiler/dump/rows_writer.h"

#include <errno.h>
#include <stdlib.h>

int km_prof_write_fd(int fd, const km_prof_content *prof)
{
	km_marshal_writer *out = malloc(sizeof *out);

	if (!out)
		return KM_ENOMEM;
	km_marshal_writer_init(out, fd);
	km_rows_write(out, prof->stats);
	km_call_tree_write(out, prof);
	int error = km_marshal_writer_flush(out);
	free(out);
	errno = error;
	return error ? KM_EIO : 0;
}

int km_prof_write(const char *path, const km_prof_content *prof, bool replace)
{
	km_atomic_file file;
	int result = km_atomic_file_open(&file, path, 0600);

	if (result)
		return KM_EIO;
	result = km_prof_write_fd(file.fd, prof);
	if (!result && !(result = km_atomic_file_commit(&file, path, replace)))
		return 0;
	if (file.fd >= 0)
		km_atomic_file_abandon(&file);
	return result;
}
