/* The two requests that benchmarks send: 40 bytes, the least that HTTP/1.1 allows, and 458 bytes,
 * as a browser sends it. */
#ifndef TESTS_BENCH_HTTP_REQUESTS_H
#define TESTS_BENCH_HTTP_REQUESTS_H

static const char request_small[] = "GET /hello HTTP/1.1\r\n"
				    "Host: 127.0.0.1\r\n"
				    "\r\n";

static const char request_browser[] =
	"GET /hello HTTP/1.1\r\n"
	"Host: 127.0.0.1:5000\r\n"
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;"
	"q=0.8\r\n"
	"Accept-Encoding: gzip, deflate, br\r\n"
	"Accept-Language: en-US,en;q=0.5\r\n"
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\r\n"
	"Cookie: session=eyJ1c2VyIjoiMTIzNDU2Nzg5MCJ9.ZmFrZQ.c2lnbmF\r\n"
	"Upgrade-Insecure-Requests: 1\r\n"
	"Sec-Fetch-Dest: document\r\n"
	"Sec-Fetch-Mode: navigate\r\n"
	"Sec-Fetch-Site: none\r\n"
	"\r\n";

#endif
