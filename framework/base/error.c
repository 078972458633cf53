#include <komori/base.h>

const char *km_strerror(int error)
{
	switch (error) {
	case 0:
		return "success";
	case KM_ENOMEM:
		return "out of memory";
	case KM_EINVAL:
		return "invalid argument";
	case KM_ESTATE:
		return "not allowed in this state";
	case KM_EIO:
		return "input/output error";
	case KM_ELIMIT:
		return "limit reached";
	case KM_ENOENT:
		return "not found";
	case KM_EUNSUPPORTED:
		return "not supported here";
	case KM_ECLOSED:
		return "peer closed the connection";
	default:
		return "unknown error";
	}
}
