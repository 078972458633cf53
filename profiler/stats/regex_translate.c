#include "profiler/stats/regex_translate.h"

#include "framework/base/unicode.h"
#include "profiler/stats/text.h"

typedef struct scanner {
	const char *at, *end;
	const char *start; /* of the expression, behind global flags */
	km_buffer *out;
	bool ascii;
	const char *problem;
} scanner;

static void append_point(km_buffer *out, uint32_t point)
{
	char bytes[4];

	km_buffer_append(out, bytes, km_text_encode(point, bytes));
}

void km_regex_append_text(km_buffer *out, km_str text)
{
	while (text.len)
		append_point(out, km_unicode_next(&text));
}

static void refuse(scanner *scan, const char *problem)
{
	if (!scan->problem)
		scan->problem = problem;
	scan->at = scan->end;
}

static bool starts_with(const scanner *scan, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(scan->end - scan->at) >= len && memcmp(scan->at, text, len) == 0;
}

static size_t span(const scanner *scan, const char *set, size_t most)
{
	size_t len = 0;

	while (len < most && scan->at + len < scan->end && scan->at[len] &&
	       strchr(set, scan->at[len]))
		len++;
	return len;
}

static void copy(scanner *scan, size_t len)
{
	km_buffer_append(scan->out, scan->at, len);
	scan->at += len;
}

