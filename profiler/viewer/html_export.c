/* One page that needs no server: the viewer's page with a profile in it. */
#include "profiler/export/job.h"
#include "profiler/viewer/assets.h"
#include "profiler/viewer/responses.h"

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
static void put_name(km_buffer *out, const km_prof *prof)
{
	const km_buffer *files = &prof->stats->files;
	const char *path = files->len ? strstr(files->data, "    ") : NULL;

	if (!path) {
		km_export_title(out, prof);
		return;
	}
	path += strspn(path, " ");
	size_t len = strcspn(path, "\n");
	const char *slash = memrchr(path, '/', len);
	if (slash)
		len -= (size_t)(slash + 1 - path);
	km_buffer_append(out, slash ? slash + 1 : path, len);
}

int km_export_html(km_export *job)
{
	km_buffer name = {0}, profile = {0};

	put_name(&name, job->prof);
	int result =
		name.failed ? KM_ENOMEM : km_viewer_put_profile(&profile, name.data, job->prof);
	if (!result && profile.failed)
		result = KM_ENOMEM;
	if (!result)
		result = km_asset_inflate(&job->out.text, km_single_page_parts[0]);
	if (!result) {
		put_base64(&job->out, &profile);
		result = km_asset_inflate(&job->out.text, km_single_page_parts[1]);
	}
	km_buffer_finish(&name);
	km_buffer_finish(&profile);
	return result;
}
