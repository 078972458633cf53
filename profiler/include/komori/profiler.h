/* Komori's profiler: exact call counts and times of every function of the program that was compiled
 * with sleds, and of every library call it makes, by calling context. Works in any C program:
 *
 *	km_profile *profile = km_profile_new(NULL);
 *	km_profile_start(profile);
 *	work();
 *	km_profile_stop(profile);
 *	km_profile_print_stats(profile, stdout, "cumtime", "30");
 *	km_profile_dump_stats(profile, "work.prof");
 *	km_profile_free(profile);
 *
 * A profile records one thread between start and stop; other threads run unrecorded, or record into
 * profiles of their own. Calls of one profile are not thread-safe, but for start and stop they may
 * come from any thread. */
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
	/* Most bytes of memory one recording may take, 0 for 256 MiB; at least 1 MiB and at most
	 * 1536 MiB, whatever is asked for, and 48 bytes for each function. When it is used up,
	 * calls on new paths are counted under one (other) node: counts and own times stay exact.
	 */
	size_t memory;
	/* The recording lies in memory shared with processes that are forked later: when one of
	 * them dies while it records, this one reads what it left (km_profile_recover). A child
	 * that is forked in the middle of the recording does not write into it. */
	bool shared;
} km_profile_options;

/* What a dump says of the recording; strings are borrowed for the call. NULL strings are left out.
 */
typedef struct km_profile_facts {
	const char *method, *path, *route, *query;
	const char
		*outcome; /* "finished", "error", "aborted", "killed: SIGKILL after 30.0 s", ... */
	int status;	  /* HTTP status, 0 when none was sent */
	double started;	  /* seconds since the epoch */
	double elapsed;	  /* seconds of wall time */
} km_profile_facts;

/* Puts the probe into the program once: patches the sleds and the library-call slots of the program
 * and of its sledded shared objects. Called by the first km_profile_new when it was not called
 * before; call it at start-up. KM_ESTATE when threads run that could be in the middle of a sled
 * (any program of gcc's; clang's sleds are one instruction), KM_EIO when the system forbids
 * changing code, KM_ENOMEM; km_profile_error() has the reason. Idempotent. */
KM_API int km_profile_enable(void);
/* Functions with a sled that were found, 0 when the program was built without the flags. */
KM_API size_t km_profile_sled_count(void);
/* Why the last km_profile_* call that failed in this thread failed, "no error" when none did;
 * static, never NULL. */
KM_API const char *km_profile_error(void);

/* NULL when memory ran out. `options` may be NULL. */
KM_API km_profile *km_profile_new(const km_profile_options *options);
/* Accepts NULL. The profile must be stopped. */
KM_API void km_profile_free(km_profile *profile);
/* Records the calling thread from here on. Start again after stop to go on in the same tree.
 * KM_ESTATE when the thread records already. */
KM_API int km_profile_start(km_profile *profile);
/* Ends what start began; belongs into the same function as start. KM_ESTATE when the thread does
 * not record this profile, or when profiled functions that were entered after start are still open.
 */
KM_API int km_profile_stop(km_profile *profile);
/* Forgets what was recorded, keeps the memory for the next recording. The profile must be stopped.
 */
KM_API void km_profile_reset(km_profile *profile);

/* Closes a shared recording that process `pid` was making when it died: calls that were open end at
 * `died_ns` (CLOCK_MONOTONIC, nanoseconds; 0 for now), and all that reads a profile can be used on
 * it. Calls under way at that very instruction may be missing. A recording that the process wrote
 * over is read as far as it hangs together. Returns 1 when the process was recording, 0 when it was
 * between a stop and a start, KM_EINVAL when the recording is not shared, KM_ENOMEM. Reset it
 * before the next start; only then may another process record it. */
KM_API int km_profile_recover(km_profile *profile, pid_t pid, int64_t died_ns);
/* As reset, for a shared recording whose process died: relies on nothing in it. */
KM_API void km_profile_discard(km_profile *profile);
/* Prints the calls that are open, innermost first, one a line: function, file and line; of very
 * many the middle is left out. For a recovered recording those that were open at death, else those
 * that are now: the recording may be another process's if that one stands still meanwhile. Returns
 * how many calls are open, 0 when it does not record, KM_EIO, KM_ENOMEM. */