static void copy_character(scanner *scan)
{
	km_str rest = {scan->at, (size_t)(scan->end - scan->at)};

	append_point(scan->out, km_unicode_next(&rest));
	scan->at = rest.ptr;
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* \xHH, \uHHHH and \UHHHHHHHH have exactly that many digits. */
static void scan_hex_escape(scanner *scan, size_t digits)
{
	scan->at++;
	if (span(scan, "0123456789abcdefABCDEF", digits) != digits) {
		refuse(scan, "incomplete hexadecimal escape");
		return;
	}
	km_buffer_text(scan->out, "\\x{");
	copy(scan, digits);
	km_buffer_char(scan->out, '}');
}

static void scan_octal_escape(scanner *scan, size_t digits)
{
	unsigned value = 0;

	for (size_t i = 0; i < digits; i++)
		value = value * 8 + (unsigned)(*scan->at++ - '0');
	if (value > 0377)
		refuse(scan, "octal escape above \\377");
	else
		km_buffer_printf(scan->out, "\\x{%x}", value);
}

/* Digits behind a backslash are octal in a class, when they start with 0, and when there are three
 * octal ones; otherwise they are a group of one or two digits. */
static void scan_digit_escape(scanner *scan, bool in_class)
{
	size_t octal = span(scan, "01234567", 3);

	if (octal == 3 || (octal > 0 && (in_class || *scan->at == '0'))) {
		scan_octal_escape(scan, octal);
	} else if (in_class) {
		refuse(scan, "bad escape in a set");
	} else {
		km_buffer_text(scan->out, "\\g{");
		copy(scan, span(scan, "0123456789", 2));
		km_buffer_char(scan->out, '}');
	}
}

static void scan_escape(scanner *scan, bool in_class)
{
	scan->at++;
	if (scan->at == scan->end) {
		refuse(scan, "bad escape at the end");
		return;
	}
	char byte = *scan->at;
	if (byte == 'x')
		scan_hex_escape(scan, 2);
	else if (byte == 'u')
		scan_hex_escape(scan, 4);
	else if (byte == 'U')
		scan_hex_escape(scan, 8);
	else if (is_digit(byte))
		scan_digit_escape(scan, in_class);
	else if (byte == 'v') {
		km_buffer_text(scan->out, "\\x0b");
		scan->at++;
	} else if (byte == 'Z' && !in_class) {
		km_buffer_text(scan->out, "\\z");
		scan->at++;
	} else if (is_letter(byte) && !strchr(in_class ? "abfnrtdDsSwW" : "abfnrtdDsSwWAB", byte)) {
		refuse(scan, "bad escape");
	} else {
		km_buffer_char(scan->out, '\\');
		copy_character(scan);
	}
}

/* Escapes a "[" inside a set, where PCRE2 looks for [:alpha:]. */
static void scan_set(scanner *scan)
{
	copy(scan, starts_with(scan, "[^") ? 2 : 1);
	if (starts_with(scan, "]")) {
		km_buffer_char(scan->out, '\\');
		copy(scan, 1);
	}
	while (scan->at < scan->end && *scan->at != ']') {
		if (*scan->at == '\\') {
			scan_escape(scan, true);
		} else {
			if (*scan->at == '[')
				km_buffer_char(scan->out, '\\');
			copy_character(scan);
		}
	}
	if (scan->at == scan->end)
		refuse(scan, "unterminated character set");
	else
		copy(scan, 1);
}

/* Adds the 0 of {,n} and {,}. */
static void scan_brace(scanner *scan)
{
	copy(scan, 1);
	if (!starts_with(scan, ","))
		return;
	scanner ahead = *scan;
	ahead.at++;
	ahead.at += span(&ahead, "0123456789", SIZE_MAX);
	if (starts_with(&ahead, "}"))
		km_buffer_char(scan->out, '0');
}

/* Whether one of the first `on` characters is among the `off` ones behind them. */
static bool is_on_and_off(const char *flags, size_t on, size_t off)
{
	for (size_t i = 0; i < on; i++)
		if (memchr(flags + on, flags[i], off))
			return true;
	return false;
}

/* Scans the flags of (?flags), (?flags:...) or (?flags-flags:...). Global flags are valid only at
 * the start. */
static void scan_flags(scanner *scan)
{
	const char *open = scan->at - 2;
	size_t on = span(scan, "aimsux", SIZE_MAX), off = 0;
	bool global;

	if (scan->at + on < scan->end && scan->at[on] == '-') {
		scanner ahead = *scan;
		ahead.at += on + 1;
		off = 1 + span(&ahead, "imsx", SIZE_MAX);
	}
	const char *close = scan->at + on + off;
	if (close == scan->end || on + off == 0 || off == 1 || (*close != ')' && *close != ':') ||
	    (off && *close == ')')) {
		refuse(scan, "unknown extension after (?");
		return;
	}
	if (is_on_and_off(scan->at, on, off)) {
		refuse(scan, "a flag turned on and off");
		return;
	}
	global = *close == ')';
	if (global && open != scan->start) {
		refuse(scan, "global flags not at the start of the expression");
		return;
	}
	km_buffer_text(scan->out, "(?");
	for (; scan->at < close; scan->at++) {
		if (*scan->at == 'a' && global)
			scan->ascii = true;
		else if (*scan->at == 'a')
			refuse(scan, "flag 'a' for a group is not supported");
		else if (*scan->at != 'u')
			km_buffer_char(scan->out, *scan->at);
		if (scan->problem)
			return;
	}
	copy(scan, 1);
	if (global)
		scan->start = scan->at;
}

/* Scans (?(1)...) and (?(name)...). */
static void scan_condition(scanner *scan)
{
	const char *name = scan->at + 3;
	const char *close = memchr(scan->at, ')', (size_t)(scan->end - scan->at));

	if (!close || close == name) {
		refuse(scan, "missing group name");
		return;
	}
	km_buffer_text(scan->out, is_digit(*name) ? "(?(" : "(?(<");
	scan->at = name;
	copy(scan, (size_t)(close - name));
	km_buffer_text(scan->out, is_digit(*name) ? ")" : ">)");
	scan->at++;
}

static void scan_group(scanner *scan)
{
	static const char *const known[] = {
		"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?P<", "(?>", "(?P="};

	if (starts_with(scan, "(*")) {
		refuse(scan, "nothing to repeat");
		return;
	}
	if (!starts_with(scan, "(?")) {
		copy(scan, 1);
		return;
	}
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (starts_with(scan, known[i])) {
			copy(scan, strlen(known[i]));
			return;
		}
	}
	if (starts_with(scan, "(?#")) {
		const char *close = memchr(scan->at, ')', (size_t)(scan->end - scan->at));
		if (close)
			scan->at = close + 1;
		else
			refuse(scan, "missing ), unterminated comment");
	} else if (starts_with(scan, "(?(")) {
		scan_condition(scan);
	} else {
		scan->at += 2;
		scan_flags(scan);
	}
}

void km_regex_translate(km_regex_translation *translation, km_str pattern)
{
	scanner scan = {.at = pattern.ptr, .end = pattern.ptr + pattern.len};

	*translation = (km_regex_translation){0};
	scan.start = scan.at;
	scan.out = &translation->pattern;
	while (scan.at < scan.end) {
		switch (*scan.at) {
		case '\\':
			scan_escape(&scan, false);
			break;
		case '[':
			scan_set(&scan);
			break;
		case '{':
			scan_brace(&scan);
			break;
		case '(':
			scan_group(&scan);
			break;
		default:
			copy_character(&scan);
		}
	}
	translation->ascii = scan.ascii;
	translation->problem = scan.problem;
}
