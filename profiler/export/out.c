#include "profiler/export/out.h"

#include "framework/base/unicode.h"
#include "framework/base/write_all.h"

void km_export_out_flush(km_export_out *out)
{
	if (out->text.failed && !out->error)
		out->error = ENOMEM;
	if (!out->error)
		out->error = km_write_all(out->fd, out->text.data, out->text.len);
	km_buffer_clear(&out->text);
}

static bool is_lone_byte(uint32_t character)
{
	return character >= 0xdc80 && character <= 0xdcff;
}

void km_export_utf8(km_buffer *out, km_str text)
{
	while (text.len) {
		km_str bytes = text;
		if (is_lone_byte(km_unicode_next(&text)))
			km_buffer_text(out, "\xef\xbf\xbd");
		else
			km_buffer_append(out, bytes.ptr, bytes.len - text.len);
	}
}
