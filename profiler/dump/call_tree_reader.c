#include "profiler/dump/call_tree_reader.h"

#include "profiler/dump/call_tree_columns.h"

#include <limits.h>
#include <stdlib.h>

enum { FORMAT_VERSION = 1, LONGEST_KEY = 32, LEAST_FUNCTION = 5 };

/* How every call tree starts: other bytes behind a profile are not Komori's. */
static const char mark[] = "{u\6\0\0\0formatu\20\0\0\0komori call tree";
enum { MARK_SIZE = sizeof mark - 1 };

typedef struct tree_reader {
	km_prof_source *source;
	km_call_tree_object *object;
	km_tree *tree;
	km_call_tree_columns columns;
	bool has_other;
	uint64_t other;
	int64_t open_node; /* -1: none */
} tree_reader;

static int refuse(tree_reader *reader, uint32_t offset, const char *why)
{
	return km_marshal_reader_fail(&reader->source->marshal, offset, "a call tree %s", why);
}

static int no_memory(tree_reader *reader)
{
	refuse(reader, reader->source->marshal.at, "that does not fit in memory");
	return KM_ENOMEM;
}

/* Reads the next key of a dict, cut to LONGEST_KEY; `there` is false at the end of the dict. */
static int take_key(tree_reader *reader, char key[LONGEST_KEY], bool *there)
{
	km_marshal_object object;
	km_str text;
	int result = km_marshal_reader_next(&reader->source->marshal, &object);

	*there = !result && object.kind != KM_MARSHAL_END;
	if (result || !*there)
		return result;
	/* Any number of keys may refer to one long text. */
	if (object.kind == KM_MARSHAL_TEXT && object.text.len > LONGEST_KEY)
		object.text.len = LONGEST_KEY;
	result = km_prof_source_text(reader->source, &object, &text);
	if (result)
		return result;
	size_t len = text.len < LONGEST_KEY ? text.len : LONGEST_KEY - 1;
	if (len)
		memcpy(key, text.ptr, len);
	key[len] = '\0';
	return 0;
}

/* Copies a text to the arena of the functions. Each text may come once: copies of references have
 * no bound. */
static int take_text(tree_reader *reader, const char **copy)
{
	km_marshal_object object;
	km_str text;
	int result = km_prof_source_take(reader->source, KM_MARSHAL_TEXT, "a text", &object);

	if (!result && *copy && **copy)
		return refuse(reader, object.offset, "with a text that comes twice");
	if (!result)
		result = km_prof_source_text(reader->source, &object, &text);
	if (result)
		return result;
	*copy = km_arena_copy(&reader->source->functions.arena, text.ptr, text.len);
	return *copy ? 0 : no_memory(reader);
}

static int take_int(tree_reader *reader, int64_t least, int64_t most, int64_t *value)
{
	km_marshal_object object;
	int result = km_prof_source_take(reader->source, KM_MARSHAL_INT, "an int", &object);

	if (result)
		return result;
	if (object.magnitude > INT64_MAX)
		return refuse(reader, object.offset, "with an int that is too large");
	*value = object.negative ? -(int64_t)object.magnitude : (int64_t)object.magnitude;
	if (*value < least || *value > most)
		return refuse(reader, object.offset, "with an int that is out of range");
	return 0;
}

static int take_fact(tree_reader *reader, const char *key)
{
	km_profile_facts *facts = &reader->object->facts;
	int64_t status;
	const struct {
		const char *key;
		const char **text;
	} texts[] = {
		{"method", &facts->method}, {"path", &facts->path},	  {"route", &facts->route},
		{"query", &facts->query},   {"outcome", &facts->outcome},
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (strcmp(key, texts[i].key) == 0)
			return take_text(reader, texts[i].text);
	}
	if (strcmp(key, "started") == 0)
		return km_prof_source_seconds(reader->source, "a time", &facts->started);
	if (strcmp(key, "elapsed") == 0)
		return km_prof_source_seconds(reader->source, "a time", &facts->elapsed);
	if (strcmp(key, "status") != 0)
		return km_marshal_reader_skip(&reader->source->marshal);
	int result = take_int(reader, INT_MIN, INT_MAX, &status);
	if (!result)
		facts->status = (int)status;
	return result;
}

