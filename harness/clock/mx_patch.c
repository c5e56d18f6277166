/*
 * libc calls some functions of its own without the detour over symbols that
 * a preload library can take over: the resolver polls with __poll and reads
 * the clock, sleep() calls clock_nanosleep, stdio writes with __write, system()
 * waits with __wait4.  Their
 * entries in libc are overwritten with a jump to ours.  Ours make raw system
 * calls and never go back to the overwritten ones.
 */
#include "harness/clock/mx.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/clock/real.h"

#if defined(__x86_64__)
#define JUMP_LEN	14
static void
jump_encode(uint8_t *code, uintptr_t to)
{
	static const uint8_t jmp_rip[6] = { 0xff, 0x25, 0, 0, 0, 0 };

	memcpy(code, jmp_rip, sizeof jmp_rip);
	memcpy(code + sizeof jmp_rip, &to, sizeof to);
}
#elif defined(__aarch64__)
#define JUMP_LEN	16
static void
jump_encode(uint8_t *code, uintptr_t to)
{
	static const uint32_t ldr_br[2] = {
		0x58000051,		/* ldr x17, .+8 */
		0xd61f0220,		/* br x17 */
	};

	memcpy(code, ldr_br, sizeof ldr_br);
	memcpy(code + sizeof ldr_br, &to, sizeof to);
}
#endif

/* One page pair of libc: writable while patched, never at the same time. */
static void
patch(void *from, void *to)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = (uintptr_t)from & ~(page - 1);
	size_t len = (uintptr_t)from + JUMP_LEN - start;
	uint8_t code[JUMP_LEN];

	if (from == NULL || from == to)
		return;
	jump_encode(code, (uintptr_t)to);
	if (mprotect((void *)start, len, PROT_READ | PROT_WRITE |
	    PROT_EXEC) != 0)
		return;
	memcpy(from, code, sizeof code);
	mprotect((void *)start, len, PROT_READ | PROT_EXEC);
	__builtin___clear_cache(from, (char *)from + JUMP_LEN);
}

/* Functions whose own version here never calls the real one. */
#define PATCHED(P) \
	P(poll) P(ppoll) P(select) P(clock_gettime) P(clock_nanosleep) P(write)

void
mx_patch_libc(bool waits_alone)
{
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);

	if (libc == NULL)
		return;
#define P(name) patch(dlsym(libc, #name), (void *)(uintptr_t)name);
	P(wait4)
	if (!waits_alone) {
		PATCHED(P)
	}
#undef P
	dlclose(libc);
}
