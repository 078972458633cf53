/* A function that is defined in a header. */
#ifndef SUBJECT_HELPER_H
#define SUBJECT_HELPER_H

static __attribute__((noinline)) void *in_header(void)
{ /* in_header: the line of the name is one above */
	return HERE();
}

#endif
