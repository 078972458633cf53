/* Help texts of the browser's commands, as in Lib/pstats.py and Lib/cmd.py. */
#ifndef KOMORI_BROWSER_HELP_H
#define KOMORI_BROWSER_HELP_H

/* Prints help for a command, or the list of commands for "". */
void print_browser_help(const char *topic);
/* Returns the command at `index`, from 0 in alphabetical order, or NULL behind the last. */
const char *browser_command_name(unsigned index);

#endif
