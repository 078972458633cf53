#include "profiler/diff/budget.h"

#include "profiler/report/function_text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static km_str trim(km_str text)
{
	while (text.len && isspace((unsigned char)text.ptr[0])) {
		text.ptr++;
		text.len--;
	}
	while (text.len && isspace((unsigned char)text.ptr[text.len - 1]))
		text.len--;
	return text;
}

static bool read_metric(km_budget *budget, km_str text)
{
	text = trim(text);
	budget->may_be_gone = text.len && text.ptr[text.len - 1] == '?';
	text.len -= budget->may_be_gone;
	text = trim(text);
	for (km_diff_key key = 0; key < KM_DIFF_NAME; key++) {
		if (km_str_equal(text, km_str_from(km_diff_keys[key]))) {
			budget->metric = key;
			return true;
		}
	}
	return false;
}

/* `text` ends the budget, so strtold cannot read past it. */
static bool read_value(km_budget *budget, km_str text)
{
	char *end;

	text = trim(text);
	if (!text.len)
		return false;
	bool sign = text.ptr[0] == '+' || text.ptr[0] == '-';
	if (!isdigit((unsigned char)text.ptr[sign]) && text.ptr[sign] != '.')
		return false;
	budget->value = strtold(text.ptr, &end);
	budget->relative = sign;
	if (sign) {
		budget->value /= 100;
		if (*end++ != '%')
			return false;
	}
	return end == text.ptr + text.len && isfinite(budget->value);
}

/* Returns what is wrong, or NULL. The operator is the last "<" or ">", because names and regular
 * expressions may contain others. */
static const char *read_parts(km_budget *budget, km_str text, km_str *function)
{
	const char *colon = memchr(text.ptr, ':', text.len), *sign = NULL;

	for (const char *at = text.ptr; at < text.ptr + text.len; at++) {
		if (*at == '<' || *at == '>')
			sign = at;
	}
	if (!colon || !read_metric(budget, (km_str){text.ptr, (size_t)(colon - text.ptr)}))
		return "must start with calls:, primcalls:, tottime: or cumtime:";
	if (!sign || sign < colon)
		return "needs an operator: >, >=, < or <=";
	budget->less = *sign == '<';
	budget->or_equal = sign[1] == '=';
	const char *value = sign + 1 + budget->or_equal;
	*function = trim((km_str){colon + 1, (size_t)(sign - colon - 1)});
	if (!function->len)
		return "needs a function";
	if (!read_value(budget, (km_str){value, (size_t)(text.ptr + text.len - value)}))
		return "must end with a number, or with +N% or -N%";
	return NULL;
}

/* An invalid regular expression is not an error yet: a function may have that name. */
static int read_regex(km_budget *budget)
{
	int result = km_python_regex_new(&budget->regex, km_str_from(budget->function),
					 budget->problem, sizeof budget->problem);

	return result == KM_EINVAL ? 0 : result;
}

int km_budget_init(km_budget *budget, const char *text, char *error, size_t error_size)
{
	km_str function;

	*budget = (km_budget){0};
	const char *problem = read_parts(budget, km_str_from(text), &function);
	if (problem) {
		snprintf(error, error_size, "\"%.80s\" %s", text, problem);
		return KM_EINVAL;
	}
	budget->function = strndup(function.ptr, function.len);
	int result = budget->function ? read_regex(budget) : KM_ENOMEM;
	if (result) {
		snprintf(error, error_size, "%s", km_strerror(result));
		km_budget_finish(budget);
	}
	return result;
}

void km_budget_finish(km_budget *budget)
{
	free(budget->function);
	km_python_regex_free(budget->regex);
}

typedef enum match_by { BY_NAME, BY_LABEL, BY_REGEX, MATCH_BY_COUNT } match_by;

static bool matches(const km_budget *budget, const km_diff_item *item, match_by by)
{
	switch (by) {
	case BY_NAME:
		return strcmp(item->function->name, budget->function) == 0;
	case BY_LABEL:
		return strcmp(item->label.ptr, budget->function) == 0;
	default:
		return budget->regex && km_python_regex_search(budget->regex, item->label);
	}
}

static bool is_gone(const km_budget *budget, const km_diff_item *item)
{
	return !item->in_after && !budget->may_be_gone;
}

static bool fails(const km_budget *budget, const km_diff_item *item)
{
	long double after = km_diff_number(&item->after, budget->metric), bound = budget->value;

	if (is_gone(budget, item))
		return true;
	if (budget->relative)
		bound = km_diff_number(&item->before, budget->metric) * (1 + budget->value);
	if (after == bound)
		return budget->or_equal;
	return budget->less ? after < bound : after > bound;
}

static void put_number(km_buffer *out, const km_stats_numbers *numbers, km_diff_key metric)
{
	bool is_time = metric == KM_DIFF_TOTTIME || metric == KM_DIFF_CUMTIME;

	km_buffer_printf(out, is_time ? "%.6Lf s" : "%.0Lf", km_diff_number(numbers, metric));
}

static void put_budget(km_buffer *out, const km_budget *budget)
{
	km_buffer_printf(out, "%s%s:", km_diff_keys[budget->metric],
			 budget->may_be_gone ? "?" : "");
	km_plain_append(out, budget->function, 0);
	km_buffer_printf(out, " %s%s ", budget->less ? "<" : ">", budget->or_equal ? "=" : "");
	if (budget->relative)
		km_buffer_printf(out, "%+.10Lg%%", 100 * budget->value);
	else
		km_buffer_printf(out, "%.10Lg", budget->value);
}

static void put_failure(km_buffer *out, const km_budget *budget, const km_diff_item *item)
{
	put_budget(out, budget);
	km_buffer_text(out, ": ");
	km_plain_append(out, item->label.ptr, 0);
	km_buffer_text(out, ": ");
	if (is_gone(budget, item)) {
		km_buffer_printf(
			out, "only BEFORE has this function; %s?:", km_diff_keys[budget->metric]);
		km_plain_append(out, budget->function, 0);
		km_buffer_text(out, " allows that\n");
		return;
	}
	put_number(out, &item->before, budget->metric);
	km_buffer_text(out, " -> ");
	put_number(out, &item->after, budget->metric);
	km_buffer_char(out, '\n');
}

int km_budget_check(const km_budget *budget, const km_diff *diff, km_buffer *lines)
{
	bool found = false;

	for (match_by by = BY_NAME; by < MATCH_BY_COUNT && !found; by++) {
		for (uint32_t i = 0; i < diff->functions.count; i++) {
			const km_diff_item *item = &diff->functions.items[i];
			if (!matches(budget, item, by))
				continue;
			found = true;
			if (fails(budget, item))
				put_failure(lines, budget, item);
		}
	}
	return !found ? KM_EINVAL : lines->failed ? KM_ENOMEM : 0;
}
