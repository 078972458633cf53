/* Compresses an export to a gzip stream (RFC 1952). */
#ifndef KM_EXPORT_GZIP_H
#define KM_EXPORT_GZIP_H

#include "profiler/export/out.h"

typedef struct km_gzip {
	km_buffer plain; /* not compressed yet; append to it and drain */
	km_export_out *out;
	struct z_stream_s *stream;
} km_gzip;

/* KM_ENOMEM. */
int km_gzip_init(km_gzip *gzip, km_export_out *out);
void km_gzip_flush(km_gzip *gzip);
static inline void km_gzip_drain(km_gzip *gzip)
{
	if (gzip->plain.len >= KM_EXPORT_OUT_SIZE || gzip->plain.failed)
		km_gzip_flush(gzip);
}

/* Compresses the rest and ends the stream; also after a failed init. */
void km_gzip_finish(km_gzip *gzip);

#endif