KM_API int km_profile_print_stack(km_profile *profile, FILE *stream);

/* Where a function is: `file` absolute and `line` of its declaration, "~" and 0 when not known; the
 * name is the address when there is no other. Strings live as long as the process. */
typedef struct km_profile_location {
	const char *function, *file;
	int line;
} km_profile_location;
/* The function around a code address of this process. Thread-safe, not for signal handlers; the
 * first call reads debug information. KM_ENOMEM. */
KM_API int km_profile_locate(const void *address, km_profile_location *location);

/* The source line of the instruction at `address` as "file:line", which may be in a function that
 * was inlined there, into `text`. KM_ENOENT without debug information; then "". Thread-safe as
 * above. */
KM_API int km_profile_locate_line(const void *address, char *text, size_t size);

/* Where a thread of another process stood that has the same code at the same addresses, as a fork
 * of this one has. Registers by DWARF's numbers, the instruction's address last (x86-64 psABI,
 * figure 3.36: rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 to r15, return address), and a copy of
 * what was on its stack. */
enum { KM_PROFILE_REGISTERS = 17 };
typedef struct km_profile_thread {
	uint64_t registers[KM_PROFILE_REGISTERS];
	uint64_t stack_address; /* where the copy was */
	const void *stack;
	size_t stack_size;
} km_profile_thread;
/* Prints the calls that it was in, innermost first, one a line with file and line of each call, up
 * to the function at `last` (NULL: as far as they can be found). Unwinds by debug information or
 * .eh_frame; functions that are recorded now cannot be passed. Returns how many lines, 0 also on
 * other processors than x86-64. */
KM_API size_t km_profile_print_thread(const km_profile_thread *thread, const void *last,
				      FILE *stream);

/* Names the root row, {name} in the table. Copied. Default "profile". */
KM_API int km_profile_set_name(km_profile *profile, const char *name);

/* What the recording holds. */
typedef struct km_profile_summary {
	uint64_t nodes;	      /* distinct call paths */
	uint64_t calls;	      /* all calls, those in (other) too */
	uint64_t other_calls; /* of these, counted under (other) */
	uint64_t lost_calls;  /* nested too deep even for (other): ran unrecorded */
	double seconds;	      /* between start and stop, all runs */
	size_t memory;	      /* bytes in use for the recording */
} km_profile_summary;
KM_API void km_profile_summarise(const km_profile *profile, km_profile_summary *summary);

/* The text of pstats' print_stats, print_callers and print_callees, byte for byte.
 * `sort_by`: pstats' keys joined by "," ("time,calls"), NULL or "" for unsorted. `restrictions`:
 * pstats' restrictions joined by
 * "," (a count, a fraction below 1, a regular expression; "\," for a comma in one), NULL or "" for
 * all. KM_EINVAL for a bad key or restriction, KM_EIO when `stream` failed. The profile must be
 * stopped. */
KM_API int km_profile_print_stats(km_profile *profile, FILE *stream, const char *sort_by,
				  const char *restrictions);
KM_API int km_profile_print_callers(km_profile *profile, FILE *stream, const char *sort_by,
				    const char *restrictions);
KM_API int km_profile_print_callees(km_profile *profile, FILE *stream, const char *sort_by,
				    const char *restrictions);
/* 0 when both are valid for the functions above; else KM_EINVAL, km_profile_error() says what is
 * allowed. */
KM_API int km_profile_check_sort(const char *sort_by);
KM_API int km_profile_check_restrictions(const char *restrictions);

/* Writes the profile for pstats and snakeviz; our exact call tree rides behind
 * (docs/prof-format.md). The file, mode 0600, has no name until it is complete, then for a moment a
 * temporary one in the same directory, from which it is renamed; an existing file is replaced.
 * `facts` may be NULL. KM_EIO with errno. */
KM_API int km_profile_dump_stats(km_profile *profile, const char *path);
KM_API int km_profile_dump_stats_facts(km_profile *profile, const char *path,
				       const km_profile_facts *facts);

#ifdef __cplusplus
}
#endif
#endif
