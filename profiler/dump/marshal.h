/* Python's marshal format, written through a buffer of fixed size. Only plain type codes: they load
 * in every version of Python. */
#ifndef KM_DUMP_MARSHAL_H
#define KM_DUMP_MARSHAL_H

#include <komori/base.h>
#include <stdbool.h>

enum { KM_MARSHAL_BUFFER = 1 << 16 };

/* The first failure is kept in `error`; what follows does nothing. */
typedef struct km_marshal {
	int fd;
	int error; /* errno, 0 while all is well */
	size_t used;
	unsigned char bytes[KM_MARSHAL_BUFFER];
} km_marshal;

void km_marshal_init(km_marshal *out, int fd);
/* Key and value follow each other up to the end. */
void km_marshal_dict(km_marshal *out);
void km_marshal_dict_end(km_marshal *out);
/* `count` objects follow. */
void km_marshal_tuple(km_marshal *out, uint32_t count);
void km_marshal_none(km_marshal *out);
void km_marshal_int(km_marshal *out, int64_t value);
void km_marshal_unsigned(km_marshal *out, uint64_t value);
/* What is not finite becomes 0: a reader sorts and adds these numbers. */
void km_marshal_float(km_marshal *out, double value);
/* A str. Bytes that are not UTF-8 become the surrogates of Python's surrogateescape. */
void km_marshal_text(km_marshal *out, const char *text);
/* `size` bytes follow through km_marshal_raw_*; more than 2^31 - 1 is EFBIG. */
void km_marshal_bytes(km_marshal *out, uint64_t size);
void km_marshal_raw_u32(km_marshal *out, uint32_t value); /* little-endian */
void km_marshal_raw_u64(km_marshal *out, uint64_t value);
/* Writes what is buffered. Returns `error`. */
int km_marshal_flush(km_marshal *out);

#endif
