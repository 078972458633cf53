/* Type codes and layouts: CPython Python/marshal.c. */
#include "profiler/dump/marshal_writer.h"

#include "framework/base/unicode.h"
#include "framework/base/write_all.h"
#include "profiler/stats/text.h"

#include <errno.h>
#include <math.h>

enum { DIGIT_BITS = 15, MOST_DIGITS = 5 }; /* of an integer of 64 bits */

void km_marshal_writer_init(km_marshal_writer *out, int fd)
{
	out->fd = fd;
	out->error = 0;
	out->used = 0;
}

int km_marshal_writer_flush(km_marshal_writer *out)
{
	if (!out->error)
		out->error = km_write_all(out->fd, out->bytes, out->used);
	out->used = 0;
	return out->error;
}

/* Returns room for `size` bytes, at most as many as the buffer has. */
static unsigned char *reserve(km_marshal_writer *out, size_t size)
{
	if (sizeof out->bytes - out->used < size)
		km_marshal_writer_flush(out);
	unsigned char *at = out->bytes + out->used;
	out->used += size;
	return at;
}

static void put(unsigned char *at, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++, value >>= 8)
		at[i] = (unsigned char)value;
}

void km_marshal_write_raw_u32(km_marshal_writer *out, uint32_t value)
{
	put(reserve(out, 4), value, 4);
}

void km_marshal_write_raw_u64(km_marshal_writer *out, uint64_t value)
{
	put(reserve(out, 8), value, 8);
}

static void put_code(km_marshal_writer *out, char code)
{
	*reserve(out, 1) = (unsigned char)code;
}

void km_marshal_write_dict(km_marshal_writer *out)
{
	put_code(out, '{');
}

void km_marshal_write_dict_end(km_marshal_writer *out)
{
	put_code(out, '0');
}

void km_marshal_write_tuple(km_marshal_writer *out, uint32_t count)
{
	put_code(out, '(');
	km_marshal_write_raw_u32(out, count);
}

void km_marshal_write_none(km_marshal_writer *out)
{
	put_code(out, 'N');
}

static void put_long(km_marshal_writer *out, uint64_t magnitude, bool negative)
{
	uint16_t digits[MOST_DIGITS];
	int count = 0;

	for (; magnitude; magnitude >>= DIGIT_BITS)
		digits[count++] = magnitude & ((1u << DIGIT_BITS) - 1);
	put_code(out, 'l');
	km_marshal_write_raw_u32(out, (uint32_t)(negative ? -count : count));
	for (int i = 0; i < count; i++)
		put(reserve(out, 2), digits[i], 2);
}

void km_marshal_write_int(km_marshal_writer *out, int64_t value)
{
	if (value >= INT32_MIN && value <= INT32_MAX) {
		put_code(out, 'i');
		km_marshal_write_raw_u32(out, (uint32_t)value);
	} else {
		put_long(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
	}
}

void km_marshal_write_unsigned(km_marshal_writer *out, uint64_t value)
{
	if (value <= INT64_MAX)
		km_marshal_write_int(out, (int64_t)value);
	else
		put_long(out, value, false);
}

void km_marshal_write_float(km_marshal_writer *out, double value)
{
	uint64_t bits;

	if (!isfinite(value))
		value = 0;
	memcpy(&bits, &value, sizeof bits);
	put_code(out, 'g');
	km_marshal_write_raw_u64(out, bits);
}

static bool put_size(km_marshal_writer *out, char code, uint64_t size)
{
	if (size > INT32_MAX) {
		if (!out->error)
			out->error = EFBIG;
		return false;
	}
	put_code(out, code);
	km_marshal_write_raw_u32(out, (uint32_t)size);
	return true;
}

static void put_bytes(km_marshal_writer *out, const char *bytes, size_t size)
{
	while (size) {
		size_t len = size < sizeof out->bytes ? size : sizeof out->bytes;
		memcpy(reserve(out, len), bytes, len);
		bytes += len;
		size -= len;
	}
}

void km_marshal_write_text(km_marshal_writer *out, const char *text)
{
	km_str whole = km_str_from(text);
	uint64_t size = 0;
	char encoded[4];

	if (km_text_is_ascii(whole)) { /* as most names are */
		if (put_size(out, 'u', whole.len))
			put_bytes(out, whole.ptr, whole.len);
		return;
	}
	for (km_str rest = km_str_from(text); rest.len;)
		size += km_text_encode(km_unicode_next(&rest), encoded);
	if (!put_size(out, 'u', size))
		return;
	for (km_str rest = km_str_from(text); rest.len;) {
		size_t len = km_text_encode(km_unicode_next(&rest), encoded);
		memcpy(reserve(out, len), encoded, len);
	}
}

void km_marshal_write_bytes(km_marshal_writer *out, uint64_t size)
{
	put_size(out, 's', size);
}
