#include "profiler/viewer/listing.h"

#include "framework/base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void forget_facts(km_listed *file)
{
	free(file->error);
	free((char *)file->facts.method);
	free((char *)file->facts.path);
	free((char *)file->facts.route);
	free((char *)file->facts.query);
	free((char *)file->facts.outcome);
	*file = (km_listed){.name = file->name, .stamp = file->stamp};
}

static void free_file(km_listed *file)
{
	forget_facts(file);
	free(file->name);
}

void km_listing_finish(km_listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		free_file(&listing->files[i]);
	free(listing->files);
	*listing = (km_listing){0};
}

/* --- reading --- */

/* Cuts long texts between two characters. Returns false when memory ran out. */
static bool copy(const char **to, const char *text)
{
	size_t len = text ? strnlen(text, KM_LISTING_TEXT_MAX + 1) : 0;

	if (len > KM_LISTING_TEXT_MAX)
		for (len = KM_LISTING_TEXT_MAX; len > 0 && (text[len] & 0xc0) == 0x80;)
			len--;
	*to = text ? strndup(text, len) : NULL;
	return *to || !text;
}

/* KM_ENOMEM. */
static int take_facts(km_listed *file, const km_prof *prof)
{
	const km_profile_facts *facts = &prof->recording.facts;

	file->facts = *facts;
	bool copied = copy(&file->facts.method, facts->method);
	copied &= copy(&file->facts.path, facts->path);
	copied &= copy(&file->facts.route, facts->route);
	copied &= copy(&file->facts.query, facts->query);
	copied &= copy(&file->facts.outcome, facts->outcome);
	file->facts.started = km_dump_started(facts, &file->stamp);
	file->calls = prof->stats->totals.calls;
	file->exact = prof->recording.tree != NULL;
	file->request = facts->method && prof->recording.version == 1;
	if (!facts->method && facts->elapsed == 0)
		file->facts.elapsed = prof->stats->totals.tottime;
	return copied ? 0 : KM_ENOMEM;
}

static void take_error(km_listed *file, int result, const char *error)
{
	forget_facts(file);
	file->retry = result != KM_EINVAL && result != KM_ELIMIT;
	file->error = strdup(result == KM_ENOMEM ? "out of memory" : error);
	file->facts.started = (double)file->stamp.modified_ns * 1e-9;
}

/* Returns whether the listing changes. */
static bool read_file(km_listed *file, int folder)
{
	char error[256], *before = file->error;
	km_prof *prof;

	file->error = NULL;
	int result =
		km_dump_file_read(&prof, folder, file->name, &file->stamp, error, sizeof error);
	if (!result)
		result = take_facts(file, prof);
	if (result)
		take_error(file, result, error);
	else
		file->retry = false;
	km_prof_free(prof);
	file->read = true;
	bool same = before && file->error && strcmp(before, file->error) == 0;
	free(before);
	return !same;
}

/* --- listing --- */

static int by_name(const void *left, const void *right)
{
	const km_listed *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int latest_first(const void *left, const void *right)
{
	const km_listed *a = left, *b = right;

	if (a->stamp.modified_ns != b->stamp.modified_ns)
		return a->stamp.modified_ns > b->stamp.modified_ns ? -1 : 1;
	return -strcmp(a->name, b->name);
}

static int pointed_latest_first(const void *left, const void *right)
{
	return latest_first(*(km_listed *const *)left, *(km_listed *const *)right);
}

static void keep_latest(km_listing *found)
{
	if (found->count <= KM_LISTING_MAX)
		return;
	qsort(found->files, found->count, sizeof *found->files, latest_first);
	while (found->count > KM_LISTING_MAX)
		free_file(&found->files[--found->count]);
}

/* KM_ENOMEM. */
static int add(km_listing *found, const char *name, const struct stat *status)
{
	enum { ROOM = 2 * KM_LISTING_MAX };

	if (!found->files && !(found->files = calloc(ROOM, sizeof *found->files)))
		return KM_ENOMEM;
	if (found->count == ROOM)
		keep_latest(found);
	km_listed *file = &found->files[found->count];
	*file = (km_listed){.name = strdup(name)};
	if (!file->name)
		return KM_ENOMEM;
	km_dump_stamp_set(&file->stamp, status);
	found->count++;
	return 0;
}

static int look(km_listing *found, DIR *folder, const char *only)
{
	struct dirent *entry;
	struct stat status;
	int result = 0;

	while (!result && (entry = readdir(folder))) {
		if (!km_dump_name_is_fit(km_str_from(entry->d_name), only))
			continue;
		if (fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(status.st_mode))
			result = add(found, entry->d_name, &status);
	}
	return result;
}

/* Takes over facts of unchanged files; both lists are sorted by name. Returns whether files
 * changed. */
static bool take_known(km_listing *found, km_listing *known)
{
	bool changed = found->count != known->count;
	size_t at = 0;

	for (size_t i = 0; i < found->count; i++) {
		km_listed *file = &found->files[i];
		while (at < known->count && by_name(&known->files[at], file) < 0)
			at++;
		km_listed *old = at < known->count ? &known->files[at] : NULL;
		if (old && by_name(old, file) == 0 &&
		    km_dump_stamp_equal(&old->stamp, &file->stamp)) {
			const km_listed same = *old;
			*old = (km_listed){.name = file->name};
			*file = same;
		} else {
			changed = true;
		}
	}
	return changed;
}

/* Reads the latest first. KM_ENOMEM. */
static int read_unknown(km_listing *listing, int folder, int64_t budget_ns)
{
	int64_t end = km_clock_monotonic_ns() + budget_ns;
	km_listed **unknown = malloc((listing->count + 1) * sizeof(km_listed *));
	size_t count = 0;

	if (!unknown)
		return KM_ENOMEM;
	for (size_t i = 0; i < listing->count; i++)
		if (!listing->files[i].read || listing->files[i].retry)
			unknown[count++] = &listing->files[i];
	qsort(unknown, count, sizeof *unknown, pointed_latest_first);
	for (size_t i = 0; i < count && (i == 0 || km_clock_monotonic_ns() < end); i++)
		listing->changes += read_file(unknown[i], folder);
	free(unknown);
	return 0;
}

int km_listing_update(km_listing *listing, int folder, const char *only, int64_t budget_ns)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	km_listing found = {.changes = listing->changes};

	if (!stream) {
		int error = errno;
		if (fd >= 0)
			close(fd);
		errno = error;
		return KM_EIO;
	}
	int result = look(&found, stream, only);
	closedir(stream);
	if (result) {
		km_listing_finish(&found);
		return result;
	}
	keep_latest(&found);
	if (found.count)
		qsort(found.files, found.count, sizeof *found.files, by_name);
	found.changes += take_known(&found, listing);
	km_listing_finish(listing);
	*listing = found;
	return read_unknown(listing, folder, budget_ns);
}
