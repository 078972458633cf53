/* Routes for script tests: what arrived, as length and sum, read in pieces or as one view, and a
 * long response. */
#include <komori/komori.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* FNV-1a. */
static uint64_t add(uint64_t sum, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)bytes[i]) * 1099511628211u;
	return sum;
}

static const uint64_t empty_sum = 14695981039346656037u;

static int pieces(km_request *req, km_response *res)
{
	enum { SIZE = 65536 };
	char *bytes = km_request_alloc(req, SIZE);
	uint64_t sum = empty_sum, len = 0;
	ssize_t got;

	while ((got = km_environ_read(km_request_environ(req), bytes, SIZE)) > 0) {
		sum = add(sum, bytes, (size_t)got);
		len += (uint64_t)got;
	}
	if (got < 0)
		return (int)got;
	return km_textf(res, 200, "%" PRIu64 " %" PRIu64, len, sum);
}

static int whole(km_request *req, km_response *res)
{
	km_str body = km_request_body(req);
	char rest;

	if (!body.ptr)
		return KM_EIO;
	if (body.ptr[body.len] != '\0' || km_environ_read(km_request_environ(req), &rest, 1) != 0)
		return KM_ESTATE;
	return km_textf(res, 200, "%zu %" PRIu64, body.len, add(empty_sum, body.ptr, body.len));
}

static int next_block(void *left, km_str *chunk)
{
	static const char block[65536];
	int *blocks = left;

	*chunk = (km_str){block, sizeof block};
	return (*blocks)-- > 0;
}

/* 64 MiB: more than any socket holds. */
static int download(km_request *req, km_response *res)
{
	int *left = km_request_alloc(req, sizeof *left);

	if (!left)
		return KM_ENOMEM;
	*left = 1024;
	return km_stream(res, 200, "application/octet-stream", next_block, NULL, left);
}

/* How a program that a handler starts finds SIGPIPE and SIGXFSZ. */
static int child(km_request *req, km_response *res)
{
	char line[256] = "";
	FILE *grep = popen("grep SigIgn: /proc/self/status", "re");

	(void)req;
	if (!grep || !fgets(line, sizeof line, grep)) {
		if (grep)
			pclose(grep);
		return KM_EIO;
	}
	pclose(grep);
	return km_text(res, 200, line);
}

int main(int argc, char **argv)
{
	km_app *app = km_app_new("transfer");

	km_post(app, "/pieces", pieces);
	km_post(app, "/whole", whole);
	km_get(app, "/download", download);
	km_get(app, "/child", child);
	return km_main(app, argc, argv);
}
