/* What recording one call costs on this machine. */
#ifndef KM_RECORD_PROBE_COST_H
#define KM_RECORD_PROBE_COST_H

/* Seconds that a recorded call takes longer than an unrecorded one: two reads of the clock, which
 * is what a stub comes down to. Measured once, in well under a millisecond; later calls return the
 * same. Not thread-safe. */
double km_probe_cost_seconds(void);

#endif
