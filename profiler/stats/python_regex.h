/* Regular expressions in the syntax of Python's `re`, searched with PCRE2. */
#ifndef KM_STATS_PYTHON_REGEX_H
#define KM_STATS_PYTHON_REGEX_H

#include <komori/base.h>
#include <stdbool.h>

typedef struct km_python_regex km_python_regex;

/* Compiles a pattern as re.compile does. KM_EINVAL when Python or PCRE2 refuses it; `problem` says
 * why. KM_ENOMEM. */
int km_python_regex_new(km_python_regex **regex, km_str pattern, char *problem,
			size_t problem_size);
/* Accepts NULL. */
void km_python_regex_free(km_python_regex *regex);
/* Returns whether regex.search(subject) finds a match. A search that takes more than ten million
 * steps finds none. */
bool km_python_regex_search(const km_python_regex *regex, km_str subject);

#endif
