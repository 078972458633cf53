/* What the writers of all formats share: output through a buffer, and how numbers stand in it. */
#ifndef KM_EXPORT_OUT_H
#define KM_EXPORT_OUT_H

#include "framework/base/buffer.h"
#include "framework/base/decimal.h"

/* Zero-initialised but for `fd`. The first failure is kept in `error`; what follows does nothing.
 */
typedef struct km_export_out {
	km_buffer text; /* what is not written yet */
	int fd;
	int error; /* errno, 0 while all is well */
} km_export_out;

enum { KM_EXPORT_OUT_SIZE = 1 << 16 };

/* Writes all that waits. */
void km_export_out_flush(km_export_out *out);
/* Writes what waits once it is much: to be called after each record. */
static inline void km_export_out_drain(km_export_out *out)
{
	if (out->text.len >= KM_EXPORT_OUT_SIZE || out->text.failed)
		km_export_out_flush(out);
}

/* Names that the viewer's bodies use until they write JSON with json_writer. */
#define km_export_number km_decimal_append
#define km_export_line	 km_decimal_append_signed
#define km_export_float	 km_decimal_append_double

/* UTF-8: a byte that is none becomes U+FFFD. */
void km_export_utf8(km_buffer *out, km_str text);

#endif
