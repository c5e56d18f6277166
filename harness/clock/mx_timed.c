/*
 * Timed waits inside libc and the kernel that nobody outside can end: mutexes,
 * condition variables, semaphores, signals, queues.  They wait in slices of
 * real time with a slot that says until when.  The controller does not jump
 * on before the slot's owner has noticed that its time has come.
 */
#include "harness/clock/mx.h"

#include <signal.h>
#include <threads.h>

#include "harness/clock/real.h"

/*
 * Loops on `call`, which sees the end of a slice as `slice`, until it ends in
 * another way than `timed_out` or the deadline has come.
 */
#define IN_SLICES(what, deadline, clock, rc, call, timed_out) do { \
	struct mx_wait w_; \
	struct timespec slice; \
	bool due_; \
	mx_wait_begin(&w_, (deadline), SLOT_POLLED, (what)); \
	do { \
		due_ = mx_wait_due(&w_); \
		slice = mx_slice(clock); \
		if (due_) \
			slice = mx_to_ts(mx_real_now(clock)); \
		rc = (call); \
	} while ((timed_out) && !due_); \
	mx_wait_end(&w_); \
} while (0)

/* pthread functions with an absolute time of a fixed clock. */
#define ABS_FIXED(A) \
A(pthread_mutex_timedlock, pthread_mutex_t *, CLOCK_REALTIME) \
A(pthread_rwlock_timedrdlock, pthread_rwlock_t *, CLOCK_REALTIME) \
A(pthread_rwlock_timedwrlock, pthread_rwlock_t *, CLOCK_REALTIME)
#define A(name, type, clock) \
	EXPORT int \
	name(type restrict obj, const struct timespec *restrict ts) \
	{ \
		int rc; \
		if (mx_page == NULL || !mx_valid(ts)) \
			return REAL(name)(obj, ts); \
		IN_SLICES(&#name[8], mx_at(clock, ts), clock, rc, \
		    REAL(name)(obj, &slice), rc == ETIMEDOUT); \
		return rc; \
	}
ABS_FIXED(A)
#undef A

#define ABS_CLOCK(A) \
A(pthread_mutex_clocklock, pthread_mutex_t *) \
A(pthread_rwlock_clockrdlock, pthread_rwlock_t *) \
A(pthread_rwlock_clockwrlock, pthread_rwlock_t *)
#define A(name, type) \
	EXPORT int \
	name(type restrict obj, clockid_t clock, \
	    const struct timespec *restrict ts) \
	{ \
		int rc; \
		if (mx_page == NULL || !mx_valid(ts)) \
			return REAL(name)(obj, clock, ts); \
		IN_SLICES(&#name[8], mx_at(clock, ts), clock, rc, \
		    REAL(name)(obj, clock, &slice), rc == ETIMEDOUT); \
		return rc; \
	}
ABS_CLOCK(A)
#undef A

EXPORT int
pthread_cond_clockwait(pthread_cond_t *restrict c,
    pthread_mutex_t *restrict m, clockid_t clock,
    const struct timespec *restrict ts)
{
	int rc;

	if (mx_page == NULL || !mx_valid(ts))
		return REAL(pthread_cond_clockwait)(c, m, clock, ts);
	IN_SLICES("cond_clockwait", mx_at(clock, ts), clock, rc,
	    REAL(pthread_cond_clockwait)(c, m, clock, &slice),
	    rc == ETIMEDOUT);
	return rc;
}

/*
 * The clock of a condition variable is hidden in it (glibc: bit 1 of
 * __wrefs), but the two clocks' times are decades apart.
 */
EXPORT int
pthread_cond_timedwait(pthread_cond_t *restrict c,
    pthread_mutex_t *restrict m, const struct timespec *restrict ts)
{
	clockid_t clock = c->__data.__wrefs & 2 ? CLOCK_MONOTONIC :
	    CLOCK_REALTIME;
	int rc;

	if (mx_page == NULL || !mx_valid(ts))
		return REAL(pthread_cond_timedwait)(c, m, ts);
	IN_SLICES("cond_timedwait", mx_at(clock, ts), clock, rc,
	    REAL(pthread_cond_timedwait)(c, m, &slice), rc == ETIMEDOUT);
	return rc;
}

EXPORT int
pthread_clockjoin_np(pthread_t t, void **ret, clockid_t clock,
    const struct timespec *ts)
{
	int rc;

	if (mx_page == NULL || ts == NULL || !mx_valid(ts))
		return REAL(pthread_clockjoin_np)(t, ret, clock, ts);
	IN_SLICES("join", mx_at(clock, ts), clock, rc,
	    REAL(pthread_clockjoin_np)(t, ret, clock, &slice),
	    rc == ETIMEDOUT);
	return rc;
}

EXPORT int
pthread_timedjoin_np(pthread_t t, void **ret, const struct timespec *ts)
{
	return pthread_clockjoin_np(t, ret, CLOCK_REALTIME, ts);
}

EXPORT int
sem_clockwait(sem_t *restrict sem, clockid_t clock,
    const struct timespec *restrict ts)
{
	int rc;

	if (mx_page == NULL || !mx_valid(ts))
		return REAL(sem_clockwait)(sem, clock, ts);
	IN_SLICES("sem_wait", mx_at(clock, ts), clock, rc,
	    REAL(sem_clockwait)(sem, clock, &slice),
	    rc < 0 && errno == ETIMEDOUT);
	return rc;
}

