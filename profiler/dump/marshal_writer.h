/* Python's marshal format, written through a buffer of fixed size. Only plain type codes: they load
 * in every version of Python. */
#ifndef KM_DUMP_MARSHAL_WRITER_H
#define KM_DUMP_MARSHAL_WRITER_H

#include <komori/base.h>
#include <stdbool.h>

enum { KM_MARSHAL_BUFFER = 1 << 16 };

/* The first failure is kept in `error`; what follows does nothing. */
typedef struct km_marshal_writer {
	int fd;
	int error; /* errno, 0 while all is well */
	size_t used;
	unsigned char bytes[KM_MARSHAL_BUFFER];
} km_marshal_writer;

void km_marshal_writer_init(km_marshal_writer *out, int fd);
/* Key and value follow each other up to the end. */
void km_marshal_write_dict(km_marshal_writer *out);
void km_marshal_write_dict_end(km_marshal_writer *out);
/* `count` objects follow. */
void km_marshal_write_tuple(km_marshal_writer *out, uint32_t count);
void km_marshal_write_none(km_marshal_writer *out);
void km_marshal_write_int(km_marshal_writer *out, int64_t value);
void km_marshal_write_unsigned(km_marshal_writer *out, uint64_t value);
/* What is not finite becomes 0: a reader sorts and adds these numbers. */
void km_marshal_write_float(km_marshal_writer *out, double value);
/* A str. Bytes that are not UTF-8 become the surrogates of Python's surrogateescape. */
void km_marshal_write_text(km_marshal_writer *out, const char *text);
/* `size` bytes follow through km_marshal_raw_*; more than 2^31 - 1 is EFBIG. */
void km_marshal_write_bytes(km_marshal_writer *out, uint64_t size);
void km_marshal_write_raw_u32(km_marshal_writer *out, uint32_t value); /* little-endian */
void km_marshal_write_raw_u64(km_marshal_writer *out, uint64_t value);
/* Writes what is buffered. Returns `error`. */
int km_marshal_writer_flush(km_marshal_writer *out);

#endif
