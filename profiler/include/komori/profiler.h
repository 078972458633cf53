/* Komori's profiler: exact call counts and times of every function of the program that was compiled
 * with sleds, and of every library call it makes, by calling context. It works in any C program:
 *
 *	km_profile *profile = km_profile_new(NULL);
 *	if (km_profile_start(profile))
 *		fprintf(stderr, "not profiled: %s\n", km_profile_error());
 *	work();
 *	km_profile_stop(profile);
 *	km_profile_print_stats(profile, stdout, "cumtime", "30");
 *	km_profile_dump_stats(profile, "work.prof");
 *	km_profile_free(profile);
 *
 * A profile records one thread between start and stop. Other threads run unrecorded, or record into
 * profiles of their own. Calls for one profile are not thread-safe; except for start and stop they
 * may come from any thread.
 *
 * Every function accepts a NULL profile: it returns KM_EINVAL, or does nothing when it returns
 * nothing, and km_profile_error() keeps the reason if a km_profile_new failed just before. Other
 * pointers may be NULL where their contract says so; else functions return KM_EINVAL for NULL. */
#ifndef KOMORI_PROFILER_H
#define KOMORI_PROFILER_H

#include <komori/base.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct km_profile km_profile;

typedef struct km_profile_options {
	/* The most bytes of memory that the recording takes, 0 for 256 MiB. Values are brought into
	 * the range from 1 MiB to 1536 MiB; 48 bytes a function may come on top. When the memory is
	 * used up, calls on new paths are counted below one (other) node: counts and own times stay
	 * exact. */
	size_t memory;
	/* Puts the recording into memory that processes forked later share. When one of them dies
	 * while it records, this process can read the recording (km_profile_recover). A child that
	 * is forked in the middle of a recording does not write into it. */
	bool shared;
} km_profile_options;

/* Facts about the recording that a dump carries. Strings are borrowed for the call, and left out of
 * the dump where they are NULL. */
typedef struct km_profile_facts {
	const char *method, *path, *route, *query;
	/* "finished", "error", "aborted", "killed: SIGKILL after 30.0 s", ... */
	const char *outcome;
	int status;	/* HTTP status, 0 when none was sent */
	double started; /* seconds since the epoch */
	double elapsed; /* seconds of wall time */
} km_profile_facts;

/* Puts the probe into the program: patches the sleds, and the slots for library calls, of the
 * program and of its shared objects that have sleds. The first km_profile_new calls it; call it
 * yourself at start-up, before threads start, and again after dlopen. A function with a debugger's
 * breakpoint at its entry stays unrecorded, and one log line names it.
 *
 * Returns 0; KM_ESTATE when threads run that could be in the middle of a sled (gcc's sleds are five
 * instructions, clang's are one); KM_EIO when the system forbids changes of code; KM_ENOMEM.
 * Idempotent, thread-safe. */
KM_API int km_profile_enable(void);
/* The number of functions whose sled is in use, 0 when the program was built without the flags. */
KM_API size_t km_profile_sled_count(void);
/* Why the last km_profile_* call that failed in this thread failed; "no error" before the first.
 * Never NULL. Valid until the next call fails in this thread. */
KM_API const char *km_profile_error(void);

/* Makes a profile. `options` may be NULL. Returns NULL when memory ran out, or when the probe
 * cannot be put into the program, as km_profile_enable says. */
KM_API km_profile *km_profile_new(const km_profile_options *options);
/* Frees the profile, which must be stopped. Accepts NULL. */
KM_API void km_profile_free(km_profile *profile);
/* Records the calling thread from here on. A start after a stop continues the same tree. KM_ESTATE
 * when the thread already records, when another thread records this profile, or when the profile is
 * recovered and not reset. */
KM_API int km_profile_start(km_profile *profile);
/* Stops the recording. Call it in the function that called start. KM_ESTATE when the thread does
 * not record this profile, or when profiled functions entered after start are still open. */
KM_API int km_profile_stop(km_profile *profile);
/* Empties the recording and keeps its memory for the next one. The profile must be stopped. */
KM_API void km_profile_reset(km_profile *profile);

/* Closes a shared recording that process `pid` was writing when it died. Open calls end at
 * `died_ns` (CLOCK_MONOTONIC in nanoseconds, 0 for now). Then every function that reads a profile
 * works on it. A call that began or ended at that very instant may be missing. Of a recording that
 * the process has overwritten, the part that is still linked is read.
 *
 * Returns 1 when the process was recording, 0 when it was between a stop and a start; KM_EINVAL
 * when the recording is not shared, or recorded by this process; KM_ENOMEM. Reset the profile
 * before any process records into it again. */
