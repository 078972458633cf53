#include "framework/http/method.h"

/* Those that http-parser accepts, the common ones first. */
static const km_str methods[] = {
	KM_STR("GET"),	    KM_STR("POST"),	  KM_STR("HEAD"),      KM_STR("PUT"),
	KM_STR("DELETE"),   KM_STR("OPTIONS"),	  KM_STR("PATCH"),     KM_STR("TRACE"),
	KM_STR("COPY"),	    KM_STR("LOCK"),	  KM_STR("MKCOL"),     KM_STR("MOVE"),
	KM_STR("PROPFIND"), KM_STR("PROPPATCH"),  KM_STR("SEARCH"),    KM_STR("UNLOCK"),
	KM_STR("BIND"),	    KM_STR("REBIND"),	  KM_STR("UNBIND"),    KM_STR("ACL"),
	KM_STR("REPORT"),   KM_STR("MKACTIVITY"), KM_STR("CHECKOUT"),  KM_STR("MERGE"),
	KM_STR("M-SEARCH"), KM_STR("NOTIFY"),	  KM_STR("SUBSCRIBE"), KM_STR("UNSUBSCRIBE"),
	KM_STR("PURGE"),    KM_STR("MKCALENDAR"), KM_STR("LINK"),      KM_STR("UNLINK"),
};

km_str km_http_method(km_str text)
{
	if (km_str_equal(text, KM_STR("GET"))) /* of constant length: no call */
		return methods[0];
	for (size_t i = 1; i < sizeof methods / sizeof *methods; i++) {
		if (km_str_equal(text, methods[i]))
			return methods[i];
	}
	return (km_str){NULL, 0};
}
