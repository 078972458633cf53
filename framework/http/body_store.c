#include "framework/http/body_store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "framework/base/write_all.h"

/* For file systems without O_TMPFILE: the file has a name for a moment. */
static int named_file(const char *folder)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof path, "%s/komori-XXXXXX", folder);

	if (len < 0 || (size_t)len >= sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static int temporary_file(void)
{
	const char *chosen = secure_getenv("TMPDIR");
	const char *folder = chosen && *chosen ? chosen : "/tmp";
	int fd = open(folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	return named_file(folder);
}

static int move_to_file(km_http_body_store *store)
{
	store->fd = temporary_file();
	if (store->fd < 0)
		return KM_EIO;
	store->in_file = true;
	store->size = store->memory.len;
	if (km_write_all(store->fd, store->memory.data, store->memory.len))
		return KM_EIO;
	km_buffer_finish(&store->memory);
	return 0;
}

int km_http_body_store_append(km_http_body_store *store, km_str bytes, size_t most_memory)
{
	bool fits =
		store->memory.len <= most_memory && bytes.len <= most_memory - store->memory.len;

	if (!store->in_file && fits) {
		km_buffer_append(&store->memory, bytes.ptr, bytes.len);
		return store->memory.failed ? KM_ENOMEM : 0;
	}
	if (!store->in_file && move_to_file(store))
		return KM_EIO;
	if (km_write_all(store->fd, bytes.ptr, bytes.len))
		return KM_EIO;
	store->size += bytes.len;
	return 0;
}

ssize_t km_http_body_store_read(const km_http_body_store *store, size_t offset, void *bytes,
				size_t size)
{
	size_t left = store->size - offset;
	ssize_t got;

	if (size > left)
		size = left;
	do {
		got = pread(store->fd, bytes, size, (off_t)offset);
	} while (got < 0 && errno == EINTR);
	return got < 0 || (got == 0 && size > 0) ? KM_EIO : got;
}

km_str km_http_body_store_view(km_http_body_store *store)
{
	const km_str unreadable = {NULL, 0};

	if (!store->in_file)
		return store->memory.len ? (km_str){store->memory.data, store->memory.len}
					 : KM_STR("");
	if (store->map)
		return (km_str){store->map, store->size};
	/* Writes the NUL, because reading a hole in a full tmpfs faults. */
	if (pwrite(store->fd, "", 1, (off_t)store->size) != 1)
		return unreadable;
	void *map = mmap(NULL, store->size + 1, PROT_READ, MAP_SHARED, store->fd, 0);
	if (map == MAP_FAILED)
		return unreadable;
	store->map = map;
	return (km_str){store->map, store->size};
}

void km_http_body_store_clear(km_http_body_store *store, size_t keep)
{
	if (store->map)
		munmap(store->map, store->size + 1);
	if (store->in_file)
		close(store->fd);
	store->map = NULL;
	store->in_file = false;
	store->size = 0;
	if (store->memory.capacity > keep)
		km_buffer_finish(&store->memory);
	km_buffer_clear(&store->memory);
}
