/* What the browser says about its commands: the words of Lib/pstats.py and Lib/cmd.py. */
#ifndef KOMORI_BROWSER_HELP_H
#define KOMORI_BROWSER_HELP_H

/* `topic` is "" for the list of commands. */
void print_browser_help(const char *topic);
/* In the order of the alphabet, `index` from 0; NULL behind the last. */
const char *browser_command_name(unsigned index);

#endif
