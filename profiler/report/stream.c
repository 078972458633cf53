#include "profiler/report/stream.h"

int km_stream_drain(FILE *stream, km_buffer *text, size_t least)
{
	if (text->failed)
		return KM_ENOMEM;
	if (text->len < least)
		return 0;
	if (text->len && fwrite(text->data, 1, text->len, stream) != text->len)
		return KM_EIO;
	km_buffer_clear(text);
	return 0;
}
