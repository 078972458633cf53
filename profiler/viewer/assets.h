/* The files of the page, as they were compressed when the library was built (embed/). */
#ifndef KM_VIEWER_ASSETS_H
#define KM_VIEWER_ASSETS_H

#include "framework/base/buffer.h"

typedef struct km_asset {
	const char *name, *type;
	const char *tag; /* with its quotes; another one for other bytes */
	size_t size;	 /* not compressed */
	km_str gzip;
} km_asset;

/* Up to a NULL. */
extern const km_asset *const km_assets[];
/* The page that stands alone: what stands before its profile, and behind it. */
extern const km_asset *const km_single_page_parts[2];

/* NULL when there is none of that name. */
const km_asset *km_asset_find(km_str name);
/* Appends it as it was. KM_ENOMEM. */
int km_asset_inflate(km_buffer *out, const km_asset *asset);

#endif
