/*
 * syscall(2) for the numbers that read the clock or wait by it.
 */
#include "harness/clock/mx.h"

#include <linux/futex.h>
#include <stdarg.h>

#include "harness/clock/real.h"

/* A timed futex wait: in slices, as a private futex has no other door. */
static long
futex_timed(const long a[6])
{
	int op = (int)a[1] & FUTEX_CMD_MASK;
	const struct timespec *ts = (const struct timespec *)a[3];
	struct timespec slice = { 0, MX_SLICE_NS };
	struct mx_wait w;
	bool absolute = op == FUTEX_WAIT_BITSET, due;
	clockid_t clock = (int)a[1] & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME :
	    CLOCK_MONOTONIC;
	long rc;

	mx_wait_begin(&w, absolute ? mx_at(clock, ts) :
	    mx_after(mx_from_ts(ts)), SLOT_POLLED, "futex");
	do {
		due = mx_wait_due(&w);
		if (absolute)
			slice = mx_slice(clock);
		rc = MX_RAW(SYS_futex, a[0], a[1], a[2], &slice, a[4], a[5]);
	} while (rc == -ETIMEDOUT && !due);
	mx_wait_end(&w);
	return mx_ret(rc);
}

static bool
futex_is_timed(const long a[6])
{
	int op = (int)a[1] & FUTEX_CMD_MASK;

	return (op == FUTEX_WAIT || op == FUTEX_WAIT_BITSET) && a[3] != 0 &&
	    mx_valid((const struct timespec *)a[3]);
}

EXPORT long
syscall(long nr, ...)
{
	long a[6], rc;
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (mx_page == NULL)
		return mx_ret(mx_raw6(nr, a[0], a[1], a[2], a[3], a[4],
		    a[5]));
	switch (nr) {
	case SYS_clock_gettime:
		return clock_gettime((clockid_t)a[0], (void *)a[1]);
	case SYS_gettimeofday:
		return gettimeofday((void *)a[0], (void *)a[1]);
#ifdef SYS_time
	case SYS_time:
		return time((void *)a[0]);
	case SYS_poll:
		return poll((void *)a[0], (nfds_t)a[1], (int)a[2]);
	case SYS_select:
		return select((int)a[0], (void *)a[1], (void *)a[2],
		    (void *)a[3], (void *)a[4]);
	case SYS_epoll_wait:
		return epoll_wait((int)a[0], (void *)a[1], (int)a[2],
		    (int)a[3]);
	case SYS_alarm:
		return alarm((unsigned)a[0]);
#endif
	case SYS_ppoll:
		return ppoll((void *)a[0], (nfds_t)a[1], (void *)a[2],
		    (void *)a[3]);
	case SYS_epoll_pwait:
		return epoll_pwait((int)a[0], (void *)a[1], (int)a[2],
		    (int)a[3], (void *)a[4]);
	case SYS_nanosleep:
		return nanosleep((void *)a[0], (void *)a[1]);
	case SYS_clock_nanosleep:
		rc = clock_nanosleep((clockid_t)a[0], (int)a[1],
		    (void *)a[2], (void *)a[3]);
		return mx_ret(-rc);
	case SYS_futex:
		if (futex_is_timed(a))
			return futex_timed(a);
		break;
	}
	return mx_ret(mx_raw6(nr, a[0], a[1], a[2], a[3], a[4], a[5]));
}
