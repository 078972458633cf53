/* Writes profiles in the formats of other tools. */
#ifndef KM_EXPORT_EXPORT_H
#define KM_EXPORT_EXPORT_H

#include "profiler/dump/prof_reader.h"

/* Limits of the result that the user should know. */
typedef struct km_export_notes {
	bool from_rows;	     /* paths come from rows, because the profile has no call tree */
	uint32_t cut_stacks; /* count of stacks that were too deep and lack frames in the middle */
} km_export_notes;

struct km_export;

typedef struct km_export_format {
	const char *name; /* "pprof" */
	const char *help; /* one line: which tools open it */
	bool binary;	  /* not for a terminal */
	bool paths;	  /* needs the timeline */
	int (*write)(struct km_export *job);
} km_export_format;

/* In the order of help texts; the last has no name. */
extern const km_export_format km_export_formats[];

/* Returns NULL for an unknown format. */
const km_export_format *km_export_format_find(const char *name);

/* Writes `prof` to `fd` through a buffer of fixed size; other memory is in proportion to the call
 * tree. Formats of paths use the exact tree, or the rows when there is none; other formats use the
 * rows. KM_EIO with errno, KM_ENOMEM. */
int km_export_write(const km_export_format *format, const km_prof *prof, int fd,
		    km_export_notes *notes);

#endif
