/* Makes a file name of any text: what a peer sent must not choose where a file goes. */
#ifndef KM_MIDDLEWARE_FILE_NAME_H
#define KM_MIDDLEWARE_FILE_NAME_H

#include <komori/base.h>

enum { KM_FILE_NAME_MAX = 200 }; /* bytes, with the suffix that makes a name unique */

typedef char km_file_name[KM_FILE_NAME_MAX + 1];

/* "/" and what is not printable becomes "_", a dot or a dash in front too; a long name loses its
 * middle. Never empty. */
void km_file_name_clean(km_file_name name, km_str text);
/* "GET.root.prof" and 2 make "GET.root-2.prof"; `number` is at most nine digits. */
void km_file_name_numbered(km_file_name numbered, const km_file_name name, unsigned number);

#endif