static int take_facts(tree_reader *reader)
{
	km_marshal_object object;
	char key[LONGEST_KEY];
	bool there = true;
	int result =
		km_prof_source_take(reader->source, KM_MARSHAL_DICT, "a dict of facts", &object);

	while (!result) {
		result = take_key(reader, key, &there);
		if (result || !there)
			break;
		result = take_fact(reader, key);
	}
	return result;
}

static int take_function(tree_reader *reader, uint32_t *number)
{
	km_marshal_object object;
	int result = km_marshal_reader_next(&reader->source->marshal, &object);

	return result ? result : km_prof_source_function(reader->source, &object, number);
}

/* Checks that no number comes twice. */
static int check_distinct(tree_reader *reader, const uint32_t *numbers, uint32_t count)
{
	bool *seen = calloc(reader->source->functions.count + 1u, sizeof *seen);
	int result = seen ? 0 : no_memory(reader);

	for (uint32_t i = 0; i < count && !result; i++) {
		if (seen[numbers[i]])
			result = refuse(reader, reader->source->marshal.at,
					"with a function that comes twice");
		seen[numbers[i]] = true;
	}
	free(seen);
	return result;
}

/* `numbers` has room for as many as the rest of the file can hold. */
static int take_numbers(tree_reader *reader, uint32_t count, uint32_t *numbers)
{
	int result = 0;

	for (uint32_t i = 0; !result && i < count; i++)
		result = take_function(reader, &numbers[i]);
	return result ? result : check_distinct(reader, numbers, count);
}

static int take_functions(tree_reader *reader)
{
	const km_marshal_reader *marshal = &reader->source->marshal;
	km_tree *tree = reader->tree;
	km_marshal_object object;
	int result = km_prof_source_take(reader->source, KM_MARSHAL_TUPLE, "a tuple of functions",
					 &object);

	if (result)
		return result;
	if (tree->functions)
		return refuse(reader, object.offset, "with functions that come twice");
	/* Each takes at least the bytes of a reference. */
	size_t left = (marshal->size - marshal->at) / LEAST_FUNCTION;
	size_t room = (object.count < left ? object.count : left) + 1;
	uint32_t *numbers = malloc(room * sizeof *numbers);
	tree->functions = malloc(room * sizeof *tree->functions);
	result = numbers && tree->functions ? take_numbers(reader, object.count, numbers)
					    : no_memory(reader);
	if (!result)
		tree->function_count = object.count;
	for (uint32_t i = 0; i < tree->function_count; i++)
		tree->functions[i] = reader->source->functions.functions[numbers[i]];
	free(numbers);
	return result;
}

static int take_other(tree_reader *reader)
{
	km_marshal_object object;
	int result = km_marshal_reader_next(&reader->source->marshal, &object);

	if (result || object.kind == KM_MARSHAL_NONE)
		return result;
	if (object.kind != KM_MARSHAL_INT || object.negative)
		return refuse(reader, object.offset, "whose (other) is not an index");
	reader->has_other = true;
	reader->other = object.magnitude;
	return 0;
}

static int take_column(tree_reader *reader, km_str *column)
{
	km_marshal_object object;
	int result = km_prof_source_take(reader->source, KM_MARSHAL_TEXT, "a column", &object);

	if (!result && object.encoding != KM_MARSHAL_RAW)
		return refuse(reader, object.offset, "with a column that is text");
	if (!result)
		*column = object.text;
	return result;
}

