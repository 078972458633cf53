/* Prints numbers in the columns of a listing as Python's % operator does. */
#ifndef KM_REPORT_NUMBER_TEXT_H
#define KM_REPORT_NUMBER_TEXT_H

#include "framework/base/buffer.h"

/* Appends "%8.3f". Uses the decimal point of the thread's locale only for values past 10^9 and for
 * ties between two texts. */
void km_number_append_seconds(km_buffer *out, double seconds);
/* Appends pstats' ncalls right-aligned in a width up to 20: "5/1" when calls and primitive calls
 * differ. */
void km_number_append_calls(km_buffer *out, uint64_t calls, uint64_t primitive_calls, size_t width);

#endif
