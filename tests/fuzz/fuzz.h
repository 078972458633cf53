/* What every fuzzing target has. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* libFuzzer's entry point. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What must hold whatever the input is; ends the process with a line that says what did not. */
#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,          \
				#condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* The pieces that a stream arrives in: sizes from 1 to 256 that follow from `seed`. 0: all at once.
 */
static inline size_t fuzz_piece(uint8_t seed, size_t at, size_t left)
{
	size_t size = seed ? 1 + ((at + 1) * seed * 2654435761u >> 7) % seed : left;

	return size < left ? size : left;
}

#endif
