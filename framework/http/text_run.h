/* Where text ends: the loop that every byte of a head goes through. */
#ifndef KM_HTTP_TEXT_RUN_H
#define KM_HTTP_TEXT_RUN_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Returns the first byte in [at, end) that no field value holds, or `end`. Those are the control
 * bytes except tab (RFC 9110 section 5.5). */
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

#endif
