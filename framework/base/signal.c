#include "framework/base/signal.h"

#include <signal.h>

static void do_nothing(int number)
{
	(void)number;
}

void km_signal_ignore(int number)
{
	const struct sigaction action = {.sa_handler = do_nothing, .sa_flags = SA_RESTART};

	sigaction(number, &action, NULL);
}
