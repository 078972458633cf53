/* Reads objects of Python's marshal format from memory that may be hostile: the forms that Python
 * 3.8 and later write in versions 2 to 5 (CPython Python/marshal.c). The reader builds nothing. A
 * container reports how many objects follow, and the reader keeps eight bytes for each object that
 * the stream may refer to. */
#ifndef KM_DUMP_MARSHAL_READER_H
#define KM_DUMP_MARSHAL_READER_H

#include <komori/base.h>
#include <stdbool.h>

typedef enum km_marshal_kind {
	KM_MARSHAL_END, /* of a dict */
	KM_MARSHAL_NONE,
	KM_MARSHAL_INT,
	KM_MARSHAL_FLOAT,
	KM_MARSHAL_TEXT,
	KM_MARSHAL_TUPLE,
	KM_MARSHAL_DICT,
	KM_MARSHAL_OTHER, /* well-formed, but not part of a profile: True, an ellipsis */
} km_marshal_kind;

typedef enum km_marshal_encoding {
	KM_MARSHAL_UTF8, /* with surrogates */
	KM_MARSHAL_LATIN1,
	KM_MARSHAL_RAW, /* bytes */
} km_marshal_encoding;

typedef struct km_marshal_object {
	km_marshal_kind kind;
	uint32_t offset;    /* of its first byte; of a reference to it, that of the reference */
	uint32_t reference; /* the same number for each reference to it; 0: none can follow */
	/* A reference to a container: its items do not follow. km_marshal_reader_go_back reads them
	 * again. When the container has a remembered value, only the kind is set. */
	bool again;
	bool negative; /* an int */
	km_marshal_encoding encoding;
	union {
		uint64_t magnitude; /* of an int */
		double real;
		km_str text;	/* as stored, in the memory that is read */
		uint32_t count; /* items that a tuple claims; the file may end before */
	};
} km_marshal_object;

typedef struct km_marshal_slot {
	uint32_t offset; /* of the object */
	uint32_t value;	 /* remembered; marked when the object is a tuple */
} km_marshal_slot;

typedef struct km_marshal_reader {
	const unsigned char *bytes;
	uint32_t size, at;
	uint32_t returns_to;	/* position behind the reference that go_back follows; 0: none */
	km_marshal_slot *slots; /* objects with a reference flag */
	uint32_t slot_count, slot_capacity;
	char error[160]; /* of the first failure: "byte 12: ..." */
} km_marshal_reader;

/* Borrows the bytes, at most UINT32_MAX of them. */
void km_marshal_reader_init(km_marshal_reader *reader, const void *bytes, uint32_t size);
void km_marshal_reader_finish(km_marshal_reader *reader);
/* Reads the next object. KM_EINVAL and KM_ENOMEM set `error`. */
int km_marshal_reader_next(km_marshal_reader *reader, km_marshal_object *object);
/* Continues with the items of the container that `object` refers to. After the last item,
 * km_marshal_reader_return continues behind the reference. KM_EINVAL inside another go_back. */
int km_marshal_reader_go_back(km_marshal_reader *reader, const km_marshal_object *object);
void km_marshal_reader_return(km_marshal_reader *reader);
/* Stores a number below 2^30 for an object with a reference; without one, recall returns 0. */
void km_marshal_reader_remember(km_marshal_reader *reader, const km_marshal_object *object,
				uint32_t value);
uint32_t km_marshal_reader_recall(const km_marshal_reader *reader, const km_marshal_object *object);
/* Forgets all references, between two top-level objects. */
void km_marshal_reader_forget(km_marshal_reader *reader);
/* Sets `error` to "byte OFFSET: ..." unless it is set already; returns KM_EINVAL. */
int km_marshal_reader_fail(km_marshal_reader *reader, uint32_t offset, const char *format, ...)
	KM_PRINTF(3, 4);
/* Fails because only Python 2 writes the form at `offset`. */
int km_marshal_reader_fail_python2(km_marshal_reader *reader, uint32_t offset);
/* Skips the next object and everything inside it. KM_EINVAL also when it is nested too deep. */
int km_marshal_reader_skip(km_marshal_reader *reader);

#endif