KM_API int km_profile_recover(km_profile *profile, pid_t pid, int64_t died_ns);
/* Empties a shared recording whose process died, without reading it. */
KM_API void km_profile_discard(km_profile *profile);
/* Prints the open calls, innermost first, one a line: function, file and line. Leaves out the
 * middle of a deep stack. A recovered recording has the calls that were open at death, any other
 * the calls that are open now; another process may be recording it if it stands still meanwhile.
 * Returns the number of open calls, 0 when nothing is recorded; KM_EIO, KM_ENOMEM. */
KM_API int km_profile_print_stack(km_profile *profile, FILE *stream);

/* The place of a function: `file` is absolute, `line` is that of the declaration. Without debug
 * information they are "~" and 0; without a symbol the name is the address. The strings live as
 * long as the process. */
typedef struct km_profile_location {
	const char *function, *file;
	int line;
} km_profile_location;
/* Finds the function around a code address of this process. The first call reads debug information.
 * KM_ENOMEM. Thread-safe, but not for signal handlers. */
KM_API int km_profile_locate(const void *address, km_profile_location *location);

/* Writes the source line of the instruction at `address` to `text`, as "file:line". The line may
 * belong to a function that was inlined there. KM_ENOENT without debug information; then `text` is
 * "". Thread-safe as above. */
KM_API int km_profile_locate_line(const void *address, char *text, size_t size);

/* The state of a thread in a process that has the same code at the same addresses, such as a fork
 * of this one: registers by their DWARF numbers with the instruction's address last (x86-64 psABI,
 * figure 3.36: rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 to r15, return address), and a copy of
 * the top of its stack. */
enum { KM_PROFILE_REGISTERS = 17 };
typedef struct km_profile_thread {
	uint64_t registers[KM_PROFILE_REGISTERS];
	uint64_t stack_address; /* where the copy was */
	const void *stack;
	size_t stack_size;
} km_profile_thread;
/* Prints the calls that the thread was in, innermost first, one a line with the file and line of
 * the call. Stops at the function around `last`; NULL prints all calls that can be found. Unwinds
 * by debug information or .eh_frame, and cannot pass functions that are being recorded. Returns the
 * number of lines; 0 on other processors than x86-64. */
KM_API size_t km_profile_print_thread(const km_profile_thread *thread, const void *last,
				      FILE *stream);

/* Names the root row, {name} in the table. Copies the name. The default is "profile". KM_ENOMEM. */
KM_API int km_profile_set_name(km_profile *profile, const char *name);

typedef struct km_profile_summary {
	uint64_t nodes;	      /* distinct call paths */
	uint64_t calls;	      /* all calls, with those below (other) */
	uint64_t other_calls; /* calls below (other) */
	uint64_t lost_calls;  /* calls nested too deep even for (other): ran unrecorded */
	double seconds;	      /* between start and stop, of all runs */
	size_t memory;	      /* bytes in use for the recording */
} km_profile_summary;
/* Summarises what the recording holds. */
KM_API void km_profile_summarise(const km_profile *profile, km_profile_summary *summary);

/* Print the text of pstats' print_stats, print_callers and print_callees, byte for byte. The
 * profile must be stopped.
 *
 * `sort_by`: pstats' keys, joined by "," ("time,calls"); NULL or "" for unsorted. `restrictions`:
 * pstats' restrictions, joined by "," (a count, a fraction below 1, a regular expression; write a
 * comma in one as "\,"); NULL or "" for all rows. KM_EINVAL for a bad key or restriction, KM_ESTATE
 * while the profile is recorded, KM_EIO when `stream` failed, KM_ENOMEM. */
KM_API int km_profile_print_stats(km_profile *profile, FILE *stream, const char *sort_by,
				  const char *restrictions);
KM_API int km_profile_print_callers(km_profile *profile, FILE *stream, const char *sort_by,
				    const char *restrictions);
KM_API int km_profile_print_callees(km_profile *profile, FILE *stream, const char *sort_by,
				    const char *restrictions);
/* Check an argument of the functions above. KM_EINVAL when it is bad; km_profile_error() says what
 * is allowed. */
KM_API int km_profile_check_sort(const char *sort_by);
KM_API int km_profile_check_restrictions(const char *restrictions);

/* Write the profile as a file that pstats and snakeviz open. The exact call tree follows their data
 * (docs/prof-format.md). The file has mode 0600 and appears under `path` only when it is complete;
 * it replaces an existing file. `facts` may be NULL. KM_EIO with errno, KM_ESTATE while the profile
 * is recorded, KM_ENOMEM. */
KM_API int km_profile_dump_stats(km_profile *profile, const char *path);
KM_API int km_profile_dump_stats_facts(km_profile *profile, const char *path,
				       const km_profile_facts *facts);

#ifdef __cplusplus
}
#endif
#endif
