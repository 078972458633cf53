#include "disregard.h"

#include <signal.h>

static void do_nothing(int number)
{
	(void)number;
}

void km_signal_disregard(int number)
{
	const struct sigaction action = {.sa_handler = do_nothing, .sa_flags = SA_RESTART};

	sigaction(number, &action, NULL);
}
