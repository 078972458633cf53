/* Where text and names end: the loops that every byte of a head goes through. */
#ifndef KM_HTTP_TEXT_RUN_H
#define KM_HTTP_TEXT_RUN_H

#include "framework/http/field.h"

#ifdef __SSE2__
#include <emmintrin.h>

/* 0xff for each byte in [first, last]. */
static inline __m128i km_http_between(__m128i bytes, char first, char last)
{
	__m128i above = _mm_sub_epi8(bytes, _mm_set1_epi8(first));

	return _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8((char)(last - first))), above);
}

/* The bytes of a text of 1 to 16, in some order, some of them more than once. */
static inline __m128i km_http_load_short(const char *at, size_t len)
{
	uint64_t first, last;
	uint32_t begin, end;

	if (len >= 8) {
		memcpy(&first, at, 8);
		memcpy(&last, at + len - 8, 8);
		return _mm_set_epi64x((long long)last, (long long)first);
	}
	if (len >= 4) {
		memcpy(&begin, at, 4);
		memcpy(&end, at + len - 4, 4);
		return _mm_set1_epi64x((long long)(begin | (uint64_t)end << 32));
	}
	uint32_t all = (unsigned char)at[0] | (uint32_t)(unsigned char)at[len / 2] << 8 |
		       (uint32_t)(unsigned char)at[len - 1] << 16;
	return _mm_set1_epi32((int)(all | all << 24));
}

/* The next bytes of a text of `len` of which `done`, a multiple of 16, were looked at. */
static inline __m128i km_http_load(const char *text, size_t len, size_t done)
{
	if (len - done < 16)
		return km_http_load_short(text + done, len - done);
	return _mm_loadu_si128((const __m128i *)(const void *)(text + done));
}
#endif

/* The first byte in [at, end) that no field value holds (RFC 9110 section 5.5), which are the
 * control bytes but tab, or `end`. */
static inline const char *km_http_text_end(const char *at, const char *end)
{
#ifdef __SSE2__
	const __m128i last_control = _mm_set1_epi8(0x1f), tab = _mm_set1_epi8('\t'),
		      del = _mm_set1_epi8(0x7f);

	for (; end - at >= 16; at += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		__m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
		__m128i found = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), control),
					     _mm_cmpeq_epi8(bytes, del));
		int bits = _mm_movemask_epi8(found);
		if (bits)
			return at + __builtin_ctz((unsigned)bits);
	}
#endif
	for (; at < end; at++) {
		unsigned char byte = (unsigned char)*at;
		if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
			break;
	}
	return at;
}

/* The first byte in [at, end) that is no tchar, or `end`: behind the name of a field that is well
 * formed stands its colon. */
static inline const char *km_http_name_end(const char *at, const char *end)
{
#ifdef __SSE2__
	/* Letters, digits and "-", which nearly all names consist of. */
	for (; end - at >= 16; at += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		__m128i letters =
			km_http_between(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z');
		__m128i others = _mm_or_si128(km_http_between(bytes, '0', '9'),
					      _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-')));
		unsigned bits = (unsigned)_mm_movemask_epi8(_mm_or_si128(letters, others));
		if (bits != 0xffff) {
			at += __builtin_ctz(~bits);
			break;
		}
	}
#endif
	while (at < end && km_http_tchar[(unsigned char)*at])
		at++;
	return at;
}

#endif
