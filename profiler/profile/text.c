#include "profiler/profile/text.h"

#include <errno.h>

#include "profiler/profile/error.h"

void km_text_stack_line(km_buffer *out, const km_buffer *call, unsigned times)
{
	km_buffer_printf(out, "    %s", call->data);
	if (times > 1)
		km_buffer_printf(out, ", %u times", times);
	km_buffer_char(out, '\n');
}

int km_text_write(km_buffer *text, FILE *stream)
{
	int result = 0;

	if (text->failed)
		result = km_profile_fail(KM_ENOMEM, "out of memory for the text");
	else if (!stream)
		result = km_profile_fail(KM_EINVAL, "the stream is NULL");
	else if (text->len && fwrite(text->data, 1, text->len, stream) != text->len)
		result = km_profile_fail(KM_EIO, "cannot write: %s", strerror(errno));
	km_buffer_finish(text);
	return result;
}
