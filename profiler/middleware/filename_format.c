#include "profiler/middleware/filename_format.h"

#include <stdio.h>

#include "profiler/middleware/format_spec.h"

static void append_path(km_buffer *out, const km_format_spec *spec, const char *path)
{
	km_str text = km_str_from(path ? path : "");
	km_buffer dotted = {0};

	while (text.len > 0 && *text.ptr == '/') {
		text.ptr++;
		text.len--;
	}
	while (text.len > 0 && text.ptr[text.len - 1] == '/')
		text.len--;
	for (size_t i = 0; i < text.len; i++)
		km_buffer_char(&dotted, text.ptr[i] == '/' ? '.' : text.ptr[i]);
	if (dotted.failed)
		out->failed = 1;
	else
		km_format_text(out, spec,
			       dotted.len ? (km_str){dotted.data, dotted.len} : KM_STR("root"));
	km_buffer_finish(&dotted);
}

/* Appends the value of field `name`. Returns NULL, or the error. */
static const char *append_field(km_buffer *out, km_str name, km_str spec_text,
				const km_profile_facts *facts)
{
	bool elapsed = km_str_equal(name, KM_STR("elapsed"));
	bool time = km_str_equal(name, KM_STR("time"));
	bool path = km_str_equal(name, KM_STR("path"));
	km_format_spec spec;

	if (!elapsed && !time && !path && !km_str_equal(name, KM_STR("method")))
		return "the fields are {method}, {path}, {elapsed} and {time}";
	const char *wrong = km_format_spec_parse(spec_text, elapsed || time, &spec);
	if (wrong)
		return wrong;
	if (elapsed)
		km_format_number(out, &spec, facts->elapsed * 1000);
	else if (time)
		km_format_number(out, &spec, facts->started + facts->elapsed);
	else if (path)
		append_path(out, &spec, facts->path);
	else
		km_format_text(out, &spec, km_str_from(facts->method ? facts->method : ""));
	return NULL;
}

/* Starts behind a "{" and moves `*at` behind the "}". */
static const char *append_replacement(km_buffer *out, const char **at,
				      const km_profile_facts *facts)
{
	const char *start = *at, *end = start + strcspn(start, "{}");
	const char *colon = memchr(start, ':', (size_t)(end - start));
	const char *name_end = colon ? colon : end;
	const char *spec = colon ? colon + 1 : end;

	if (*end != '}')
		return *end ? "a field cannot contain \"{\"" : "a \"{\" has no \"}\"";
	*at = end + 1;
	if (memchr(start, '!', (size_t)(name_end - start)))
		return "conversions (!r, !s, !a) are not supported";
	return append_field(out, (km_str){start, (size_t)(name_end - start)},
			    (km_str){spec, (size_t)(end - spec)}, facts);
}

int km_filename_format(km_buffer *name, const char *format, const km_profile_facts *facts,
		       char *error, size_t error_size)
{
	const char *wrong = *format ? NULL : "it is empty";

	for (const char *at = format; *at && !wrong;) {
		char byte = *at++;
		if ((byte == '{' || byte == '}') && *at == byte)
			km_buffer_char(name, *at++);
		else if (byte == '{')
			wrong = append_replacement(name, &at, facts);
		else if (byte == '}')
			wrong = "a \"}\" has no \"{\"; a brace is written {{ or }}";
		else if (byte == '/')
			wrong = "a file name cannot contain \"/\"; PROFILE_DIR names the folder";
		else
			km_buffer_char(name, byte);
	}
	if (!wrong)
		return name->failed ? KM_ENOMEM : 0;
	snprintf(error, error_size, "bad file name format: %s", wrong);
	return KM_EINVAL;
}

int km_profiler_check_filename(const char *format, char *error, size_t error_size)
{
	const km_profile_facts facts = {.method = "GET", .path = "/"};
	km_buffer name = {0};
	int failed = km_filename_format(&name, format, &facts, error, error_size);

	if (failed == KM_ENOMEM)
		snprintf(error, error_size, "out of memory");
	km_buffer_finish(&name);
	return failed;
}
