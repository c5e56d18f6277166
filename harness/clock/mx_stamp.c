/*
 * File stamps.  The kernel stamps files with real time.  The page has for
 * each stretch of real time in which files were stamped the virtual moment
 * it belongs to; stat() maps by it.  Stamps from outside the lab's real
 * lifetime - files made before it, stamps set with utime() - are not touched.
 *
 * The kernel's stamps come from a coarse clock (or, on newer kernels, from
 * either the coarse or the exact one).  At a jump the controller notes the
 * exact time R, which no stamp so far can pass.  Who stamps afterwards first
 * waits here until the coarse clock has passed R: no stamp of the new moment
 * can then be R or less.
 */
#include "harness/clock/mx.h"

#include <sched.h>
#include <sys/stat.h>

#include "harness/clock/real.h"

void
mx_dirty(void)
{
	int64_t floor_ns = atomic_load(&mx_page->stamp_floor_ns);

	/* Not asleep while waiting: the lab must not seem quiet. */
	if (mx_real_now(CLOCK_REALTIME_COARSE) <= floor_ns) {
		atomic_fetch_add(&mx_page->dirty_waits, 1);
		while (mx_real_now(CLOCK_REALTIME_COARSE) <= floor_ns)
			MX_RAW(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
	}
	atomic_store(&mx_page->dirty, 1);
}

void
mx_dirty_fd(int fd)
{
	struct stat st;

	if (MX_RAW(SYS_fstat, fd, &st, 0, 0, 0, 0) == 0 &&
	    S_ISREG(st.st_mode))
		mx_dirty();
}

/* The oldest entry whose stretch ends at or after the stamp. */
static int64_t
stamp_elapsed(int64_t real_ns)
{
	uint64_t count = atomic_load(&mx_page->stamp_count);
	uint64_t lo = count > PAGE_STAMPS ? count - PAGE_STAMPS : 0;
	uint64_t hi = count, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (mx_page->stamps[mid % PAGE_STAMPS].real_ns >= real_ns)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo == count ? mx_now() :
	    mx_page->stamps[lo % PAGE_STAMPS].elapsed_ns;
}

void
mx_stamp_map(int64_t *sec, long *nsec)
{
	struct timespec ts = { *sec, *nsec };
	int64_t ns = mx_from_ts(&ts);

	if (ns < mx_page->real0_ns || ns > mx_real_now(CLOCK_REALTIME))
		return;
	ns = mx_page->epoch_ns + stamp_elapsed(ns);
	*sec = ns / NSEC;
	*nsec = ns % NSEC;
}
