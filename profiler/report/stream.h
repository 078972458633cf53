/* Writes the text of a report to a stream in large pieces. */
#ifndef KM_REPORT_STREAM_H
#define KM_REPORT_STREAM_H

#include "framework/base/buffer.h"

#include <stdio.h>

enum { KM_STREAM_SIZE = 1 << 16 };

/* Writes `text` and clears it, once it has `least` bytes: KM_STREAM_SIZE after each line, 0 at the
 * end. KM_ENOMEM when the buffer failed, KM_EIO with errno. */
int km_stream_drain(FILE *stream, km_buffer *text, size_t least);

#endif
