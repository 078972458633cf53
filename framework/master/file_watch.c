#include "framework/master/file_watch.h"

#include <link.h>
#include <stdlib.h>

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int add(km_file_watch *watch, const char *path)
{
	km_watched_file *more = realloc(watch->files, (watch->count + 1) * sizeof *watch->files);

	if (!more)
		return KM_ENOMEM;
	watch->files = more;
	km_watched_file *file = &more[watch->count];
	*file = (km_watched_file){.path = strdup(path)};
	if (!file->path)
		return KM_ENOMEM;
	watch->count++;
	stat(path, &file->loaded);
	file->seen = file->loaded;
	return 0;
}

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static int add_object(struct dl_phdr_info *info, size_t size, void *watch)
{
	const char *path = info->dlpi_name;

	(void)size;
	/* The program has no name here, and the kernel's object no file. */
	if (!strchr(path, '/') || begins_with(path, "/lib") || begins_with(path, "/usr/lib"))
		return 0;
	return add(watch, path);
}

int km_file_watch_init(km_file_watch *watch, const char *path)
{
	*watch = (km_file_watch){0};
	return add(watch, path) || dl_iterate_phdr(add_object, watch) ? KM_ENOMEM : 0;
}

void km_file_watch_finish(km_file_watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		free(watch->files[i].path);
	free(watch->files);
	*watch = (km_file_watch){0};
}

bool km_file_watch_changed(km_file_watch *watch)
{
	bool changed = false, settled = true;

	for (size_t i = 0; i < watch->count; i++) {
		km_watched_file *file = &watch->files[i];
		struct stat now = {0};
		settled &= stat(file->path, &now) == 0 && is_same(&now, &file->seen);
		changed |= !is_same(&now, &file->loaded);
		file->seen = now;
	}
	for (size_t i = 0; i < watch->count && changed && settled; i++)
		watch->files[i].loaded = watch->files[i].seen;
	return changed && settled;
}
