#include "profiler/export/gzip.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 8, STEP = 1 << 15 };

int km_gzip_init(km_gzip *gzip, km_export_out *out)
{
	*gzip = (km_gzip){.out = out, .stream = calloc(1, sizeof *gzip->stream)};
	if (!gzip->stream)
		return KM_ENOMEM;
	if (deflateInit2(gzip->stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
			 Z_DEFAULT_STRATEGY) == Z_OK)
		return 0;
	free(gzip->stream);
	gzip->stream = NULL;
	return KM_ENOMEM;
}

static void compress_rest(km_gzip *gzip, int flush)
{
	z_stream *stream = gzip->stream;

	stream->next_in = (Bytef *)gzip->plain.data;
	stream->avail_in = (uInt)gzip->plain.len;
	do {
		char *room = km_buffer_reserve(&gzip->out->text, STEP);
		if (!room) {
			gzip->out->error = ENOMEM;
			return;
		}
		stream->next_out = (Bytef *)room;
		stream->avail_out = STEP;
		deflate(stream, flush);
		gzip->out->text.len += STEP - stream->avail_out;
		km_export_out_drain(gzip->out);
	} while (stream->avail_out == 0);
}

void km_gzip_flush(km_gzip *gzip)
{
	if (gzip->plain.failed && !gzip->out->error)
		gzip->out->error = ENOMEM;
	if (!gzip->out->error)
		compress_rest(gzip, Z_NO_FLUSH);
	km_buffer_clear(&gzip->plain);
}

void km_gzip_finish(km_gzip *gzip)
{
	if (gzip->stream) {
		km_gzip_flush(gzip);
		if (!gzip->out->error)
			compress_rest(gzip, Z_FINISH);
		deflateEnd(gzip->stream);
		free(gzip->stream);
	}
	km_buffer_finish(&gzip->plain);
}
