#ifndef SUBJECT_H
#define SUBJECT_H

#include <stdint.h>

typedef struct subject_address {
	const char *name; /* NULL after the last */
	void *address;
} subject_address;

const subject_address *subject_addresses(void);

#endif
