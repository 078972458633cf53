/* What belongs to the process: the probe, and the table of functions. */
#ifndef KM_PROFILE_ENABLE_H
#define KM_PROFILE_ENABLE_H

#include <pthread.h>
#include <stdint.h>

/* Guards the probe, the table of functions and the keys of functions. */
extern pthread_mutex_t km_process_lock;

/* Enables the probe if no call did so before. Sets `functions` to the number of functions. Returns
 * what km_profile_enable does. */
int km_enable_once(uint32_t *functions);

#endif
