/*
 * Start of the library in a process: map the page, find the real functions.
 */
#include "harness/clock/mx.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/single_threaded.h>
#include <sys/stat.h>

#include "harness/clock/real.h"

struct page *mx_page, *mx_watch;
struct real mx_real;

void
mx_real_resolve(void)
{
	int saved = errno;

#define H(name) \
	if (mx_real.name == NULL) \
		*(void **)&mx_real.name = dlsym(RTLD_NEXT, #name);
	REAL_ALL(H)
#undef H
	errno = saved;
}

long
mx_raw6(long nr, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__)
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall" : "=a"(ret)
	    : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	    : "rcx", "r11", "memory");
	return ret;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0" : "+r"(x0)
	    : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
	    : "memory");
	return x0;
#else
#error "libmxclock knows x86-64 and aarch64"
#endif
}

/* As glibc does it: cancellation is asynchronous just for the call. */
long
mx_block(long nr, long a, long b, long c, long d, long e, long f)
{
	int type;
	long rc;

	if (__libc_single_threaded)
		return mx_raw6(nr, a, b, c, d, e, f);
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	rc = mx_raw6(nr, a, b, c, d, e, f);
	pthread_setcanceltype(type, NULL);
	return rc;
}

/* The page, or NULL: no such file, or not one of ours. */
static struct page *
page_map(void)
{
	struct page *p = NULL;
	struct stat st;
	void *m;
	long fd;

	fd = MX_RAW(SYS_openat, AT_FDCWD, PAGE_PATH, O_RDWR | O_CLOEXEC, 0, 0,
	    0);
	if (fd < 0)
		return NULL;
	if (REAL(fstat)((int)fd, &st) == 0 &&
	    st.st_size == (off_t)sizeof *p) {
		m = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED,
		    (int)fd, 0);
		if (m != MAP_FAILED)
			p = m;
	}
	MX_RAW(SYS_close, fd, 0, 0, 0, 0, 0);
	if (p != NULL && (p->magic != PAGE_MAGIC ||
	    p->version != PAGE_VERSION || p->size != sizeof *p)) {
		munmap(p, sizeof *p);
		p = NULL;
	}
	return p;
}

__attribute__((constructor(101)))
static void
mx_init(void)
{
	struct page *p;
	int saved = errno;

	mx_real_resolve();
	p = page_map();
	if (p != NULL) {
		mx_watch = p;
		mx_name_self();
		pthread_atfork(NULL, NULL, mx_name_self);
		mx_patch_libc(p->watch_only != 0);
	}
	if (p != NULL && p->watch_only == 0) {
		mx_page = p;
		mx_slot_init();
		mx_timer_init();
		pthread_atfork(NULL, NULL, mx_slot_fork_child);
	}
	errno = saved;
}