static int take_value(tree_reader *reader, const char *key)
{
	km_call_tree_object *object = reader->object;
	km_tree *tree = reader->tree;
	km_str *column = km_call_tree_columns_find(&reader->columns, key);
	int64_t pid;

	if (column)
		return take_column(reader, column);
	if (strcmp(key, "komori") == 0)
		return take_text(reader, &object->komori);
	if (strcmp(key, "facts") == 0)
		return take_facts(reader);
	if (strcmp(key, "seconds_per_tick") == 0)
		return km_prof_source_seconds(reader->source, "a time", &tree->seconds_per_tick);
	if (strcmp(key, "probe_seconds") == 0)
		return km_prof_source_seconds(reader->source, "a time", &tree->probe_seconds);
	if (strcmp(key, "lost_calls") == 0)
		return km_prof_source_count(reader->source, "a number of calls", &tree->lost_calls);
	if (strcmp(key, "functions") == 0)
		return take_functions(reader);
	if (strcmp(key, "other") == 0)
		return take_other(reader);
	if (strcmp(key, "open_node") == 0)
		return take_int(reader, 0, UINT32_MAX, &reader->open_node);
	if (strcmp(key, "pid") != 0)
		return km_marshal_reader_skip(&reader->source->marshal);
	int result = take_int(reader, 0, INT_MAX, &pid);
	if (!result)
		object->pid = (pid_t)pid;
	return result;
}

static int make_tree(tree_reader *reader, uint32_t offset)
{
	km_tree *tree = reader->tree;
	const char *problem = NULL;

	if (reader->has_other && reader->other >= tree->function_count)
		return refuse(reader, offset, "whose (other) does not exist");
	if (tree->seconds_per_tick < 0)
		return refuse(reader, offset, "whose ticks are negative");
	tree->other = reader->has_other ? (uint32_t)reader->other : UINT32_MAX;
	int result = km_call_tree_columns_read(&reader->columns, tree, &problem);
	if (result == KM_ENOMEM)
		return no_memory(reader);
	if (result)
		return refuse(reader, offset, problem);
	if (reader->open_node >= 0 && reader->open_node >= tree->node_count)
		return refuse(reader, offset, "whose open node does not exist");
	if (reader->open_node >= 0)
		reader->object->open_node = (uint32_t)reader->open_node;
	return 0;
}

/* Reads the object behind its mark. */
static int take_object(tree_reader *reader)
{
	km_call_tree_object *object = reader->object;
	km_marshal_reader *marshal = &reader->source->marshal;
	uint32_t offset = marshal->at;
	char key[LONGEST_KEY] = "";
	bool there;
	int result = take_key(reader, key, &there);

	if (!result && (!there || strcmp(key, "version") != 0))
		return refuse(reader, offset, "without a version");
	if (!result)
		result = take_int(reader, 1, INT_MAX, &object->version);
	if (!result && object->version != FORMAT_VERSION)
		return 0;
	reader->tree = object->tree = calloc(1, sizeof *object->tree);
	if (!result && !reader->tree)
		return no_memory(reader);
	while (!result) {
		result = take_key(reader, key, &there);
		if (result || !there)
			break;
		result = take_value(reader, key);
	}
	return result ? result : make_tree(reader, offset);
}

int km_call_tree_read(km_call_tree_object *object, km_prof_source *source)
{
	tree_reader reader = {.source = source, .object = object, .open_node = -1};
	km_marshal_reader *marshal = &source->marshal;
	uint32_t left = marshal->size - marshal->at;

	*object = (km_call_tree_object){.komori = "", .open_node = UINT32_MAX};
	if (left == 0 ||
	    memcmp(marshal->bytes + marshal->at, mark, left < MARK_SIZE ? left : MARK_SIZE))
		return 0;
	if (left < MARK_SIZE)
		return km_marshal_reader_fail(marshal, marshal->size,
					      "the file ends here, in the middle of the call tree");
	marshal->at += MARK_SIZE;
	km_marshal_reader_forget(marshal);
	int result = take_object(&reader);
	if (result)
		km_call_tree_object_finish(object);
	return result;
}

void km_call_tree_object_finish(km_call_tree_object *object)
{
	km_tree_free(object->tree);
	object->tree = NULL;
}
