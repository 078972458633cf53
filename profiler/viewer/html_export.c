/* One page that needs no server: the viewer's page with a profile in it. */
#include "profiler/export/job.h"
#include "profiler/viewer/assets.h"
#include "profiler/viewer/responses.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Three bytes at most become four characters (RFC 4648 section 4). */
static void put_group(km_buffer *out, const unsigned char *bytes, size_t count)
{
	uint32_t bits = (uint32_t)bytes[0] << 16;
	char group[4];

	if (count > 1)
		bits |= (uint32_t)bytes[1] << 8;
	if (count > 2)
		bits |= bytes[2];
	for (size_t i = 0; i < sizeof group; i++)
		group[i] = i <= count ? digits[bits >> (18 - 6 * i) & 63] : '=';
	km_buffer_append(out, group, sizeof group);
}

static void put_base64(km_export_out *out, const km_buffer *bytes)
{
	for (size_t at = 0; at < bytes->len && !out->error; at += 3) {
		size_t left = bytes->len - at;
		put_group(&out->text, (const unsigned char *)bytes->data + at, left < 3 ? left : 3);
		km_export_out_drain(out);
	}
}

/* The file's name without folder, from pstats' line for it: "Mon Jan  1 00:00:00 2024    a.prof\n".
 */
static void put_name(km_buffer *out, const km_export *job)
{
	const km_buffer *files = &job->prof->stats->files;
	const char *path = files->len ? strstr(files->data, "    ") : NULL;

	if (!path) {
		km_buffer_append(out, job->title.data, job->title.len);
		return;
	}
	path += strspn(path, " ");
	size_t len = strcspn(path, "\n");
	const char *slash = memrchr(path, '/', len);
	if (slash)
		len -= (size_t)(slash + 1 - path);
	km_buffer_append(out, slash ? slash + 1 : path, len);
}

/* A data: URL is no base of an import's "./name.js": an import map knows the bare name. */
static void make_imports_bare(km_buffer *module)
{
	static const char relative[] = " from \"./";
	const size_t kept = strlen(" from \"");

	for (char *at = module->data; (at = strstr(at, relative)); module->len -= 2) {
		at += kept;
		memmove(at, at + 2, strlen(at + 2) + 1);
	}
}

static int put_modules(km_export_out *out)
{
	const char *separator = "";
	int result = 0;

	for (const km_asset *asset = km_assets; asset->name && !result; asset++) {
		km_buffer module = {0};
		if (strncmp(asset->type, "text/javascript", 15) != 0)
			continue;
		result = km_asset_inflate(&module, asset);
		if (!result) {
			make_imports_bare(&module);
			km_buffer_printf(&out->text, "%s\"%s\": \"data:text/javascript;base64,",
					 separator, asset->name);
			put_base64(out, &module);
			km_buffer_char(&out->text, '"');
			separator = ",\n";
		}
		km_buffer_finish(&module);
	}
	return result;
}

/* Puts the page. Only elements with its nonce may run or give style: what a profile's texts would
 * add could not. */
static int put_page(km_export_out *out, const char *page, const km_buffer *profile)
{
	const char *style = strstr(page, "<link rel=\"stylesheet\""),
		   *end = strstr(page, "</head>");
	uint64_t bits[2];
	char nonce[33];

	if (getrandom(bits, sizeof bits, 0) != sizeof bits) {
		out->error = errno;
		return 0;
	}
	snprintf(nonce, sizeof nonce, "%016" PRIx64 "%016" PRIx64, bits[0], bits[1]);
	km_buffer_append(&out->text, page, (size_t)(style - page));
	km_buffer_printf(
		&out->text,
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"script-src 'nonce-%s'; style-src 'nonce-%s'; img-src data:; "
		"base-uri 'none'; form-action 'none'\">\n<style nonce=\"%s\">",
		nonce, nonce, nonce);
	int result = km_asset_inflate(&out->text, km_asset_find(KM_STR("style.css")));
	km_buffer_printf(&out->text,
			 "</style>\n<script type=\"importmap\" nonce=\"%s\">{\"imports\": {\n",
			 nonce);
	if (!result)
		result = put_modules(out);
	km_buffer_text(&out->text,
		       "}}</script>\n<script type=\"application/octet-stream\" id=\"profile\">");
	put_base64(out, profile);
	km_buffer_printf(
		&out->text,
		"</script>\n<script type=\"module\" nonce=\"%s\">import \"app.js\";</script>\n%s",
		nonce, end);
	return result;
}

int km_export_html(km_export *job)
{
	km_buffer name = {0}, profile = {0}, page = {0};

	put_name(&name, job);
	int result =
		name.failed ? KM_ENOMEM : km_viewer_put_profile(&profile, name.data, job->prof);
	if (!result)
		result = km_asset_inflate(&page, km_asset_find(KM_STR("index.html")));
	if (!result && profile.failed)
		result = KM_ENOMEM;
	if (!result)
		result = put_page(&job->out, page.data, &profile);
	km_buffer_finish(&name);
	km_buffer_finish(&profile);
	km_buffer_finish(&page);
	return result;
}
