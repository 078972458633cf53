/* A child that is forked in the middle of a shared recording: the recording stays the parent's. */
#ifndef KM_RECORD_FORKED_H
#define KM_RECORD_FORKED_H

/* From now on fork() gives the child a private copy of the open frames, at the address of the
 * shared recorder, so that they return and what they call is recorded apart. Idempotent,
 * thread-safe. _Fork and clone know nothing of it: a child of theirs has to exec. */
void km_forked_watch(void);

#endif
