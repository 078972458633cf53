#include "framework/wsgi/header_variables.h"

#include "framework/http/field.h"

static char variable_byte(char byte)
{
	if (byte >= 'a' && byte <= 'z')
		return (char)(byte - 'a' + 'A');
	return byte == '-' ? '_' : byte;
}

/* Whether the header has a variable. A name with "_" would pass for the one with "-", which a proxy
 * may have checked or removed. The two content headers have variables of their own. */
static bool is_shown(km_str header)
{
	return !memchr(header.ptr, '_', header.len) && !km_http_name_is(header, "content-type") &&
	       !km_http_name_is(header, "content-length");
}

static bool names_header(km_str variable, km_str header)
{
	if (variable.len != header.len)
		return false;
	for (size_t i = 0; i < header.len; i++) {
		if (variable_byte(header.ptr[i]) != variable.ptr[i])
			return false;
	}
	return is_shown(header);
}

static km_str join(const km_http_request *request, km_str variable, size_t size, km_arena *arena)
{
	char *joined = km_arena_alloc(arena, size + 1);
	size_t used = 0;

	if (!joined)
		return (km_str){NULL, 0};
	for (size_t i = 0; i < request->header_count; i++) {
		const km_header *header = &request->headers[i];
		if (!names_header(variable, header->name))
			continue;
		memcpy(joined + used, header->value.ptr, header->value.len);
		used += header->value.len;
		joined[used++] = ',';
	}
	joined[--used] = '\0'; /* the last comma */
	return (km_str){joined, used};
}

km_str km_header_variable_value(const km_http_request *request, km_str variable, km_arena *arena,
				bool *joined)
{
	km_str value = {NULL, 0};
	size_t count = 0, size = 0;

	for (size_t i = 0; i < request->header_count; i++) {
		const km_header *header = &request->headers[i];
		if (!names_header(variable, header->name))
			continue;
		value = header->value;
		size += value.len + 1;
		count++;
	}
	*joined = count > 1;
	return *joined ? join(request, variable, size, arena) : value;
}

bool km_header_variable_is_new(const km_http_request *request, size_t index)
{
	km_str name = request->headers[index].name;

	for (size_t i = 0; i < index; i++) {
		if (km_http_same_name(request->headers[i].name, name))
			return false;
	}
	return is_shown(name);
}

km_str km_header_variable_name(km_str header, km_arena *arena)
{
	static const km_str prefix = KM_STR(KM_HEADER_VARIABLE_PREFIX);
	size_t len = prefix.len + header.len;
	char *name = km_arena_alloc(arena, len + 1);

	if (!name)
		return (km_str){NULL, 0};
	memcpy(name, prefix.ptr, prefix.len);
	for (size_t i = 0; i < header.len; i++)
		name[prefix.len + i] = variable_byte(header.ptr[i]);
	name[len] = '\0';
	return (km_str){name, len};
}
