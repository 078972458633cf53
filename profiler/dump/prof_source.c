#include "profiler/dump/prof_source.h"

#include "profiler/stats/text.h"

#include <limits.h>
#include <math.h>

/* Labels copy names. A hostile file in which many functions share a long name must not grow beyond
 * this many times its size. */
enum { LABEL_GROWTH = 32, LABEL_FREE = 1 << 20 };

static const char *kind_name(const km_marshal_object *object)
{
	static const char *const names[] = {
		[KM_MARSHAL_END] = "the end of a dict",
		[KM_MARSHAL_NONE] = "None",
		[KM_MARSHAL_INT] = "an int",
		[KM_MARSHAL_FLOAT] = "a float",
		[KM_MARSHAL_TEXT] = "a text",
		[KM_MARSHAL_TUPLE] = "a tuple",
		[KM_MARSHAL_DICT] = "a dict",
		[KM_MARSHAL_OTHER] = "a constant",
	};

	return names[object->kind];
}

static int refuse(km_prof_source *source, const km_marshal_object *object, const char *wanted)
{
	return km_marshal_reader_fail(&source->marshal, object->offset, "%s where %s should be",
				      kind_name(object), wanted);
}

static int no_memory(km_prof_source *source)
{
	km_marshal_reader_fail(&source->marshal, source->marshal.at, "out of memory");
	return KM_ENOMEM;
}

int km_prof_source_take(km_prof_source *source, km_marshal_kind kind, const char *what,
			km_marshal_object *object)
{
	int result = km_marshal_reader_next(&source->marshal, object);

	if (!result && object->kind != kind)
		return refuse(source, object, what);
	if (!result && object->again)
		return km_marshal_reader_fail(&source->marshal, object->offset,
					      "a reference where %s of its own should be", what);
	return result;
}

static void append_latin1(km_buffer *out, km_str text)
{
	char encoded[4];

	for (size_t i = 0; i < text.len; i++)
		km_buffer_append(out, encoded, km_text_encode((unsigned char)text.ptr[i], encoded));
}

/* Appends text with the surrogates of Python's surrogateescape, U+DC80 to U+DCFF (ED B2 80 to ED B3
 * BF), as the bytes that they stand for. */
static void append_escaped(km_buffer *out, km_str text)
{
	const unsigned char *s = (const unsigned char *)text.ptr;

	for (size_t i = 0; i < text.len; i++) {
		if (s[i] == 0xed && text.len - i >= 3 && (s[i + 1] == 0xb2 || s[i + 1] == 0xb3)) {
			km_buffer_char(out, (char)((s[i + 1] & 1) << 6 | (s[i + 2] & 0x3f) | 0x80));
			i += 2;
		} else {
			km_buffer_char(out, (char)s[i]);
		}
	}
}

int km_prof_source_text(km_prof_source *source, const km_marshal_object *object, km_str *text)
{
	if (object->kind != KM_MARSHAL_TEXT)
		return refuse(source, object, "a text");
	*text = object->text;
	if (text->len && memchr(text->ptr, '\0', text->len))
		return km_marshal_reader_fail(&source->marshal, object->offset,
					      "a text with a NUL in it");
	if (object->encoding == KM_MARSHAL_RAW)
		return km_marshal_reader_fail_python2(&source->marshal, object->offset);
	if (km_text_is_ascii(*text))
		return 0;
	km_buffer_clear(&source->text);
	if (object->encoding == KM_MARSHAL_LATIN1)
		append_latin1(&source->text, *text);
	else
		append_escaped(&source->text, *text);
	*text = (km_str){source->text.data, source->text.len};
	return source->text.failed ? no_memory(source) : 0;
}

/* Takes the name of a file or of a function. */
static int take_name(km_prof_source *source, const char *what, uint32_t *number)
{
	km_marshal_object object;
	km_str text;
	int result = km_prof_source_take(source, KM_MARSHAL_TEXT, what, &object);

	if (result)
		return result;
	uint32_t known = km_marshal_reader_recall(&source->marshal, &object);
	if (known) {
		*number = known - 1;
		return 0;
	}
	result = km_prof_source_text(source, &object, &text);
	if (result)
		return result;
	*number = km_function_set_text(&source->functions, text);
	if (*number == KM_FUNCTION_NONE)
		return no_memory(source);
	km_marshal_reader_remember(&source->marshal, &object, *number + 1);
	return 0;
}

static int take_line(km_prof_source *source, int *line)
{
	km_marshal_object object;
	int result = km_prof_source_take(source, KM_MARSHAL_INT, "a line number", &object);

	if (result)
		return result;
	if (object.magnitude > INT_MAX)
		return km_marshal_reader_fail(&source->marshal, object.offset,
					      "a line number of more than 31 bits");
	*line = object.negative ? -(int)object.magnitude : (int)object.magnitude;
	return 0;
}

static int add_function(km_prof_source *source, uint32_t offset, uint32_t file, int line,
			uint32_t name, uint32_t *function)
{
	const km_function_set *functions = &source->functions;

	*function = km_function_set_add(&source->functions, file, line, name);
	if (*function == KM_FUNCTION_NONE)
		return no_memory(source);
	if (functions->label_bytes > LABEL_FREE + (uint64_t)LABEL_GROWTH * source->marshal.size)
		return km_marshal_reader_fail(&source->marshal, offset,
					      "names that take more than %d times the file's size",
					      LABEL_GROWTH);
	return 0;
}

int km_prof_source_function(km_prof_source *source, const km_marshal_object *object,
			    uint32_t *function)
{
	km_marshal_reader *marshal = &source->marshal;
	uint32_t known = km_marshal_reader_recall(marshal, object), file = 0, name = 0;
	int line = 0;

	if (object->kind != KM_MARSHAL_TUPLE)
		return refuse(source, object, "(file, line, name)");
	if (known) {
		*function = known - 1;
		return 0;
	}
	if (object->count != 3)
		return km_marshal_reader_fail(marshal, object->offset,
					      "a tuple of %u where (file, line, name) should be",
					      object->count);
	int result = object->again ? km_marshal_reader_go_back(marshal, object) : 0;
	if (!result)
		result = take_name(source, "a file's name", &file);
	if (!result)
		result = take_line(source, &line);
	if (!result)
		result = take_name(source, "a function's name", &name);
	if (!result)
		result = add_function(source, object->offset, file, line, name, function);
	if (result)
		return result;
	if (object->again)
		km_marshal_reader_return(marshal);
	km_marshal_reader_remember(marshal, object, *function + 1);
	return 0;
}

int km_prof_source_count(km_prof_source *source, const char *what, uint64_t *count)
{
	km_marshal_object object;
	int result = km_prof_source_take(source, KM_MARSHAL_INT, what, &object);

	if (result)
		return result;
	if (object.negative)
		return km_marshal_reader_fail(&source->marshal, object.offset,
					      "%s that is less than 0", what);
	*count = object.magnitude;
	return 0;
}

int km_prof_source_seconds(km_prof_source *source, const char *what, double *seconds)
{
	km_marshal_object object;
	int result = km_marshal_reader_next(&source->marshal, &object);

	if (result)
		return result;
	if (object.kind == KM_MARSHAL_INT) {
		*seconds = (double)object.magnitude;
		if (object.negative)
			*seconds = -*seconds;
		return 0;
	}
	if (object.kind != KM_MARSHAL_FLOAT)
		return refuse(source, &object, what);
	if (!isfinite(object.real))
		return km_marshal_reader_fail(&source->marshal, object.offset,
					      "%s that is not finite", what);
	*seconds = object.real;
	return 0;
}
