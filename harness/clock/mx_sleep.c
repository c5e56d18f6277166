/*
 * sleep, usleep, nanosleep, clock_nanosleep.
 */
#include "harness/clock/mx.h"

#include "harness/clock/real.h"

static void
remaining(int64_t deadline_ns, struct timespec *rem)
{
	int64_t left = deadline_ns - mx_now();

	if (rem != NULL)
		*rem = mx_to_ts(left > 0 ? left : 0);
}

EXPORT int
clock_nanosleep(clockid_t clock, int flags, const struct timespec *req,
    struct timespec *rem)
{
	int64_t base, deadline;
	int rc;

	if (mx_page == NULL)
		return REAL(clock_nanosleep)(clock, flags, req, rem);
	if (!mx_clock_base(clock, &base))
		return (int)-MX_BLOCK(SYS_clock_nanosleep, clock, flags, req,
		    rem, 0, 0);
	if (!mx_valid(req))
		return EINVAL;
	if (flags & TIMER_ABSTIME)
		deadline = mx_at(clock, req);
	else
		deadline = mx_after(mx_from_ts(req));
	rc = mx_sleep(deadline, "nanosleep");
	if (rc == EINTR && !(flags & TIMER_ABSTIME))
		remaining(deadline, rem);
	return rc;
}

EXPORT int
nanosleep(const struct timespec *req, struct timespec *rem)
{
	int rc;

	if (mx_page == NULL)
		return REAL(nanosleep)(req, rem);
	rc = clock_nanosleep(CLOCK_REALTIME, 0, req, rem);
	if (rc == 0)
		return 0;
	errno = rc;
	return -1;
}

EXPORT unsigned
sleep(unsigned seconds)
{
	struct timespec ts = { seconds, 0 };
	int saved = errno;

	if (mx_page == NULL)
		return REAL(sleep)(seconds);
	if (nanosleep(&ts, &ts) == 0)
		return 0;
	errno = saved;
	return (unsigned)ts.tv_sec + (ts.tv_nsec > 0);
}

EXPORT int
usleep(useconds_t us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	if (mx_page == NULL)
		return REAL(usleep)(us);
	return nanosleep(&ts, NULL);
}
