#include "framework/http/body_decoder.h"

#include "framework/http/field.h"
#include "framework/http/percent.h"

/* Each state names what comes next. */
enum state {
	FIXED,	       /* Content-Length bytes */
	SIZE,	       /* digits of the chunk size */
	SIZE_BLANK,    /* blanks before an extension's semicolon */
	EXTENSION,     /* up to CR */
	SIZE_LF,       /* LF of the size line */
	CHUNK,	       /* chunk data */
	CHUNK_CR,      /* CR after it */
	CHUNK_LF,      /* LF after it */
	TRAILER,       /* a field, or the last CRLF */
	TRAILER_NAME,  /* up to the colon */
	TRAILER_VALUE, /* up to CR */
	TRAILER_LF,    /* LF of a field */
	LAST_LF,       /* LF of the last empty line */
	END,
};

enum { MAX_SIZE_DIGITS = 16, MAX_OVERHEAD = 8192, MAX_TRAILERS = 100 };

int km_http_body_init(km_http_body_decoder *decoder, const km_http_request *request, size_t max)
{
	*decoder = (km_http_body_decoder){.max = max};
	if (request->chunked) {
		decoder->state = SIZE;
		return 0;
	}
	if (request->content_length <= 0) {
		decoder->state = END;
		return 0;
	}
	decoder->state = FIXED;
	decoder->left = (uint64_t)request->content_length;
	return decoder->left > decoder->max ? 413 : 0;
}

static bool is_text(unsigned char byte)
{
	return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

/* Moves to the state `next`, or returns 400 for a byte other than `expected`. */
static int expect(km_http_body_decoder *decoder, unsigned char byte, char expected, enum state next)
{
	if (byte != (unsigned char)expected)
		return 400;
	decoder->state = (int)next;
	return 0;
}

static int size_byte(km_http_body_decoder *decoder, unsigned char byte)
{
	int value = km_http_hex_value((char)byte);

	if (value >= 0) {
		/* 16 digits fill 64 bits: the shift cannot overflow. */
		if (++decoder->digits > MAX_SIZE_DIGITS)
			return 400;
		decoder->left = decoder->left << 4 | (unsigned)value;
		return 0;
	}
	if (decoder->digits == 0)
		return 400;
	if (byte == ';')
		decoder->state = EXTENSION;
	else if (byte == ' ' || byte == '\t')
		decoder->state = SIZE_BLANK;
	else
		return expect(decoder, byte, '\r', SIZE_LF);
	return 0;
}

static int end_of_size(km_http_body_decoder *decoder, unsigned char byte)
{
	if (byte != '\n')
		return 400;
	decoder->digits = 0;
	decoder->state = decoder->left ? CHUNK : TRAILER;
	if (decoder->left > decoder->max - decoder->total)
		return 413;
	decoder->total += decoder->left;
	return 0;
}

static int trailer_start(km_http_body_decoder *decoder, unsigned char byte)
{
	if (byte == '\r') {
		decoder->state = LAST_LF;
		return 0;
	}
	if (!km_http_tchar[byte])
		return 400;
	if (++decoder->trailers > MAX_TRAILERS)
		return 431;
	decoder->state = TRAILER_NAME;
	return 0;
}

static int trailer_name(km_http_body_decoder *decoder, unsigned char byte)
{
	if (byte == ':')
		decoder->state = TRAILER_VALUE;
	else if (!km_http_tchar[byte])
		return 400;
	return 0;
}

/* Reads text up to CR: an extension or a trailer's value. */
static int text_byte(km_http_body_decoder *decoder, unsigned char byte, enum state next)
{
	return is_text(byte) ? 0 : expect(decoder, byte, '\r', next);
}

/* Reads one byte of framing. */
static int framing_byte(km_http_body_decoder *decoder, unsigned char byte)
{
	switch ((enum state)decoder->state) {
	case SIZE:
		return size_byte(decoder, byte);
	case SIZE_BLANK:
		return byte == ' ' || byte == '\t' ? 0 : expect(decoder, byte, ';', EXTENSION);
	case EXTENSION:
		return text_byte(decoder, byte, SIZE_LF);
	case SIZE_LF:
		return end_of_size(decoder, byte);
	case CHUNK_CR:
		return expect(decoder, byte, '\r', CHUNK_LF);
	case CHUNK_LF:
		return expect(decoder, byte, '\n', SIZE);
	case TRAILER:
		return trailer_start(decoder, byte);
	case TRAILER_NAME:
		return trailer_name(decoder, byte);
	case TRAILER_VALUE:
		return text_byte(decoder, byte, TRAILER_LF);
	case TRAILER_LF:
		return expect(decoder, byte, '\n', TRAILER);
	case LAST_LF:
		return expect(decoder, byte, '\n', END);
	case FIXED:
	case CHUNK:
	case END:
		break;
	}
	return 400;
}

/* Whether the byte counts as overhead, which is bounded for the whole body: extensions and trailers
 * carry nothing. A size takes at most 20 bytes, and its chunk carries at least one byte of the
 * body, which has its own bound. */
static bool is_overhead(int state)
{
	return state == SIZE_BLANK || state == EXTENSION || (state >= TRAILER && state < LAST_LF);
}

static void take(km_str *input, size_t count)
{
	input->ptr += count;
	input->len -= count;
}

static int data_run(km_http_body_decoder *decoder, km_str *input, km_str *data)
{
	size_t run = decoder->left < input->len ? (size_t)decoder->left : input->len;

	*data = (km_str){input->ptr, run};
	take(input, run);
	decoder->left -= run;
	if (decoder->left == 0)
		decoder->state = decoder->state == FIXED ? END : CHUNK_CR;
	return KM_HTTP_BODY_DATA;
}

int km_http_body_next(km_http_body_decoder *decoder, km_str *input, km_str *data)
{
	while (decoder->state != END) {
		if (input->len == 0)
			return KM_HTTP_BODY_MORE;
		if (decoder->state == FIXED || decoder->state == CHUNK)
			return data_run(decoder, input, data);
		int status = framing_byte(decoder, (unsigned char)input->ptr[0]);
		if (status)
			return status;
		take(input, 1);
		if (is_overhead(decoder->state) && ++decoder->overhead > MAX_OVERHEAD)
			return decoder->state < TRAILER ? 400 : 431;
	}
	return KM_HTTP_BODY_END;
}
