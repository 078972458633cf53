/* Regular expressions as Python's `re` reads them, searched by PCRE2. */
#ifndef KM_STATS_PYTHON_REGEX_H
#define KM_STATS_PYTHON_REGEX_H

#include <komori/base.h>
#include <stdbool.h>

typedef struct km_python_regex km_python_regex;

/* As re.compile(pattern). KM_EINVAL when Python (or PCRE2) refuses the pattern: `problem` says why.
 * KM_ENOMEM. */
int km_python_regex_new(km_python_regex **regex, km_str pattern, char *problem,
			size_t problem_size);
/* Accepts NULL. */
void km_python_regex_free(km_python_regex *regex);
/* As regex.search(subject) is not None. A pattern that takes more than ten million steps to decide
 * does not match. */
bool km_python_regex_search(const km_python_regex *regex, km_str subject);

#endif
