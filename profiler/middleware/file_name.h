/* Makes a file name of any text. A client chooses the text, but never the folder. */
#ifndef KM_MIDDLEWARE_FILE_NAME_H
#define KM_MIDDLEWARE_FILE_NAME_H

#include <komori/base.h>

enum { KM_FILE_NAME_MAX = 200 }; /* bytes, with the suffix that makes a name unique */

typedef char km_file_name[KM_FILE_NAME_MAX + 1];

/* Replaces "/", unprintable characters, and a dot or dash at the front by "_". Takes the middle out
 * of a long name. The name is never empty. */
void km_file_name_clean(km_file_name name, km_str text);
/* Makes "GET.root-2.prof" of "GET.root.prof" and 2. `number` has at most nine digits. */
void km_file_name_numbered(km_file_name numbered, const km_file_name name, unsigned number);

#endif
