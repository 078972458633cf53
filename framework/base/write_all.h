/* Writes all bytes to a file descriptor, in as many pieces as it takes. */
#ifndef KM_BASE_WRITE_ALL_H
#define KM_BASE_WRITE_ALL_H

#include <errno.h>
#include <unistd.h>

/* Returns 0 or errno. */
static inline int km_write_all(int fd, const void *bytes, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t written = write(fd, (const char *)bytes + done, len - done);
		if (written > 0)
			done += (size_t)written;
		else if (written == 0)
			return ENOSPC;
		else if (errno != EINTR)
			return errno;
	}
	return 0;
}

#endif
