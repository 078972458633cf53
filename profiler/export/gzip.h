/* A gzip stream (RFC 1952) in front of an export's output. */
#ifndef KM_EXPORT_GZIP_H
#define KM_EXPORT_GZIP_H

#include "profiler/export/out.h"

typedef struct km_gzip {
	km_buffer plain; /* what is not compressed yet: append to it, and drain now and then */
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

/* Compresses what waits and ends the stream, after a failed init too. */
void km_gzip_finish(km_gzip *gzip);

#endif
