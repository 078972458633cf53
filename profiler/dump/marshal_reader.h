/* Objects of Python's marshal format, one after the other from memory that nobody vouches for: what
 * versions 0 to 5 write (CPython Python/marshal.c), Python 2's too. Nothing is built: a container
 * says how many objects follow, and the reader keeps eight bytes for each object that the stream
 * may come back to. */
#ifndef KM_DUMP_MARSHAL_READER_H
#define KM_DUMP_MARSHAL_READER_H

#include <komori/base.h>
#include <locale.h>
#include <stdbool.h>

typedef enum km_marshal_kind {
	KM_MARSHAL_END, /* of a dict */
	KM_MARSHAL_NONE,
	KM_MARSHAL_INT,
	KM_MARSHAL_FLOAT,
	KM_MARSHAL_TEXT,
	KM_MARSHAL_TUPLE,
	KM_MARSHAL_DICT,
	KM_MARSHAL_OTHER, /* well-formed, but nothing that a profile holds: true, an ellipsis */
} km_marshal_kind;

typedef enum km_marshal_encoding {
	KM_MARSHAL_UTF8, /* with surrogates */
	KM_MARSHAL_LATIN1,
	KM_MARSHAL_RAW, /* bytes, and what was a str in Python 2 */
} km_marshal_encoding;

typedef struct km_marshal_object {
	km_marshal_kind kind;
	uint32_t offset; /* where it starts; of a reference to it, where that starts */
	/* Under which number it can be met again, the same each time; 0 when it cannot. */
	uint32_t reference;
	/* A container that is met again: its items do not follow. km_marshal_reader_go_back reads
	 * them once more. Of one that something was remembered of, only the kind is there. */
	bool again;
	bool negative; /* an int */
	km_marshal_encoding encoding;
	union {
		uint64_t magnitude; /* of an int */
		double real;
		km_str text;	/* as stored, in the memory that is read */
		uint32_t count; /* items of a tuple, as it says: there may be fewer */
	};
} km_marshal_object;

typedef struct km_marshal_slot {
	uint32_t offset; /* of the object */
	uint32_t value;	 /* what was remembered of it; a tuple is marked */
} km_marshal_slot;

typedef struct km_marshal_slots {
	km_marshal_slot *slots;
	uint32_t count, capacity;
} km_marshal_slots;

typedef struct km_marshal_reader {
	const unsigned char *bytes;
	uint32_t size, at;
	uint32_t returns_to; /* while items are read again: where to go on; 0 while they are not */
	km_marshal_slots flagged, interned; /* objects with a reference flag; Python 2's strings */
	locale_t c_locale;		    /* made for the first float that is text */
	char error[160];		    /* of the first failure: "byte 12: ..." */
} km_marshal_reader;

/* Borrows the bytes, at most UINT32_MAX of them. */
void km_marshal_reader_init(km_marshal_reader *reader, const void *bytes, uint32_t size);
void km_marshal_reader_finish(km_marshal_reader *reader);
/* The next object. KM_EINVAL when what stands there is none, KM_ENOMEM; both with `error`. */
int km_marshal_reader_next(km_marshal_reader *reader, km_marshal_object *object);
/* Reads on with the items of a container that was met again; after the last of them
 * km_marshal_reader_return goes on behind the reference. Not while that is done already: KM_EINVAL.
 */
int km_marshal_reader_go_back(km_marshal_reader *reader, const km_marshal_object *object);
void km_marshal_reader_return(km_marshal_reader *reader);
/* A number, below 2^30, kept for an object with a reference; 0 while none is. */
void km_marshal_reader_remember(km_marshal_reader *reader, const km_marshal_object *object,
				uint32_t value);
uint32_t km_marshal_reader_recall(const km_marshal_reader *reader, const km_marshal_object *object);
/* References of one object on top do not reach into another: between two of them. */
void km_marshal_reader_forget(km_marshal_reader *reader);
/* Sets `error` to "byte OFFSET: ..." when there is none yet; returns KM_EINVAL. */
int km_marshal_reader_fail(km_marshal_reader *reader, uint32_t offset, const char *format, ...)
	KM_PRINTF(3, 4);
/* Skips the next object with all that it holds. KM_EINVAL, also when it is nested too deep. */
int km_marshal_reader_skip(km_marshal_reader *reader);

#endif
