/* Makes a signal have no effect. */
#ifndef KM_BASE_SIGNAL_H
#define KM_BASE_SIGNAL_H

/* Handles the signal with an empty function. A started program would inherit SIG_IGN. */
void km_signal_ignore(int number);

#endif
