/*
 * Reading the clock.  Time stands still while anything runs, so every read
 * is a load from the page.  A thread that does nothing but look at the clock
 * would look for ever: after SPIN_FREE looks without a jump or a wait each
 * further look moves time by SPIN_TICK_NS.
 *
 * A program that reads on and on at the end of a connection (dma) has no look
 * at the clock: only an alarm ends it.  After END_FREE such reads it sleeps
 * for END_NAP_NS at each, or its alarm would never come.
 */
#include "harness/clock/mx.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/timeb.h>

#include "harness/clock/real.h"

#define SPIN_FREE	100000		/* Node.js starts with 20 000 */
#define SPIN_TICK_NS	1000
#define END_FREE	1000
#define END_NAP_NS	NSEC

struct spin {
	uint64_t jumps;
	uint32_t turns;			/* since that jump */
};

static __thread struct spin looks __attribute__((tls_model("initial-exec")));
static __thread struct spin ends __attribute__((tls_model("initial-exec")));

int64_t
mx_now(void)
{
	return atomic_load_explicit(&mx_page->elapsed_ns,
	    memory_order_acquire);
}

static bool
turns_exceed(struct spin *spin, uint32_t free_turns)
{
	uint64_t jumps = atomic_load_explicit(&mx_page->jumps,
	    memory_order_relaxed);

	if (jumps != spin->jumps) {
		spin->jumps = jumps;
		spin->turns = 0;
	}
	return ++spin->turns > free_turns;
}

void
mx_spin(void)
{
	if (turns_exceed(&looks, SPIN_FREE))
		atomic_fetch_add(&mx_page->elapsed_ns, SPIN_TICK_NS);
}

void
mx_read_nothing(int fd)
{
	socklen_t size = sizeof(int);
	int type = 0;

	if (!turns_exceed(&ends, END_FREE))
		return;
	MX_RAW(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &size, 0);
	if (type != SOCK_STREAM)
		return;
	mx_sleep(mx_after(END_NAP_NS), "read at the end");
	/* The jump that ended the nap does not begin anew. */
	ends.jumps = atomic_load(&mx_page->jumps);
}

int64_t
mx_real_now(clockid_t clock)
{
	struct timespec ts = { 0 };

	MX_RAW(SYS_clock_gettime, clock, &ts, 0, 0, 0, 0);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

bool
mx_clock_base(clockid_t clock, int64_t *base_ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_TAI:
		*base_ns = mx_page->epoch_ns;
		return true;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		*base_ns = PAGE_MONO0_NS;
		return true;
	default:
		return false;		/* CPU clocks, clocks of devices */
	}
}

bool
mx_valid(const struct timespec *ts)
{
	return ts->tv_sec >= 0 && ts->tv_nsec >= 0 && ts->tv_nsec < NSEC;
}

int64_t
mx_from_ts(const struct timespec *ts)
{
	if (ts->tv_sec >= INT64_MAX / NSEC)
		return PAGE_NEVER;
	if (ts->tv_sec <= INT64_MIN / NSEC)
		return INT64_MIN;
	return ts->tv_sec * NSEC + ts->tv_nsec;
}

int64_t
mx_from_tv(const struct timeval *tv)
{
	struct timespec ts = { tv->tv_sec, tv->tv_usec * 1000 };

	return mx_from_ts(&ts);
}

struct timespec
mx_to_ts(int64_t ns)
{
	struct timespec ts = { ns / NSEC, ns % NSEC };

	return ts;
}

int64_t
mx_add(int64_t a_ns, int64_t b_ns)
{
	int64_t sum;

	if (__builtin_add_overflow(a_ns, b_ns, &sum))
		return b_ns > 0 ? PAGE_NEVER : INT64_MIN;
	return sum;
}

int64_t
mx_round(int64_t ns)
{
	if (ns > PAGE_NEVER - 1000)
		return PAGE_NEVER;
	return ns <= 0 ? 0 : (ns + 999) / 1000 * 1000;
}

int64_t
mx_after(int64_t delay_ns)
{
	return mx_round(mx_add(mx_now(), delay_ns));
}

int64_t
mx_at(clockid_t clock, const struct timespec *ts)
{
	int64_t base = 0, at = mx_from_ts(ts);

	if (at == PAGE_NEVER)
		return at;
	mx_clock_base(clock, &base);
	return mx_round(at - base);
}

static int64_t
look(int64_t base_ns)
{
	mx_spin();
	return base_ns + mx_now();
}

EXPORT int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	int64_t base;

	if (mx_page == NULL)
		return REAL(clock_gettime)(clock, ts);
	if (!mx_clock_base(clock, &base))
		return (int)mx_ret(MX_RAW(SYS_clock_gettime, clock, ts, 0, 0,
		    0, 0));
	*ts = mx_to_ts(look(base));
	return 0;
}

EXPORT int
gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	int64_t now;

	if (mx_page == NULL)
		return REAL(gettimeofday)(tv, tz);
	if (tz != NULL)
		MX_RAW(SYS_gettimeofday, 0, tz, 0, 0, 0, 0);
	__asm__("" : "+r" (tv));	/* declared non-NULL, yet it happens */
	if (tv != NULL) {
		now = look(mx_page->epoch_ns);
		tv->tv_sec = now / NSEC;
		tv->tv_usec = now % NSEC / 1000;
	}
	return 0;
}

EXPORT time_t
time(time_t *t)
{
	time_t now;

	if (mx_page == NULL)
		return REAL(time)(t);
	now = look(mx_page->epoch_ns) / NSEC;
	if (t != NULL)
		*t = now;
	return now;
}

EXPORT int
timespec_get(struct timespec *ts, int base)
{
	if (mx_page == NULL || base != TIME_UTC)
		return REAL(timespec_get)(ts, base);
	*ts = mx_to_ts(look(mx_page->epoch_ns));
	return base;
}

/* Still in the ABI of libc, no longer in its headers. */
EXPORT int ftime(struct timeb *);
EXPORT int
ftime(struct timeb *tb)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	tb->time = ts.tv_sec;
	tb->millitm = (unsigned short)(ts.tv_nsec / 1000000);
	tb->timezone = tb->dstflag = 0;
	return 0;
}

/* Nobody in the lab sets the clock. */
#define REFUSE(name, params, call) \
	EXPORT int \
	name params \
	{ \
		if (mx_page == NULL) \
			return (int)mx_ret(call); \
		errno = EPERM; \
		return -1; \
	}

REFUSE(clock_settime, (clockid_t clock, const struct timespec *ts),
    MX_RAW(SYS_clock_settime, clock, ts, 0, 0, 0, 0))
REFUSE(settimeofday, (const struct timeval *tv, const struct timezone *tz),
    MX_RAW(SYS_settimeofday, tv, tz, 0, 0, 0, 0))

/* Reading with adjtimex is harmless, so modes 0 is left alone. */
EXPORT int
adjtimex(struct timex *tx)
{
	if (mx_page != NULL && tx->modes != 0) {
		errno = EPERM;
		return -1;
	}
	return (int)mx_ret(MX_RAW(SYS_adjtimex, tx, 0, 0, 0, 0, 0));
}

EXPORT int
clock_adjtime(clockid_t clock, struct timex *tx)
{
	if (mx_page != NULL && tx->modes != 0) {
		errno = EPERM;
		return -1;
	}
	return (int)mx_ret(MX_RAW(SYS_clock_adjtime, clock, tx, 0, 0, 0, 0));
}
