/* A byte buffer that grows as text is appended. gdb prints it with framework/base/gdb_printers.py:
 * (gdb) source framework/base/gdb_printers.py */
#ifndef KM_BASE_BUFFER_H
#define KM_BASE_BUFFER_H

#include <komori/base.h>

/* A zeroed buffer is valid and empty. When memory runs out, an append sets `failed`, and later ones
 * have no effect: the owner checks once at the end. */
typedef struct km_buffer {
	char *data; /* NUL-terminated after every append; NULL while empty */
	size_t len, capacity;
	int failed;
} km_buffer;

/* km_buffer_reserve for a buffer that must grow or has failed. */
char *km_buffer_reserve_slow(km_buffer *buffer, size_t len) __attribute__((cold));

/* Returns room for `len` bytes at the end, or NULL when memory ran out. The caller adds the bytes
 * that it writes to buffer->len. */
static inline char *km_buffer_reserve(km_buffer *buffer, size_t len)
{
	/* One more byte for the terminator. */
	if (__builtin_expect(buffer->failed || len >= buffer->capacity - buffer->len, 0))
		return km_buffer_reserve_slow(buffer, len);
	return buffer->data + buffer->len;
}

static inline void km_buffer_append(km_buffer *buffer, const void *bytes, size_t len)
{
	char *at = km_buffer_reserve(buffer, len);

	if (!at)
		return;
	if (len)
		memcpy(at, bytes, len);
	at[len] = '\0';
	buffer->len += len;
}

void km_buffer_text(km_buffer *buffer, const char *text);
void km_buffer_char(km_buffer *buffer, char byte);
/* Appends the byte `count` times; a count <= 0 has no effect. */
void km_buffer_fill(km_buffer *buffer, char byte, long count);
void km_buffer_printf(km_buffer *buffer, const char *format, ...) KM_PRINTF(2, 3);
/* Drops the bytes and a failure. Keeps the memory. */
static inline void km_buffer_clear(km_buffer *buffer)
{
	buffer->len = 0;
	buffer->failed = 0;
	if (buffer->data)
		buffer->data[0] = '\0';
}

/* Frees the memory, and leaves a valid empty buffer. */
void km_buffer_finish(km_buffer *buffer);

#endif
