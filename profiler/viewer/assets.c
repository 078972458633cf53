#include "profiler/viewer/assets.h"

#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16 };

const km_asset *km_asset_find(km_str name)
{
	for (const km_asset *asset = km_assets; asset->name; asset++) {
		if (km_str_equal(km_str_from(asset->name), name))
			return asset;
	}
	return NULL;
}

int km_asset_inflate(km_buffer *out, const km_asset *asset)
{
	char *room = km_buffer_reserve(out, asset->size);
	z_stream stream = {
		.next_in = (Bytef *)(uintptr_t)asset->gzip.ptr,
		.avail_in = (uInt)asset->gzip.len,
		.next_out = (Bytef *)room,
		.avail_out = (uInt)asset->size,
	};

	if (!room || inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
		return KM_ENOMEM;
	int result = inflate(&stream, Z_FINISH);
	inflateEnd(&stream);
	out->len += asset->size;
	out->data[out->len] = '\0';
	return result == Z_STREAM_END ? 0 : KM_ENOMEM;
}
