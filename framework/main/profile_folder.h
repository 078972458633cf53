/* A private folder for profiles, which lives as long as the program. */
#ifndef KM_MAIN_PROFILE_FOLDER_H
#define KM_MAIN_PROFILE_FOLDER_H

#include <komori/base.h>
#include <sys/types.h>

typedef struct km_profile_folder {
	char *path;  /* absolute; NULL: there is none */
	int lock;    /* the folder, locked (flock) as long as a process has it open */
	pid_t owner; /* the process that removes it; 0: another one does */
} km_profile_folder;

/* Makes a folder (0700) in TMPDIR, and removes those of programs that were killed. KM_EIO with
 * errno, KM_ENOMEM. */
int km_profile_folder_make(km_profile_folder *folder);
/* Uses the folder of the master, the parent of this process. KM_EIO with errno when it is gone,
 * KM_ENOMEM. */
int km_profile_folder_inherit(km_profile_folder *folder, const char *path);
/* Removes the folder with its files, in the owner, or in the last process of an owner that is dead.
 * Accepts a zeroed one. */
void km_profile_folder_finish(km_profile_folder *folder);

#endif
