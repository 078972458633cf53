/* Writes Python's marshal format through a buffer of fixed size, with plain type codes that every
 * version of Python loads. */
#ifndef KM_DUMP_MARSHAL_WRITER_H
#define KM_DUMP_MARSHAL_WRITER_H

#include <komori/base.h>
#include <stdbool.h>

enum { KM_MARSHAL_BUFFER = 1 << 16 };

/* After a failure, writes have no effect. */
typedef struct km_marshal_writer {
	int fd;
	int error; /* errno of the first failure, or 0 */
	size_t used;
	unsigned char bytes[KM_MARSHAL_BUFFER];
} km_marshal_writer;

void km_marshal_writer_init(km_marshal_writer *out, int fd);
/* Begins a dict: keys and values follow in turn. */
void km_marshal_write_dict(km_marshal_writer *out);
void km_marshal_write_dict_end(km_marshal_writer *out);
/* Begins a tuple: `count` objects follow. */
void km_marshal_write_tuple(km_marshal_writer *out, uint32_t count);
void km_marshal_write_none(km_marshal_writer *out);
void km_marshal_write_int(km_marshal_writer *out, int64_t value);
void km_marshal_write_unsigned(km_marshal_writer *out, uint64_t value);
/* Writes 0 for a number that is not finite, because readers sort and add these numbers. */
void km_marshal_write_float(km_marshal_writer *out, double value);
/* Writes a str. Bytes that are not UTF-8 become the surrogates of Python's surrogateescape. */
void km_marshal_write_text(km_marshal_writer *out, const char *text);
/* Begins bytes: `size` bytes follow through km_marshal_write_raw_*. EFBIG above 2^31 - 1. */
void km_marshal_write_bytes(km_marshal_writer *out, uint64_t size);
void km_marshal_write_raw_u32(km_marshal_writer *out, uint32_t value); /* little-endian */
void km_marshal_write_raw_u64(km_marshal_writer *out, uint64_t value);
/* Writes the buffer. Returns `error`. */
int km_marshal_writer_flush(km_marshal_writer *out);

#endif
