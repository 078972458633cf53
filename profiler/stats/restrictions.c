#include "profiler/stats/restrictions.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

/* Reads digits with an optional sign. */
static bool read_count(km_restriction *item)
{
	const char *digits = item->text.ptr + (*item->text.ptr == '-' || *item->text.ptr == '+');

	if (!*digits || digits[strspn(digits, "0123456789")])
		return false;
	item->kind = KM_RESTRICT_COUNT;
	item->negative = *item->text.ptr == '-';
	item->count = strtoull(digits, NULL, 10); /* saturates beyond the length of any list */
	if (item->negative && item->count > 0)
		snprintf(item->problem, sizeof item->problem, "a count is 0 or more");
	return true;
}

/* Reads a decimal number with a point or an exponent; "inf" and "nan" are names. */
static bool read_fraction(km_restriction *item)
{
	const char *text = item->text.ptr;
	size_t sign = *text == '-' || *text == '+';
	locale_t c_locale = newlocale(LC_NUMERIC_MASK, "C", NULL);
	char *end;

	if (!text[strcspn(text, "0123456789")] ||
	    text[sign + strspn(text + sign, "0123456789.eE+-")] || strchr("eE", text[sign]) ||
	    !c_locale) {
		if (c_locale)
			freelocale(c_locale);
		return false;
	}
	item->fraction = strtod_l(text, &end, c_locale);
	freelocale(c_locale);
	if (*end)
		return false;
	item->kind = KM_RESTRICT_FRACTION;
	if (!(item->fraction >= 0 && item->fraction < 1))
		snprintf(item->problem, sizeof item->problem,
			 "a fraction is at least 0 and below 1");
	return true;
}

static int read_item(km_restriction *item)
{
	if (read_count(item) || read_fraction(item))
		return 0;
	item->kind = KM_RESTRICT_REGEX;
	int result =
		km_python_regex_new(&item->regex, item->text, item->problem, sizeof item->problem);
	if (item->text.len == 0)
		snprintf(item->problem, sizeof item->problem, "it is empty");
	return result == KM_ENOMEM ? result : 0;
}

/* Copies `text` up to the next separator, with "\\," as a comma; returns the rest or NULL. */
static const char *split(const char *text, char *item)
{
	for (; *text && *text != ','; text++) {
		if (text[0] == '\\' && text[1] == ',')
			text++;
		*item++ = *text;
	}
	*item = '\0';
	return *text ? text + 1 : NULL;
}

int km_restrictions_append(km_restrictions *restrictions, const char *text)
{
	km_restriction item = {.text.len = strlen(text)};

	if (restrictions->count == restrictions->capacity) {
		size_t capacity = restrictions->capacity ? restrictions->capacity * 2 : 4;
		km_restriction *items = realloc(restrictions->items, capacity * sizeof *items);
		if (!items)
			return KM_ENOMEM;
		restrictions->items = items;
		restrictions->capacity = capacity;
	}
	item.text.ptr = km_arena_copy(&restrictions->texts, text, item.text.len);
	if (!item.text.ptr || read_item(&item))
		return KM_ENOMEM;
	restrictions->items[restrictions->count++] = item;
	return 0;
}

int km_restrictions_new(km_restrictions **restrictions, const char *text)
{
	km_restrictions *made = calloc(1, sizeof *made);
	char *item = malloc(text ? strlen(text) + 1 : 1);
	int result = made && item ? 0 : KM_ENOMEM;

	*restrictions = NULL;
	for (const char *at = text && *text ? text : NULL; at && !result;) {
		at = split(at, item);
		result = km_restrictions_append(made, item);
	}
	free(item);
	if (result)
		km_restrictions_free(made);
	else
		*restrictions = made;
	return result;
}

void km_restrictions_free(km_restrictions *restrictions)
{
	if (!restrictions)
		return;
	for (size_t i = 0; i < restrictions->count; i++)
		km_python_regex_free(restrictions->items[i].regex);
	free(restrictions->items);
	km_arena_finish(&restrictions->texts);
	free(restrictions);
}

int km_restrictions_fault(const km_restrictions *restrictions, char *error, size_t error_size)
{
	const km_restriction *item = restrictions->items;

	for (size_t left = restrictions->count; left > 0; left--, item++) {
		if (!*item->problem)
			continue;
		if (error)
			snprintf(
				error, error_size,
				"bad restriction '%.64s': %s; allowed are a count (30), a fraction "
				"(0.5) and a regular expression",
				item->text.ptr, item->problem);
		return KM_EINVAL;
	}
	return 0;
}

int km_restrictions_check(const char *text, char *error, size_t error_size)
{
	km_restrictions *restrictions;
	int result = km_restrictions_new(&restrictions, text);

	if (result)
		return result;
	result = km_restrictions_fault(restrictions, error, error_size);
	km_restrictions_free(restrictions);
	return result;
}
