#include <komori/base.h>

const char *km_strerror(int error)
{
	static const char *const texts[] = {
		"success",
		[-KM_ENOMEM] = "out of memory",
		[-KM_EINVAL] = "invalid argument",
		[-KM_ESTATE] = "not allowed in this state",
		[-KM_EIO] = "input/output error",
		[-KM_ELIMIT] = "limit reached",
		[-KM_ENOENT] = "not found",
		[-KM_EUNSUPPORTED] = "not supported here",
		[-KM_ECLOSED] = "peer closed the connection",
	};

	return error <= 0 && error >= KM_ECLOSED ? texts[-error] : "unknown error";
}
