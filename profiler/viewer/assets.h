/* The files of the page, as they were compressed when the library was built (embed/). */
#ifndef KM_VIEWER_ASSETS_H
#define KM_VIEWER_ASSETS_H

#include "framework/base/buffer.h"

typedef struct km_asset {
	const char *name, *type;
	const char *tag; /* entity tag of the bytes, with its quotes */
	size_t size;	 /* not compressed */
	km_str gzip;
} km_asset;

/* The last has no name. */
extern const km_asset km_assets[];

/* Returns NULL when there is none. */
const km_asset *km_asset_find(km_str name);
/* Appends the file, decompressed. KM_ENOMEM. */
int km_asset_inflate(km_buffer *out, const km_asset *asset);

#endif