EXPORT int
sem_timedwait(sem_t *restrict sem, const struct timespec *restrict ts)
{
	if (mx_page == NULL)
		return REAL(sem_timedwait)(sem, ts);
	return sem_clockwait(sem, CLOCK_REALTIME, ts);
}

EXPORT int
mtx_timedlock(mtx_t *restrict m, const struct timespec *restrict ts)
{
	int rc;

	if (mx_page == NULL || !mx_valid(ts))
		return REAL(mtx_timedlock)(m, ts);
	IN_SLICES("mtx_timedlock", mx_at(CLOCK_REALTIME, ts), CLOCK_REALTIME,
	    rc, REAL(mtx_timedlock)(m, &slice), rc == thrd_timedout);
	return rc;
}

EXPORT int
cnd_timedwait(cnd_t *restrict c, mtx_t *restrict m,
    const struct timespec *restrict ts)
{
	int rc;

	if (mx_page == NULL || !mx_valid(ts))
		return REAL(cnd_timedwait)(c, m, ts);
	IN_SLICES("cnd_timedwait", mx_at(CLOCK_REALTIME, ts), CLOCK_REALTIME,
	    rc, REAL(cnd_timedwait)(c, m, &slice), rc == thrd_timedout);
	return rc;
}

EXPORT ssize_t
mq_timedreceive(mqd_t q, char *restrict p, size_t n,
    unsigned *restrict prio, const struct timespec *restrict ts)
{
	ssize_t rc;

	__asm__("" : "+r" (ts));	/* declared never NULL, yet it may be */
	if (mx_page == NULL || ts == NULL || !mx_valid(ts))
		return REAL(mq_timedreceive)(q, p, n, prio, ts);
	IN_SLICES("mq_receive", mx_at(CLOCK_REALTIME, ts), CLOCK_REALTIME,
	    rc, REAL(mq_timedreceive)(q, p, n, prio, &slice),
	    rc < 0 && errno == ETIMEDOUT);
	return rc;
}

EXPORT int
mq_timedsend(mqd_t q, const char *p, size_t n, unsigned prio,
    const struct timespec *ts)
{
	int rc;

	__asm__("" : "+r" (ts));	/* declared never NULL, yet it may be */
	if (mx_page == NULL || ts == NULL || !mx_valid(ts))
		return REAL(mq_timedsend)(q, p, n, prio, ts);
	IN_SLICES("mq_send", mx_at(CLOCK_REALTIME, ts), CLOCK_REALTIME,
	    rc, REAL(mq_timedsend)(q, p, n, prio, &slice),
	    rc < 0 && errno == ETIMEDOUT);
	return rc;
}

/* --- those with a relative time --- */

static const struct timespec *
relative(struct timespec *slice, bool due)
{
	*slice = (struct timespec){ 0, due ? 0 : MX_SLICE_NS };
	return slice;
}

#define IN_RELATIVE_SLICES(what, ts, rc, call) do { \
	struct mx_wait w_; \
	struct timespec slice_; \
	const struct timespec *slice; \
	bool due_; \
	mx_wait_begin(&w_, mx_after(mx_from_ts(ts)), SLOT_POLLED, (what)); \
	do { \
		due_ = mx_wait_due(&w_); \
		slice = relative(&slice_, due_); \
		rc = (call); \
	} while (rc < 0 && errno == EAGAIN && !due_); \
	mx_wait_end(&w_); \
} while (0)

EXPORT int
sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
    const struct timespec *restrict ts)
{
	int rc;

	if (mx_page == NULL || ts == NULL || !mx_valid(ts))
		return REAL(sigtimedwait)(set, info, ts);
	IN_RELATIVE_SLICES("sigtimedwait", ts, rc,
	    REAL(sigtimedwait)(set, info, slice));
	return rc;
}

EXPORT int
aio_suspend(const struct aiocb *const list[], int n,
    const struct timespec *restrict ts)
{
	int rc;

	if (mx_page == NULL || ts == NULL || !mx_valid(ts))
		return REAL(aio_suspend)(list, n, ts);
	IN_RELATIVE_SLICES("aio_suspend", ts, rc,
	    REAL(aio_suspend)(list, n, slice));
	return rc;
}

static bool
ops_wait(const struct sembuf *ops, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ops[i].sem_flg & IPC_NOWAIT)
			return false;	/* EAGAIN may be their answer */
	return true;
}

EXPORT int
semtimedop(int id, struct sembuf *ops, size_t n, const struct timespec *ts)
{
	int rc;

	if (mx_page == NULL || ts == NULL || !mx_valid(ts) ||
	    !ops_wait(ops, n))
		return REAL(semtimedop)(id, ops, n, ts);
	IN_RELATIVE_SLICES("semtimedop", ts, rc,
	    REAL(semtimedop)(id, ops, n, slice));
	return rc;
}

/*
 * The kernel looks at recvmmsg's time only after each datagram (recvmmsg(2),
 * BUGS).  Here it waits for the first one no longer than that and then takes
 * what there is.
 */
EXPORT int
recvmmsg(int fd, struct mmsghdr *msgs, unsigned n, int flags,
    struct timespec *ts)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int rc;

	if (mx_page == NULL || ts == NULL || (flags & MSG_DONTWAIT) ||
	    !mx_valid(ts))
		return REAL(recvmmsg)(fd, msgs, n, flags, ts);
	rc = ppoll(&pfd, 1, ts, NULL);
	if (rc == 0)
		errno = EAGAIN;
	if (rc <= 0)
		return -1;
	return REAL(recvmmsg)(fd, msgs, n, flags | MSG_WAITFORONE, NULL);
}
