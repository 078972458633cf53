/* Output of all formats, through a buffer. */
#ifndef KM_EXPORT_OUT_H
#define KM_EXPORT_OUT_H

#include "framework/base/buffer.h"
#include "framework/base/decimal.h"

/* Zero-initialised except for `fd`. After a failure, writes have no effect. */
typedef struct km_export_out {
	km_buffer text; /* not written yet */
	int fd;
	int error; /* errno of the first failure, or 0 */
} km_export_out;

enum { KM_EXPORT_OUT_SIZE = 1 << 16 };

/* Writes the whole text. */
void km_export_out_flush(km_export_out *out);
/* Writes the text once it is large; called after each record. */
static inline void km_export_out_drain(km_export_out *out)
{
	if (out->text.len >= KM_EXPORT_OUT_SIZE || out->text.failed)
		km_export_out_flush(out);
}

/* Appends UTF-8, with U+FFFD for other bytes. */
void km_export_utf8(km_buffer *out, km_str text);

#endif
