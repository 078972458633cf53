#include "profiler/probe/patch.h"

#include <dirent.h>
#include <komori/base.h>
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ThreadSanitizer has a thread of its own, which never runs the program's functions. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
enum { HARMLESS_THREADS = 1 };
#else
enum { HARMLESS_THREADS = 0 };
#endif

enum { PAGE = 4096, JUMP_SIZE = 5 };

bool km_patch_has_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	int count = 0;

	if (!tasks)
		return true;
	for (struct dirent *entry; (entry = readdir(tasks));)
		count += entry->d_name[0] != '.';
	closedir(tasks);
	return count > 1 + HARMLESS_THREADS;
}

int km_patch_protect(uintptr_t low, uintptr_t high, int protection)
{
	uintptr_t start = low & ~(uintptr_t)(PAGE - 1);

	return mprotect((void *)start, high - start, protection) ? KM_EIO : 0;
}

static bool is_in_one_word(uintptr_t site)
{
	return (site & 7) + JUMP_SIZE <= 8;
}

bool km_patch_is_atomic(uintptr_t site)
{
	return is_in_one_word(site) && *(const unsigned char *)site == 0x0f;
}

/* ThreadSanitizer has no shadow memory for code, but clang instruments atomic stores anyway. */
#if __has_attribute(disable_sanitizer_instrumentation)
#define UNSEEN __attribute__((disable_sanitizer_instrumentation))
#else
#define UNSEEN __attribute__((no_sanitize("thread")))
#endif

UNSEEN void km_patch_jump(uintptr_t site, uintptr_t target)
{
	uint32_t distance = (uint32_t)(target - (site + JUMP_SIZE));
	unsigned char bytes[JUMP_SIZE] = {0xe9};

	memcpy(bytes + 1, &distance, sizeof distance);
	if (is_in_one_word(site)) {
		uint64_t *word = (uint64_t *)(site & ~(uintptr_t)7), value = *word;
		memcpy((char *)&value + (site & 7), bytes, JUMP_SIZE);
		__atomic_store_n(word, value, __ATOMIC_RELEASE);
	} else {
		memcpy((void *)site, bytes, JUMP_SIZE);
	}
}

void km_patch_sync(void)
{
	/* Kernels before 4.16 lack it; there the interrupts of mprotect had the same effect. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
	syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
}
