/* Numbers in the columns of a listing, as Python's % operator prints them. */
#ifndef KM_REPORT_NUMBER_TEXT_H
#define KM_REPORT_NUMBER_TEXT_H

#include "framework/base/buffer.h"

/* "%8.3f". The decimal point is that of the thread's locale only where the value is past 10^9 or
 * lies at a tie between two texts. */
void km_number_append_seconds(km_buffer *out, double seconds);
/* Right-aligned as pstats' ncalls, in a width up to 20: "5/1" when calls and primitive calls
 * differ. */
void km_number_append_calls(km_buffer *out, uint64_t calls, uint64_t primitive_calls, size_t width);

#endif
