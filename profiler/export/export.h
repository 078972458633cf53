/* Profiles in the formats of other tools. */
#ifndef KM_EXPORT_EXPORT_H
#define KM_EXPORT_EXPORT_H

#include "profiler/dump/prof_reader.h"

/* What a reader of the result should know. */
typedef struct km_export_notes {
	bool from_rows; /* a format of paths, but the profile has no call tree: see timeline.h */
	uint32_t cut_stacks; /* so many stacks were too deep: frames in their middle are left out */
} km_export_notes;

struct km_export;

typedef struct km_export_format {
	const char *name; /* "pprof" */
	const char *help; /* one line: what opens it */
	bool binary;	  /* nothing for a terminal */
	bool paths;	  /* wants the timeline */
	int (*write)(struct km_export *job);
} km_export_format;

/* In the order in which help lists them; the last has no name. */
extern const km_export_format km_export_formats[];

/* NULL when there is no such format. */
const km_export_format *km_export_format_find(const char *name);

/* Writes `prof` to `fd`, as it goes, through a buffer of fixed size; memory besides is in
 * proportion to the call tree. Formats of paths are written from the exact tree, or, where there is
 * none, from the rows; the others from the rows. KM_EIO with errno, KM_ENOMEM. */
int km_export_write(const km_export_format *format, const km_prof *prof, int fd,
		    km_export_notes *notes);

#endif
