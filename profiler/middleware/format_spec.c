#include "profiler/middleware/format_spec.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "framework/base/unicode.h"

enum { MOST = 200 };

/* --- parsing (CPython Python/formatter_unicode.c, parse_internal_render_format_spec) --- */

static bool is_in(const char *set, km_str text)
{
	return text.len > 0 && *text.ptr != '\0' && strchr(set, *text.ptr) != NULL;
}

static char take(km_str *text)
{
	text->len--;
	return *text->ptr++;
}

/* Leaves `number` alone without digits. Returns false when it is above MOST. */
static bool take_number(km_str *text, int *number)
{
	bool digits = false;
	int value = 0;

	while (is_in("0123456789", *text)) {
		value = value * 10 + (take(text) - '0');
		digits = true;
		if (value > MOST)
			return false;
	}
	if (digits)
		*number = value;
	return true;
}

/* Returns whether a fill was given. */
static bool take_align(km_str *text, km_format_spec *spec)
{
	km_str rest = *text;

	if (text->len > 0)
		km_unicode_next(&rest);
	if (is_in("<>=^", rest)) {
		spec->fill = (km_str){text->ptr, text->len - rest.len};
		spec->align = take(&rest);
		*text = rest;
		return true;
	}
	if (is_in("<>=^", *text))
		spec->align = take(text);
	return false;
}

static const char *check_types(const km_format_spec *spec, bool number)
{
	if (number) {
		if (spec->type && !strchr("deEfFgGn%", spec->type))
			return "the types of a number are d e E f F g G n %";
		if (spec->type == 'd' && spec->precision >= 0)
			return "type d has no precision";
		if (spec->type == 'n' && spec->grouping)
			return "type n has no \",\" and no \"_\"";
		return NULL;
	}
	if (spec->type && spec->type != 's')
		return "the type of text is s";
	if (spec->sign || spec->grouping || spec->align == '=')
		return "text has no sign, no \",\" or \"_\", and no \"=\"";
	return NULL;
}

const char *km_format_spec_parse(km_str text, bool number, km_format_spec *spec)
{
	*spec = (km_format_spec){.fill = KM_STR(" "), .precision = -1};
	bool fill = take_align(&text, spec);
	char default_align = number ? '>' : '<';

	if (is_in("+- ", text))
		spec->sign = take(&text);
	if (!fill && is_in("0", text)) {
		take(&text);
		spec->fill = KM_STR("0");
		if (number)
			default_align = '=';
	}
	if (!spec->align)
		spec->align = default_align;
	if (!take_number(&text, &spec->width))
		return "a width is at most 200";
	if (is_in(",_", text))
		spec->grouping = take(&text);
	if (is_in(".", text)) {
		take(&text);
		if (!is_in("0123456789", text))
			return "a number follows the \".\"";
		if (!take_number(&text, &spec->precision))
			return "a precision is at most 200";
	}
	if (text.len > 0)
		spec->type = take(&text);
	if (text.len > 0)
		return "a spec is [[fill]align][sign][0][width][,][.precision][type]";
	return check_types(spec, number);
}

/* --- numbers --- */

/* Room for the longest: 309 digits, a point and MOST more. */
typedef char number_text[640];

/* Returns the exponent of a number in %e form. */
static int exponent_of(const char *text)
{
	return atoi(strchr(text, 'e') + 1);
}

static void strip_zeros(char *text)
{
	char *end = text + strlen(text);

	if (!strchr(text, '.'))
		return;
	while (end[-1] == '0')
		end--;
	*end = '\0';
}

/* Returns the fewest digits that read back as the same number. */
static int shortest_digits(double number)
{
	number_text text;
	int digits = 1;

	for (; digits < 17; digits++) {
		snprintf(text, sizeof text, "%.*e", digits - 1, number);
		if (strtod(text, NULL) >= number && strtod(text, NULL) <= number)
			break;
	}
	return digits;
}

/* Prints as repr, or with a precision as g, but with a digit after the point (CPython
 * Python/pystrtod.c, format_float_short with Py_DTSF_ADD_DOT_0). */
