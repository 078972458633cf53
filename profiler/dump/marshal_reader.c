#include "profiler/dump/marshal_reader.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	FLAG_REFERENCE = 0x80,
	MOST_SLOTS = 1 << 30,
	REMEMBERED_TUPLE = 1 << 30, /* in a slot's value: saves reading the object again */
	DIGIT_BITS = 15,
	MOST_DIGITS = 5,
	MOST_NESTED = 32,
};

void km_marshal_reader_init(km_marshal_reader *reader, const void *bytes, uint32_t size)
{
	*reader = (km_marshal_reader){.bytes = bytes, .size = size};
}

void km_marshal_reader_finish(km_marshal_reader *reader)
{
	free(reader->slots);
	*reader = (km_marshal_reader){0};
}

int km_marshal_reader_fail(km_marshal_reader *reader, uint32_t offset, const char *format, ...)
{
	va_list args;

	if (*reader->error)
		return KM_EINVAL;
	int len = snprintf(reader->error, sizeof reader->error, "byte %u: ", offset);
	va_start(args, format);
	vsnprintf(reader->error + len, sizeof reader->error - (size_t)len, format, args);
	va_end(args);
	return KM_EINVAL;
}

int km_marshal_reader_fail_python2(km_marshal_reader *reader, uint32_t offset)
{
	return km_marshal_reader_fail(reader, offset,
				      "a Python 2 profile, which Komori cannot read; "
				      "Python 3.8 and later write profiles that it can");
}

static int no_memory(km_marshal_reader *reader)
{
	snprintf(reader->error, sizeof reader->error, "out of memory");
	return KM_ENOMEM;
}

/* Returns the next `size` bytes, or NULL when the file ends before. */
static inline const unsigned char *take(km_marshal_reader *reader, uint32_t size)
{
	if (__builtin_expect(reader->size - reader->at < size, 0)) {
		km_marshal_reader_fail(reader, reader->size,
				       "the file ends here, in the middle of the profile");
		return NULL;
	}
	const unsigned char *at = reader->bytes + reader->at;
	reader->at += size;
	return at;
}

/* Reads a number of 1, 2, 4 or 8 bytes. Inlined, so that each size is one load. */
static inline __attribute__((always_inline)) int take_number(km_marshal_reader *reader, size_t size,
							     uint64_t *number)
{
	const unsigned char *at = take(reader, (uint32_t)size);

	if (!at)
		return KM_EINVAL;
	*number = 0;
	memcpy(number, at, size);
	*number = le64toh(*number);
	return 0;
}

static inline int take_int(km_marshal_reader *reader, size_t size, km_marshal_object *object)
{
	uint64_t number, sign = 1ull << (size * 8 - 1);

	object->kind = KM_MARSHAL_INT;
	if (take_number(reader, size, &number))
		return KM_EINVAL;
	object->negative = number & sign;
	object->magnitude = object->negative ? sign - (number ^ sign) : number;
	return 0;
}

/* Reads digits of 15 bits, low first. Their count is negative for a negative int. */
static int take_long(km_marshal_reader *reader, km_marshal_object *object)
{
	if (take_int(reader, 4, object))
		return KM_EINVAL;
	uint64_t count = object->magnitude;
	object->magnitude = 0;
	for (uint64_t i = 0, digit; i < count; i++) {
		if (take_number(reader, 2, &digit))
			return KM_EINVAL;
		if (i >= MOST_DIGITS || digit >> DIGIT_BITS || (i == MOST_DIGITS - 1 && digit >> 4))
			return km_marshal_reader_fail(reader, object->offset,
						      "an int of more than 64 bits");
		object->magnitude |= digit << (i * DIGIT_BITS);
	}
	return 0;
}

static int take_float(km_marshal_reader *reader, km_marshal_object *object)
{
	uint64_t bits;

	object->kind = KM_MARSHAL_FLOAT;
	if (take_number(reader, sizeof bits, &bits))
		return KM_EINVAL;
	memcpy(&object->real, &bits, sizeof bits);
	return 0;
}

/* Reads a length of `size` bytes, and a text of that length. */
static inline int take_text(km_marshal_reader *reader, size_t size, km_marshal_encoding encoding,
			    km_marshal_object *object)
{
	uint64_t len;
	const unsigned char *at;

	object->kind = KM_MARSHAL_TEXT;
	object->encoding = encoding;
	if (take_number(reader, size, &len))
		return KM_EINVAL;
	if (len > INT32_MAX)
		return km_marshal_reader_fail(reader, object->offset, "a text of negative length");
	at = take(reader, (uint32_t)len);
	if (!at)
		return KM_EINVAL;
	object->text = (km_str){(const char *)at, len};
	return 0;
}

static inline int take_tuple(km_marshal_reader *reader, size_t size, km_marshal_object *object)
{
	uint64_t count;

	object->kind = KM_MARSHAL_TUPLE;
	if (take_number(reader, size, &count))
		return KM_EINVAL;
	object->count = (uint32_t)count;
	return 0;
}

