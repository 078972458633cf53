#include "profiler/stats/python_regex.h"

#include "profiler/stats/regex_translate.h"
#include "profiler/stats/text.h"

#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct km_python_regex {
	pcre2_code *code;
	pcre2_match_data *match;
};

/* Sets the newline, which otherwise depends on how PCRE2 was built: `$` then matches before a final
 * newline, and `.` matches anything but "\n", as in Python. */
static int compile(km_python_regex *regex, const km_regex_translation *translation, char *problem,
		   size_t problem_size)
{
	uint32_t options = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_BACKSLASH_C;
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	const char *pattern = translation->pattern.data ? translation->pattern.data : "";
	PCRE2_SIZE offset;
	int error;

	if (!context)
		return KM_ENOMEM;
	if (!translation->ascii)
		options |= PCRE2_UCP;
	pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALLOW_SURROGATE_ESCAPES);
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	regex->code = pcre2_compile((PCRE2_SPTR)pattern, translation->pattern.len, options, &error,
				    &offset, context);
	pcre2_compile_context_free(context);
	if (!regex->code) {
		pcre2_get_error_message(error, (PCRE2_UCHAR *)problem, problem_size);
		return error == PCRE2_ERROR_NOMEMORY ? KM_ENOMEM : KM_EINVAL;
	}
	regex->match = pcre2_match_data_create(1, NULL);
	return regex->match ? 0 : KM_ENOMEM;
}

int km_python_regex_new(km_python_regex **regex, km_str pattern, char *problem, size_t problem_size)
{
	km_regex_translation translation;
	int result;

	*regex = NULL;
	km_regex_translate(&translation, pattern);
	if (translation.problem) {
		snprintf(problem, problem_size, "%s", translation.problem);
		result = KM_EINVAL;
	} else if (translation.pattern.failed) {
		result = KM_ENOMEM;
	} else {
		*regex = calloc(1, sizeof **regex);
		result = *regex ? compile(*regex, &translation, problem, problem_size) : KM_ENOMEM;
	}
	km_buffer_finish(&translation.pattern);
	if (result) {
		km_python_regex_free(*regex);
		*regex = NULL;
	}
	return result;
}

void km_python_regex_free(km_python_regex *regex)
{
	if (!regex)
		return;
	pcre2_code_free(regex->code);
	pcre2_match_data_free(regex->match);
	free(regex);
}

static bool search(const km_python_regex *regex, const char *subject, size_t len)
{
	return pcre2_match(regex->code, (PCRE2_SPTR)subject, len, 0, PCRE2_NO_UTF_CHECK,
			   regex->match, NULL) >= 0;
}

bool km_python_regex_search(const km_python_regex *regex, km_str subject)
{
	if (km_text_is_ascii(subject))
		return search(regex, subject.ptr, subject.len);
	km_buffer text = {0};
	km_regex_append_text(&text, subject);
	bool found = !text.failed && search(regex, text.data, text.len);
	km_buffer_finish(&text);
	return found;
}
