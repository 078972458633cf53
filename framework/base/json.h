/* The former place of km_json_string. */
#ifndef KM_BASE_JSON_H
#define KM_BASE_JSON_H

#include "framework/base/json_writer.h"

#endif
