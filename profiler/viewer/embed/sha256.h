/* SHA-256 (FIPS 180-4), for the hashes that a Content-Security-Policy names. */
#ifndef KM_VIEWER_EMBED_SHA256_H
#define KM_VIEWER_EMBED_SHA256_H

#include <komori/base.h>

enum { KM_SHA256_SIZE = 32 };

void km_sha256(km_str text, unsigned char digest[KM_SHA256_SIZE]);

#endif
