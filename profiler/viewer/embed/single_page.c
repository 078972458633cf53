#include <stdio.h>

#include "profiler/viewer/embed/page_files.h"
#include "profiler/viewer/embed/sha256.h"

static const char charset[] = "<meta charset=\"utf-8\">";
static const char style_link[] = "<link rel=\"stylesheet\" href=\"style.css\">";
static const char script_link[] = "<script type=\"module\" src=\"app.js\"></script>";

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_hash(km_buffer *out, const km_buffer *text)
{
	unsigned char digest[KM_SHA256_SIZE + 1] = {0};

	km_sha256((km_str){text->data, text->len}, digest);
	km_buffer_text(out, "'sha256-");
	for (size_t i = 0; i < KM_SHA256_SIZE; i += 3) {
		uint32_t bits = (uint32_t)digest[i] << 16 | (uint32_t)digest[i + 1] << 8;
		if (i + 2 < KM_SHA256_SIZE)
			bits |= digest[i + 2];
		for (int shift = 18; shift >= 0; shift -= 6)
			km_buffer_char(out, base64[bits >> shift & 63]);
	}
	out->data[out->len - 1] = '='; /* 32 bytes make 43 characters and one pad */
	km_buffer_char(out, '\'');
}

static void put_policy(km_buffer *out, const km_buffer *script, const km_buffer *style)
{
	km_buffer_text(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
			    "'none'; script-src ");
	put_hash(out, script);
	km_buffer_text(out, "; style-src ");
	put_hash(out, style);
	km_buffer_text(out, "; img-src data:; base-uri 'none'; form-action 'none'\">");
}

/* Copies the text from `*at` up to `mark`, and moves `*at` behind the mark. */
static int copy_up_to(km_buffer *out, const char **at, const char *mark)
{
	const char *found = strstr(*at, mark);

	if (!found) {
		fprintf(stderr, "index.html: there is no %s where one should be\n", mark);
		return -1;
	}
	km_buffer_append(out, *at, (size_t)(found - *at));
	*at = found + strlen(mark);
	return 0;
}

static int compose(km_buffer *head, km_buffer *tail, const char *at, const km_buffer *script,
		   const km_buffer *style)
{
	if (copy_up_to(head, &at, charset))
		return -1;
	km_buffer_text(head, charset);
	km_buffer_char(head, '\n');
	put_policy(head, script, style);
	if (copy_up_to(head, &at, style_link))
		return -1;
	km_buffer_printf(head, "<style>%s</style>", style->data);
	if (copy_up_to(head, &at, script_link))
		return -1;
	km_buffer_text(head, "<script type=\"application/octet-stream\" id=\"profile\">");
	km_buffer_printf(tail, "</script>\n<script type=\"module\">%s</script>%s", script->data,
			 at);
	return head->failed || tail->failed ? -1 : 0;
}

int km_single_page(km_buffer *head, km_buffer *tail, const km_page_files *files)
{
	const km_page_file *page = km_page_file_find(files, "index.html", strlen("index.html"));
	const km_page_file *style = km_page_file_find(files, "style.css", strlen("style.css"));
	km_buffer script = {0};

	if (!page || !style) {
		fprintf(stderr, "there is no index.html, or no style.css\n");
		return -1;
	}
	int failed = km_bundle(&script, files, "app.js");
	if (!failed && strcasestr(style->text.data, "</style")) {
		fprintf(stderr, "style.css: \"</style\" cannot stand in a page\n");
		failed = -1;
	}
	if (!failed)
		failed = compose(head, tail, page->text.data, &script, &style->text);
	km_buffer_finish(&script);
	return failed;
}
