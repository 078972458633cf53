/* A private folder for profiles, for as long as the program runs. */
#ifndef KM_MAIN_PROFILE_FOLDER_H
#define KM_MAIN_PROFILE_FOLDER_H

#include <komori/base.h>
#include <sys/types.h>

typedef struct km_profile_folder {
	char *path;  /* absolute; NULL: there is none */
	pid_t owner; /* which removes it */
} km_profile_folder;

/* Makes one (0700) in TMPDIR, or takes over that of the program which ran in this process before a
 * reload. KM_EIO with errno, KM_ENOMEM. */
int km_profile_folder_make(km_profile_folder *folder);
/* Only takes over, where there is one. */
void km_profile_folder_inherit(km_profile_folder *folder);
/* Removes it with all files in it; in a child of its owner only when that one is dead. Accepts a
 * zeroed one. */
void km_profile_folder_finish(km_profile_folder *folder);

#endif
