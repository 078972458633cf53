/* Keeps a shared recording the parent's when a child is forked in the middle of it. */
#ifndef KM_RECORD_FORKED_H
#define KM_RECORD_FORKED_H

/* Makes fork() give each child a private recorder, at the address of the shared one, that holds
 * copies of the open frames: they can return, and their further calls are recorded apart.
 * Idempotent, thread-safe. _Fork and clone do not run this code: their children have to exec. */
void km_forked_watch(void);

#endif