/* Reads what follows the type code. */
static int take_body(km_marshal_reader *reader, unsigned char code, km_marshal_object *object)
{
	switch (code) {
	case '0':
		object->kind = KM_MARSHAL_END;
		return 0;
	case 'N':
		object->kind = KM_MARSHAL_NONE;
		return 0;
	case 'T':
	case 'F':
	case '.':
	case 'S':
		object->kind = KM_MARSHAL_OTHER;
		return 0;
	case 'i':
		return take_int(reader, 4, object);
	case 'l':
		return take_long(reader, object);
	case 'g':
		return take_float(reader, object);
	case 's':
		return take_text(reader, 4, KM_MARSHAL_RAW, object);
	case 't':
	case 'u':
		return take_text(reader, 4, KM_MARSHAL_UTF8, object);
	case 'a':
	case 'A':
		return take_text(reader, 4, KM_MARSHAL_LATIN1, object);
	case 'z':
	case 'Z':
		return take_text(reader, 1, KM_MARSHAL_LATIN1, object);
	case '(':
		return take_tuple(reader, 4, object);
	case ')':
		return take_tuple(reader, 1, object);
	case '{':
		object->kind = KM_MARSHAL_DICT;
		return 0;
	case 'R': /* a reference to an interned string */
	case 'I': /* an int of 64 bits */
	case 'f': /* a float as text */
		return km_marshal_reader_fail_python2(reader, object->offset);
	case 'c':
		return km_marshal_reader_fail(reader, object->offset,
					      "a code object, which python -m profile writes; "
					      "record with cProfile instead");
	}
	return km_marshal_reader_fail(reader, object->offset,
				      "0x%02x is not a type code of a profile", code);
}

static int add_slot(km_marshal_reader *reader, uint32_t offset)
{
	if (reader->slot_count == reader->slot_capacity) {
		uint32_t capacity = reader->slot_capacity ? reader->slot_capacity * 2 : 256;
		km_marshal_slot *bigger = NULL;
		if (capacity <= MOST_SLOTS)
			bigger = realloc(reader->slots, capacity * sizeof *bigger);
		if (!bigger)
			return no_memory(reader);
		reader->slots = bigger;
		reader->slot_capacity = capacity;
	}
	reader->slots[reader->slot_count++] = (km_marshal_slot){.offset = offset};
	return 0;
}

static bool is_container(const km_marshal_object *object)
{
	return object->kind == KM_MARSHAL_TUPLE || object->kind == KM_MARSHAL_DICT;
}

/* None, True and the like have no number: Python ignores the flag on them. */
static bool is_singleton(const km_marshal_object *object)
{
	return object->kind == KM_MARSHAL_NONE || object->kind == KM_MARSHAL_END ||
	       object->kind == KM_MARSHAL_OTHER;
}

/* Reads the object that a reference names, without the items of a container. */
static int follow(km_marshal_reader *reader, km_marshal_object *object)
{
	uint32_t offset = object->offset;
	uint64_t number;

	if (take_number(reader, 4, &number))
		return KM_EINVAL;
	if (number >= reader->slot_count)
		return km_marshal_reader_fail(reader, offset, "a reference to nothing");
	const km_marshal_slot *slot = &reader->slots[number];
	object->reference = (uint32_t)number + 1;
	if (slot->value & REMEMBERED_TUPLE) {
		object->kind = KM_MARSHAL_TUPLE;
		object->again = true;
		return 0;
	}
	uint32_t behind = reader->at;
	reader->at = slot->offset;
	unsigned char code = reader->bytes[reader->at++] & (unsigned char)~FLAG_REFERENCE;
	int result = take_body(reader, code, object);
	reader->at = behind;
	object->offset = offset;
	object->again = is_container(object);
	return result;
}

int km_marshal_reader_next(km_marshal_reader *reader, km_marshal_object *object)
{
	*object = (km_marshal_object){.offset = reader->at};
	const unsigned char *at = take(reader, 1);

	if (!at)
		return KM_EINVAL;
	unsigned char code = *at & (unsigned char)~FLAG_REFERENCE;
	if (code == 'r')
		return follow(reader, object);
	int result = take_body(reader, code, object);
	if (!result && !reader->returns_to && *at & FLAG_REFERENCE && !is_singleton(object)) {
		result = add_slot(reader, object->offset);
		object->reference = reader->slot_count;
	}
	return result;
}

int km_marshal_reader_go_back(km_marshal_reader *reader, const km_marshal_object *object)
{
	km_marshal_object same;

	if (reader->returns_to)
		return km_marshal_reader_fail(reader, object->offset,
					      "a reference inside an object that is referred to");
	reader->returns_to = reader->at;
	reader->at = reader->slots[object->reference - 1].offset;
	return km_marshal_reader_next(reader, &same);
}

void km_marshal_reader_return(km_marshal_reader *reader)
{
	reader->at = reader->returns_to;
	reader->returns_to = 0;
}

void km_marshal_reader_remember(km_marshal_reader *reader, const km_marshal_object *object,
				uint32_t value)
{
	if (object->kind == KM_MARSHAL_TUPLE)
		value |= REMEMBERED_TUPLE;
	if (object->reference)
		reader->slots[object->reference - 1].value = value;
}

uint32_t km_marshal_reader_recall(const km_marshal_reader *reader, const km_marshal_object *object)
{
	if (!object->reference)
		return 0;
	return reader->slots[object->reference - 1].value & ~(uint32_t)REMEMBERED_TUPLE;
}

void km_marshal_reader_forget(km_marshal_reader *reader)
{
	reader->slot_count = 0;
}

static int skip(km_marshal_reader *reader, int depth, bool *end)
{
	km_marshal_object object;
	int result = km_marshal_reader_next(reader, &object);
	bool last = false;

	*end = !result && object.kind == KM_MARSHAL_END;
	if (result || object.again || !is_container(&object))
		return result;
	if (depth == MOST_NESTED)
		return km_marshal_reader_fail(reader, object.offset,
					      "objects are nested too deeply");
	if (object.kind == KM_MARSHAL_DICT) {
		while (!result && !last)
			result = skip(reader, depth + 1, &last);
		return result;
	}
	for (uint32_t i = 0; i < object.count && !result; i++)
		result = skip(reader, depth + 1, &last);
	return result;
}

int km_marshal_reader_skip(km_marshal_reader *reader)
{
	bool end;

	return skip(reader, 0, &end);
}
