#include "framework/base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *km_buffer_reserve_slow(km_buffer *buffer, size_t len)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 256;

	if (buffer->failed)
		return NULL;
	if (len >= PTRDIFF_MAX - buffer->len)
		goto failed;
	size_t need = buffer->len + len + 1;
	while (capacity < need)
		capacity *= 2;
	char *data = realloc(buffer->data, capacity);
	if (!data)
		goto failed;
	buffer->data = data;
	buffer->capacity = capacity;
	return buffer->data + buffer->len;
failed:
	buffer->failed = 1;
	return NULL;
}

void km_buffer_text(km_buffer *buffer, const char *text)
{
	km_buffer_append(buffer, text, strlen(text));
}

void km_buffer_char(km_buffer *buffer, char byte)
{
	km_buffer_append(buffer, &byte, 1);
}

void km_buffer_fill(km_buffer *buffer, char byte, long count)
{
	if (count <= 0)
		return;
	char *at = km_buffer_reserve(buffer, (size_t)count);
	if (!at)
		return;
	memset(at, byte, (size_t)count);
	at[count] = '\0';
	buffer->len += (size_t)count;
}

void km_buffer_printf(km_buffer *buffer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *at = len < 0 ? NULL : km_buffer_reserve(buffer, (size_t)len);
	if (!at) {
		buffer->failed = 1;
		return;
	}
	va_start(args, format);
	vsnprintf(at, (size_t)len + 1, format, args);
	va_end(args);
	buffer->len += (size_t)len;
}

void km_buffer_finish(km_buffer *buffer)
{
	free(buffer->data);
	*buffer = (km_buffer){0};
}
