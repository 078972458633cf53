/* Signals that are to do nothing. */
#ifndef KM_BASE_SIGNAL_H
#define KM_BASE_SIGNAL_H

/* Catches a signal without effect. Not SIG_IGN, which programs that are started would inherit. */
void km_signal_ignore(int number);

#endif
