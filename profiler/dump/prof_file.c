#include "profiler/dump/prof_file.h"

#include "framework/base/whole_file.h"
#include "profiler/dump/call_tree_object.h"
#include "profiler/dump/rows_writer.h"

#include <errno.h>
#include <stdlib.h>

/* 0 or errno. */
static int write_objects(int fd, const km_prof_file *prof)
{
	km_marshal *out = malloc(sizeof *out);

	if (!out)
		return ENOMEM;
	km_marshal_init(out, fd);
	km_rows_write(out, prof->stats);
	km_call_tree_object_write(out, prof);
	int error = km_marshal_flush(out);
	free(out);
	return error;
}

int km_prof_file_write(const char *path, const km_prof_file *prof, bool replace)
{
	km_whole_file file;

	if (km_whole_file_open(&file, path, 0600))
		return KM_EIO;
	int error = write_objects(file.fd, prof);
	if (!error)
		return km_whole_file_commit(&file, path, replace);
	km_whole_file_abandon(&file);
	errno = error;
	return KM_EIO;
}
