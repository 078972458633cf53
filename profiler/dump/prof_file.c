#include "profiler/dump/prof_file.h"

#include "profiler/dump/call_tree_object.h"
#include "profiler/dump/marshal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void write_function(km_marshal *out, const km_function *function)
{
	km_marshal_tuple(out, 3);
	km_marshal_text(out, function->file);
	km_marshal_int(out, function->line);
	km_marshal_text(out, function->name);
}

static void write_seconds(km_marshal *out, const km_stats_numbers *numbers)
{
	km_marshal_float(out, numbers->tottime);
	km_marshal_float(out, numbers->cumtime);
}

/* A row has its primitive calls first, a caller has them second. */
static void write_row(km_marshal *out, const km_stats *stats, const km_stats_row *row)
{
	km_marshal_tuple(out, 5);
	km_marshal_unsigned(out, row->numbers.primitive_calls);
	km_marshal_unsigned(out, row->numbers.calls);
	write_seconds(out, &row->numbers);
	km_marshal_dict(out);
	for (uint32_t i = 0; i < row->caller_count; i++) {
		const km_stats_caller *caller = &stats->callers[row->first_caller + i];
		write_function(out, &stats->functions[caller->function]);
		km_marshal_tuple(out, 4);
		km_marshal_unsigned(out, caller->numbers.calls);
		km_marshal_unsigned(out, caller->numbers.primitive_calls);
		write_seconds(out, &caller->numbers);
	}
	km_marshal_dict_end(out);
}

/* cProfile's dict. */
static void write_rows(km_marshal *out, const km_stats *stats)
{
	km_marshal_dict(out);
	for (uint32_t i = 0; i < stats->row_count && !out->error; i++) {
		write_function(out, &stats->functions[i]);
		write_row(out, stats, &stats->rows[i]);
	}
	km_marshal_dict_end(out);
}

/* 0 or errno. */
static int write_objects(int fd, const km_prof_file *prof)
{
	km_marshal *out = malloc(sizeof *out);

	if (!out)
		return ENOMEM;
	km_marshal_init(out, fd);
	write_rows(out, prof->stats);
	km_call_tree_object_write(out, prof);
	int error = km_marshal_flush(out);
	free(out);
	return error;
}

/* Its name is short and independent of the file's: that one may have the longest length allowed. */
static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name;

	if (asprintf(&name, "%.*s.komori-XXXXXX", slash ? (int)(slash - path) + 1 : 0, path) < 0)
		return NULL;
	return name;
}

/* Gives the complete file its name: 0 or errno. link refuses an existing name atomically. */
static int publish(const char *temporary, const char *path, bool replace)
{
	if (replace)
		return rename(temporary, path) ? errno : 0;
	if (link(temporary, path))
		return errno;
	unlink(temporary);
	return 0;
}

int km_prof_file_write(const char *path, const km_prof_file *prof, bool replace)
{
	char *temporary = temporary_name(path);

	if (!temporary) {
		errno = ENOMEM;
		return KM_EIO;
	}
	int fd = mkostemp(temporary, O_CLOEXEC); /* O_EXCL, mode 0600 */
	int error = fd < 0 ? errno : write_objects(fd, prof);
	if (fd >= 0 && close(fd) && !error)
		error = errno;
	if (!error)
		error = publish(temporary, path, replace);
	if (error && fd >= 0)
		unlink(temporary);
	free(temporary);
	if (!error)
		return 0;
	errno = error;
	return KM_EIO;
}
