#include "profiler/dump/prof_writer.h"

#include "framework/base/atomic_file.h"
#include "profiler/dump/call_tree_writer.h"
#include "profiler/dump/rows_writer.h"

#include <errno.h>
#include <stdlib.h>

/* 0 or errno. */
static int write_objects(int fd, const km_prof_content *prof)
{
	km_marshal_writer *out = malloc(sizeof *out);

	if (!out)
		return ENOMEM;
	km_marshal_writer_init(out, fd);
	km_rows_write(out, prof->stats);
	km_call_tree_write(out, prof);
	int error = km_marshal_writer_flush(out);
	free(out);
	return error;
}

int km_prof_write(const char *path, const km_prof_content *prof, bool replace)
{
	km_atomic_file file;

	if (km_atomic_file_open(&file, path, 0600))
		return KM_EIO;
	int error = write_objects(file.fd, prof);
	if (!error)
		return km_atomic_file_commit(&file, path, replace);
	km_atomic_file_abandon(&file);
	errno = error;
	return KM_EIO;
}