static void print_untyped(number_text text, int precision, double number)
{
	int digits = precision < 0 ? shortest_digits(number) : precision == 0 ? 1 : precision;
	int most = precision < 0 ? 16 : digits - 1;

	snprintf(text, sizeof(number_text), "%.*e", digits - 1, number);
	int point = exponent_of(text) + 1;
	if (point <= -4 || point > most) {
		char *e = strchr(text, 'e'), exponent[8];
		snprintf(exponent, sizeof exponent, "%s", e);
		*e = '\0';
		strip_zeros(text);
		if (text[strlen(text) - 1] == '.')
			text[strlen(text) - 1] = '\0';
		strcat(text, exponent);
		return;
	}
	snprintf(text, sizeof(number_text), "%.*f", digits > point ? digits - point : 0, number);
	strip_zeros(text);
	if (!strchr(text, '.'))
		strcat(text, ".");
	if (text[strlen(text) - 1] == '.')
		strcat(text, "0");
}

static void print_number(number_text text, const km_format_spec *spec, double number)
{
	bool percent = spec->type == '%';
	int precision = spec->type == 'd' ? 0 : spec->precision < 0 ? 6 : spec->precision;
	char type = spec->type == 'n' ? 'g' : spec->type == 'd' || percent ? 'f' : spec->type;
	const char format[] = {'%', '.', '*', type, '\0'};

	if (!type) {
		print_untyped(text, spec->precision, number);
		return;
	}
	snprintf(text, sizeof(number_text), format, precision, percent ? number * 100 : number);
	if (percent)
		strcat(text, "%");
}

/* Appends digits with separators. Zeros in front fill up to `least` characters; no separator comes
 * first (CPython Objects/stringlib/localeutil.h). */
static void append_grouped(km_buffer *out, km_str digits, char grouping, int least)
{
	size_t count = digits.len, width = count + (grouping ? (count - 1) / 3 : 0);

	while (least > 0 && width < (size_t)least) {
		count++;
		width = count + (grouping ? (count - 1) / 3 : 0);
	}
	for (size_t i = count; i > 0; i--) {
		km_buffer_char(out, i > digits.len ? '0' : digits.ptr[digits.len - i]);
		if (grouping && i > 1 && (i - 1) % 3 == 0)
			km_buffer_char(out, grouping);
	}
}

static void append_fill(km_buffer *out, km_str fill, int count)
{
	for (int i = 0; i < count; i++)
		km_buffer_append(out, fill.ptr, fill.len);
}

static void append_padded(km_buffer *out, const km_format_spec *spec, km_str sign, km_str text,
			  int length)
{
	int pad = spec->width > length ? spec->width - length : 0;
	int before = spec->align == '>' ? pad : spec->align == '^' ? pad / 2 : 0;
	int behind_sign = spec->align == '=' ? pad : 0;

	append_fill(out, spec->fill, before);
	km_buffer_append(out, sign.ptr, sign.len);
	append_fill(out, spec->fill, behind_sign);
	km_buffer_append(out, text.ptr, text.len);
	append_fill(out, spec->fill, pad - before - behind_sign);
}

static void format_number(km_buffer *out, const km_format_spec *spec, double number)
{
	number_text text;
	km_buffer grouped = {0};
	char sign = signbit(number) ? '-' : spec->sign;

	print_number(text, spec, fabs(number));
	km_str digits = {text, strspn(text, "0123456789")};
	size_t rest = strlen(text) - digits.len;
	km_str sign_text = {&sign, sign == '-' || sign == '+' || sign == ' ' ? 1 : 0};
	if (sign == '-' && !signbit(number))
		sign_text.len = 0;
	bool zeros = spec->align == '=' && km_str_equal(spec->fill, KM_STR("0"));
	append_grouped(&grouped, digits, spec->grouping,
		       zeros ? spec->width - (int)sign_text.len - (int)rest : 0);
	km_buffer_append(&grouped, text + digits.len, rest);
	if (grouped.failed)
		out->failed = 1;
	else
		append_padded(out, spec, sign_text, (km_str){grouped.data, grouped.len},
			      (int)(grouped.len + sign_text.len));
	km_buffer_finish(&grouped);
}

void km_format_number(km_buffer *out, const km_format_spec *spec, double number)
{
	/* The decimal point does not depend on the locale of the program. */
	locale_t c = newlocale(LC_NUMERIC_MASK, "C", NULL);
	locale_t before = c ? uselocale(c) : NULL;

	format_number(out, spec, number);
	if (c) {
		uselocale(before);
		freelocale(c);
	}
}

/* --- text --- */

void km_format_text(km_buffer *out, const km_format_spec *spec, km_str text)
{
	km_str rest = text;
	int length = 0;

	while (rest.len > 0 && (spec->precision < 0 || length < spec->precision)) {
		km_unicode_next(&rest);
		length++;
	}
	text.len -= rest.len;
	append_padded(out, spec, KM_STR(""), text, length);
}
