/* For the scripts that compare with Python. Reads one call tree and then requests from standard
 *input, and writes responses to standard output. Numbers are little-endian; a text is its length
 *(u32) and its bytes.
 *
 *	tree:    u32 functions, each (text file, i32 line, text name); u32 other;
 *	         u32 nodes, each (u32 function, u32 parent, u64 calls, u64 ticks);
 *	         u32 folded, each (u32 function, u64 calls, primitive calls, own ticks, cumulative
 *ticks); f64 seconds_per_tick, probe_seconds; u64 lost calls request: 'd' text path -> text error
 *	         's', 'r', 'e' text keys, text restrictions, u8 reverse  -> text listing
 *	         'k' text keys, 'x' text restrictions                    -> text error
 *
 * 's' is print_stats, 'r' print_callers, 'e' print_callees; an empty error is success. */
#include "profiler/dump/prof_writer.h"
#include "profiler/report/pstats_text.h"

#include <komori/profiler.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void must(int condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "tree_tool: %s\n", what);
	exit(2);
}

static void read_bytes(void *bytes, size_t size)
{
	must(fread(bytes, 1, size, stdin) == size, "input ends early");
}

static uint32_t read_u32(void)
{
	uint32_t value;

	read_bytes(&value, sizeof value);
	return value;
}

static uint64_t read_u64(void)
{
	uint64_t value;

	read_bytes(&value, sizeof value);
	return value;
}

static double read_double(void)
{
	double value;

	read_bytes(&value, sizeof value);
	return value;
}

static char *read_text(void)
{
	size_t len = read_u32();
	char *text = malloc(len + 1);

	must(text != NULL, "out of memory");
	read_bytes(text, len);
	text[len] = '\0';
	return text;
}

static void *read_array(uint32_t *count, size_t item)
{
	*count = read_u32();
	void *array = calloc(*count + 1u, item);
	must(array != NULL, "out of memory");
	return array;
}

static void read_tree(km_tree *tree)
{
	tree->functions = read_array(&tree->function_count, sizeof *tree->functions);
	for (uint32_t i = 0; i < tree->function_count; i++) {
		tree->functions[i].file = read_text();
		tree->functions[i].line = (int)read_u32();
		tree->functions[i].name = read_text();
	}
	tree->other = read_u32();
	tree->nodes = read_array(&tree->node_count, sizeof *tree->nodes);
	for (uint32_t i = 0; i < tree->node_count; i++) {
		km_tree_node *node = &tree->nodes[i];
		node->function = read_u32();
		node->parent = read_u32();
		node->calls = read_u64();
		node->ticks = read_u64();
	}
	tree->folded = read_array(&tree->folded_count, sizeof *tree->folded);
	for (uint32_t i = 0; i < tree->folded_count; i++) {
		km_tree_folded *folded = &tree->folded[i];
		folded->function = read_u32();
		folded->calls = read_u64();
		folded->primitive_calls = read_u64();
		folded->own_ticks = read_u64();
		folded->cumulative_ticks = read_u64();
	}
	tree->seconds_per_tick = read_double();
	tree->probe_seconds = read_double();
	tree->lost_calls = read_u64();
}

static void free_tree(km_tree *tree)
{
	for (uint32_t i = 0; i < tree->function_count; i++) {
		free((char *)tree->functions[i].file);
		free((char *)tree->functions[i].name);
	}
	free(tree->functions);
	free(tree->nodes);
	free(tree->folded);
}

static void respond(const char *bytes, size_t len)
{
	uint32_t size = (uint32_t)len;

	fwrite(&size, sizeof size, 1, stdout);
	if (len)
		fwrite(bytes, 1, len, stdout);
	fflush(stdout);
}

static void print_listing(km_stats *stats, int request)
{
	char *keys = read_text(), *text = read_text(), reverse;
	km_restrictions *restrictions;
	km_buffer out = {0};
	km_pstats_listing listing = request == 's'   ? KM_PSTATS_STATS
				    : request == 'r' ? KM_PSTATS_CALLERS
						     : KM_PSTATS_CALLEES;

	read_bytes(&reverse, 1);
	must(km_stats_sort(stats, keys, NULL, 0) == 0, "bad sort key");
	if (reverse)
		km_stats_reverse(stats);
	must(km_restrictions_new(&restrictions, text) == 0, "out of memory");
	must(km_pstats_append(&out, listing, stats, restrictions) == 0, "cannot print");
	respond(out.data, out.len);
	km_buffer_finish(&out);
	km_restrictions_free(restrictions);
	free(keys);
	free(text);
}

static void dump(const km_tree *tree, const km_stats *stats)
{
	km_profile_facts facts = {.method = "GET",
				  .path = "/caf\xc3\xa9/\xff",
				  .route = "/<name>",
				  .outcome = "finished",
				  .status = 200,
				  .started = 1700000000.5,
				  .elapsed = 0.25};
	km_prof_content prof = {.stats = stats, .tree = tree, .facts = &facts, .pid = 4321};
	char *path = read_text();
	const char *error = km_prof_write(path, &prof, true) ? "cannot write" : "";

	respond(error, strlen(error));
	free(path);
}

static void check(int request)
{
	char *text = read_text(), error[256] = "";

	if (request == 'k')
		km_stats_check_sort(text, error, sizeof error);
	else
		km_restrictions_check(text, error, sizeof error);
	respond(error, strlen(error));
	free(text);
}

int main(void)
{
	km_tree tree = {0};
	km_stats *stats;
	int request;

	read_tree(&tree);
	must(km_stats_from_tree(&stats, &tree) == 0, "out of memory");
	while ((request = getchar()) != EOF) {
		if (request == 'd')
			dump(&tree, stats);
		else if (request == 'k' || request == 'x')
			check(request);
		else
			print_listing(stats, request);
	}
	km_stats_free(stats);
	free_tree(&tree);
	return 0;
}
