/* Signals that are to do nothing. */
#ifndef KM_MASTER_DISREGARD_H
#define KM_MASTER_DISREGARD_H

/* Catches a signal without effect. Not SIG_IGN, which programs that are started would inherit. */
void km_signal_disregard(int number);

#endif
