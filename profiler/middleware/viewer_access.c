#include "profiler/middleware/viewer_access.h"

#include <arpa/inet.h>
#include <strings.h>

/* --- peers --- */

/* Takes "127.0.0.1", "::1" and IPv4 in IPv6. */
static bool is_loopback_address(const char *text)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, text, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, text, &v6) != 1)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

/* A Unix socket has no peer address. */
static bool is_local_peer(km_environ *environ)
{
	km_str address = km_environ_get(environ, "REMOTE_ADDR");

	return address.ptr && (address.len == 0 || is_loopback_address(address.ptr));
}

/* A proxy on this machine passes on requests of other machines. */
static bool is_passed_on(km_environ *environ)
{
	return km_environ_get(environ, "HTTP_FORWARDED").ptr ||
	       km_environ_get(environ, "HTTP_X_FORWARDED_FOR").ptr ||
	       km_environ_get(environ, "HTTP_X_REAL_IP").ptr;
}

/* --- Host: a foreign name may resolve to this machine (DNS rebinding) --- */

static bool is_port(const char *text)
{
	return *text == '\0' || (*text == ':' && text[1 + strspn(text + 1, "0123456789")] == '\0');
}

static bool is_localhost(const char *name)
{
	static const char localhost[] = "localhost";
	size_t len = strlen(name), own = sizeof localhost - 1;

	return len >= own && strcasecmp(name + len - own, localhost) == 0 &&
	       (len == own || name[len - own - 1] == '.');
}

static bool is_local_host(km_str host)
{
	bool bracket = host.len > 0 && host.ptr[0] == '[';
	const char *start = host.ptr + bracket;
	char name[256];

	if (!host.ptr || host.len >= sizeof name)
		return false;
	size_t len = strcspn(start, bracket ? "]" : ":");
	memcpy(name, start, len);
	name[len] = '\0';
	if (bracket && start[len] != ']')
		return false;
	return is_port(start + len + bracket) &&
	       (is_loopback_address(name) || (!bracket && is_localhost(name)));
}

/* --- the secret --- */

/* Compares in constant time. */
static bool is_secret(km_str given, km_str secret)
{
	volatile unsigned char difference = given.len != secret.len;

	if (!given.ptr || secret.len == 0)
		return false;
	for (size_t i = 0; i < given.len; i++)
		difference |= (unsigned char)(given.ptr[i] ^ secret.ptr[i % secret.len]);
	return difference == 0;
}

/* Returns the value of a cookie (RFC 6265 section 4.2.1), {NULL, 0} when absent. */
static km_str cookie(km_str cookies, km_str name)
{
	const char *at = cookies.ptr, *end = cookies.len ? at + cookies.len : at;

	while (at < end) {
		const char *stop = memchr(at, ';', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);
		if (len > name.len && at[name.len] == '=' && memcmp(at, name.ptr, name.len) == 0)
			return (km_str){at + name.len + 1, len - name.len - 1};
		at += len + 1;
		while (at < end && *at == ' ')
			at++;
	}
	return (km_str){NULL, 0};
}

km_viewer_access km_viewer_access_of(km_environ *environ, km_str secret, km_str given)
{
	km_str header = km_environ_get(environ, "HTTP_X_KOMORI_SECRET");
	km_str cookies = km_environ_get(environ, "HTTP_COOKIE");

	if (is_secret(given, secret))
		return KM_VIEWER_BY_QUERY;
	if (is_secret(header, secret) ||
	    is_secret(cookie(cookies, KM_STR("komori_secret")), secret))
		return KM_VIEWER_ALLOWED;
	if (is_local_peer(environ) && !is_passed_on(environ) &&
	    is_local_host(km_environ_get(environ, "HTTP_HOST")))
		return KM_VIEWER_ALLOWED;
	return KM_VIEWER_REFUSED;
}
