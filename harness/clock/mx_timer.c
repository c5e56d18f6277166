/*
 * Timers of processes: a table entry with the deadline; the controller sends
 * the signal, or makes the timerfd expire.  An entry belongs to a pid, so
 * exec keeps alarms and fork does not hand them on, as it must be.
 */
#include "harness/clock/mx.h"

#include <linux/futex.h>
#include <signal.h>
#include <string.h>

#include "harness/clock/real.h"

static struct page_timer *
timer_claim(void)
{
	struct page_timer *t;
	uint32_t state, top;

	for (uint32_t i = 0; i < PAGE_TIMERS; i++) {
		t = &mx_page->timers[i];
		state = SLOT_FREE;
		if (!atomic_compare_exchange_strong(&t->state, &state,
		    SLOT_CLAIMED))
			continue;
		top = atomic_load(&mx_page->timer_top);
		while (top < i + 1 && !atomic_compare_exchange_weak(
		    &mx_page->timer_top, &top, i + 1))
			;
		atomic_store(&t->deadline_ns, PAGE_NEVER);
		atomic_store(&t->interval_ns, 0);
		atomic_store(&t->overrun, 0);
		atomic_store(&t->signo, 0);
		atomic_store(&t->tid, 0);
		atomic_store(&t->fd, -1);
		return t;
	}
	return NULL;
}

static void
timer_release(struct page_timer *t)
{
	atomic_store(&t->deadline_ns, PAGE_NEVER);
	atomic_store(&t->state, SLOT_FREE);
	atomic_fetch_add(&t->fired, 1);
	MX_RAW(SYS_futex, &t->fired, FUTEX_WAKE, INT_MAX, 0, 0, 0);
}

static pid_t
own_pid(void)
{
	return (pid_t)MX_RAW(SYS_getpid, 0, 0, 0, 0, 0, 0);
}

static struct page_timer *
timer_find(uint32_t kind, int fd)
{
	uint32_t top = atomic_load(&mx_page->timer_top);
	pid_t pid = own_pid();

	for (uint32_t i = 0; i < top; i++) {
		struct page_timer *t = &mx_page->timers[i];

		if (atomic_load(&t->state) == SLOT_ARMED &&
		    atomic_load(&t->pid) == pid &&
		    atomic_load(&t->kind) == kind && atomic_load(&t->fd) == fd)
			return t;
	}
	return NULL;
}

/* exec ends the timers of timer_create(). */
void
mx_timer_init(void)
{
	uint32_t top = atomic_load(&mx_page->timer_top);
	pid_t pid = own_pid();

	for (uint32_t i = 0; i < top; i++) {
		struct page_timer *t = &mx_page->timers[i];

		if (atomic_load(&t->state) != SLOT_FREE &&
		    atomic_load(&t->pid) == pid &&
		    atomic_load(&t->kind) == PT_POSIX)
			timer_release(t);
	}
}

static struct page_timer *
timer_make(uint32_t kind, int signo, int fd)
{
	struct page_timer *t = timer_claim();

	if (t == NULL)
		return NULL;
	atomic_store(&t->kind, kind);
	atomic_store(&t->pid, own_pid());
	atomic_store(&t->signo, signo);
	atomic_store(&t->fd, fd);
	atomic_store(&t->state, SLOT_ARMED);
	return t;
}

static struct itimerspec
timer_left(const struct page_timer *t)
{
	struct itimerspec its = { 0 };
	int64_t deadline, left;

	if (t == NULL)
		return its;
	its.it_interval = mx_to_ts(atomic_load(&t->interval_ns));
	deadline = atomic_load(&t->deadline_ns);
	if (deadline == PAGE_NEVER)
		return its;
	left = deadline - mx_now();
	its.it_value = mx_to_ts(left > 0 ? left : 1);
	return its;
}

static void
timer_set(struct page_timer *t, clockid_t clock, bool absolute,
    const struct itimerspec *its)
{
	int64_t deadline = PAGE_NEVER;

	if (its->it_value.tv_sec != 0 || its->it_value.tv_nsec != 0)
		deadline = absolute ? mx_at(clock, &its->it_value) :
		    mx_after(mx_from_ts(&its->it_value));
	atomic_store(&t->deadline_ns, PAGE_NEVER);
	atomic_store(&t->interval_ns, mx_round(mx_from_ts(&its->it_interval)));
	atomic_fetch_add(&t->set, 1);
	atomic_store(&t->deadline_ns, deadline);
}

/* --- alarm and setitimer(ITIMER_REAL) are one timer --- */

EXPORT int
getitimer(__itimer_which_t which, struct itimerval *old)
{
	struct itimerspec its;

	if (mx_page == NULL || which != ITIMER_REAL)
		return REAL(getitimer)(which, old);
	its = timer_left(timer_find(PT_ITIMER, -1));
	TIMESPEC_TO_TIMEVAL(&old->it_value, &its.it_value);
	TIMESPEC_TO_TIMEVAL(&old->it_interval, &its.it_interval);
	return 0;
}

EXPORT int
setitimer(__itimer_which_t which, const struct itimerval *restrict new,
    struct itimerval *restrict old)
{
	struct itimerspec its = { 0 };
	struct page_timer *t;

	if (mx_page == NULL || which != ITIMER_REAL)
		return REAL(setitimer)(which, new, old);
	if (new != NULL) {
		TIMEVAL_TO_TIMESPEC(&new->it_value, &its.it_value);
		TIMEVAL_TO_TIMESPEC(&new->it_interval, &its.it_interval);
		if (!mx_valid(&its.it_value) || !mx_valid(&its.it_interval)) {
			errno = EINVAL;
			return -1;
		}
	}
	if (old != NULL)
		getitimer(which, old);
	t = timer_find(PT_ITIMER, -1);
	if (its.it_value.tv_sec == 0 && its.it_value.tv_nsec == 0) {
		if (t != NULL)
			timer_release(t);
		return 0;
	}
	if (t == NULL)
		t = timer_make(PT_ITIMER, SIGALRM, -1);
	if (t == NULL)
		return REAL(setitimer)(which, new, NULL);
	timer_set(t, CLOCK_MONOTONIC, false, &its);
	return 0;
}

EXPORT unsigned
alarm(unsigned seconds)
{
	struct itimerval new = { .it_value.tv_sec = seconds }, old;

	if (mx_page == NULL)
		return REAL(alarm)(seconds);
	setitimer(ITIMER_REAL, &new, &old);
	/* As the kernel rounds: never 0 while one was pending. */
	return (unsigned)old.it_value.tv_sec +
	    (old.it_value.tv_usec >= 500000 ||
	    (old.it_value.tv_sec == 0 && old.it_value.tv_usec > 0));
}

EXPORT useconds_t
ualarm(useconds_t us, useconds_t interval)
{
	struct itimerval new = {
		.it_value = { us / 1000000, us % 1000000 },
		.it_interval = { interval / 1000000, interval % 1000000 },
	}, old;

	if (mx_page == NULL)
		return REAL(ualarm)(us, interval);
	if (setitimer(ITIMER_REAL, &new, &old) < 0)
		return (useconds_t)-1;
	return (useconds_t)(old.it_value.tv_sec * 1000000 +
	    old.it_value.tv_usec);
}

/* --- timer_create: the handle is our entry's number, set apart --- */

#define HANDLE_BASE	UINT64_C(0x6d786400)

static struct page_timer *
handle_timer(timer_t id)
{
	uint64_t i = (uint64_t)(uintptr_t)id - HANDLE_BASE;
	struct page_timer *t;

	if (mx_page == NULL || i >= PAGE_TIMERS)
		return NULL;
	t = &mx_page->timers[i];
	if (atomic_load(&t->state) != SLOT_ARMED ||
	    atomic_load(&t->kind) != PT_POSIX ||
	    atomic_load(&t->pid) != own_pid())
		return NULL;
	return t;
}

/* Calls the function of a SIGEV_THREAD timer, expiration by expiration. */
struct notify {
	struct page_timer *t;
	void	(*fn)(union sigval);
	union sigval value;
	uint32_t seen;
};

/* The structure lives on the creator's stack until `copied`. */
struct notify_start {
	struct notify n;
	_Atomic uint32_t copied;
};

static void *
notify_thread(void *arg)
{
	struct notify_start *start = arg;
	struct notify n = start->n;
	pid_t pid = own_pid();

	atomic_store(&start->copied, 1);
	MX_RAW(SYS_futex, &start->copied, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
	for (;;) {
		MX_RAW(SYS_futex, &n.t->fired, FUTEX_WAIT, n.seen, 0, 0, 0);
		if (atomic_load(&n.t->state) != SLOT_ARMED ||
		    atomic_load(&n.t->pid) != pid)
			return NULL;
		while (n.seen != atomic_load(&n.t->fired)) {
			n.seen++;
			n.fn(n.value);
		}
	}
}

static int
notify_begin(struct page_timer *t, const struct sigevent *ev)
{
	struct notify_start start = {
		.n = { t, ev->sigev_notify_function, ev->sigev_value,
		    atomic_load(&t->fired) },
	};
	sigset_t all, old;
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&thread, &attr, notify_thread, &start);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	while (rc == 0 && atomic_load(&start.copied) == 0)
		MX_RAW(SYS_futex, &start.copied, FUTEX_WAIT_PRIVATE, 0, 0, 0,
		    0);
	return rc == 0 ? 0 : EAGAIN;
}

EXPORT int
timer_create(clockid_t clock, struct sigevent *restrict ev,
    timer_t *restrict id)
{
	struct page_timer *t;
	int64_t base;
	int signo = ev == NULL ? SIGALRM : ev->sigev_signo, rc = 0;

	if (mx_page == NULL || !mx_clock_base(clock, &base))
		return REAL(timer_create)(clock, ev, id);
	if (ev != NULL && ev->sigev_notify != SIGEV_SIGNAL &&
	    ev->sigev_notify != SIGEV_THREAD_ID)
		signo = 0;
	t = timer_make(PT_POSIX, signo, -1);
	if (t == NULL) {
		errno = EAGAIN;
		return -1;
	}
	*id = (timer_t)(uintptr_t)(HANDLE_BASE +
	    (uint64_t)(t - mx_page->timers));
	atomic_store(&t->clockid, clock);
	atomic_store(&t->value, ev == NULL ? (uint64_t)(uintptr_t)*id :
	    (uint64_t)(uintptr_t)ev->sigev_value.sival_ptr);
	if (ev != NULL && ev->sigev_notify == SIGEV_THREAD_ID)
		atomic_store(&t->tid, ev->_sigev_un._tid);
	if (ev != NULL && ev->sigev_notify == SIGEV_THREAD)
		rc = notify_begin(t, ev);
	if (rc == 0)
		return 0;
	timer_release(t);
	errno = rc;
	return -1;
}

EXPORT int
timer_settime(timer_t id, int flags, const struct itimerspec *restrict new,
    struct itimerspec *restrict old)
{
	struct page_timer *t = handle_timer(id);

	if (t == NULL)
		return REAL(timer_settime)(id, flags, new, old);
	if (!mx_valid(&new->it_value) || !mx_valid(&new->it_interval)) {
		errno = EINVAL;
		return -1;
	}
	if (old != NULL)
		*old = timer_left(t);
	timer_set(t, atomic_load(&t->clockid), flags & TIMER_ABSTIME, new);
	return 0;
}

EXPORT int
timer_gettime(timer_t id, struct itimerspec *its)
{
	struct page_timer *t = handle_timer(id);

	if (t == NULL)
		return REAL(timer_gettime)(id, its);
	*its = timer_left(t);
	return 0;
}

EXPORT int
timer_delete(timer_t id)
{
	struct page_timer *t = handle_timer(id);

	if (t == NULL)
		return REAL(timer_delete)(id);
	timer_release(t);
	return 0;
}

EXPORT int
timer_getoverrun(timer_t id)
{
	struct page_timer *t = handle_timer(id);

	if (t == NULL)
		return REAL(timer_getoverrun)(id);
	return (int)atomic_load(&t->overrun);
}

/* --- timerfd: a real one, which only the controller arms --- */

EXPORT int
timerfd_settime(int fd, int flags, const struct itimerspec *new,
    struct itimerspec *old)
{
	static const struct itimerspec disarmed;
	struct page_timer *t;

	if (mx_page == NULL)
		return REAL(timerfd_settime)(fd, flags, new, old);
	if (!mx_valid(&new->it_value) || !mx_valid(&new->it_interval)) {
		errno = EINVAL;
		return -1;
	}
	/* Says EBADF and EINVAL, forgets expirations not yet read. */
	if (REAL(timerfd_settime)(fd, 0, &disarmed, NULL) < 0)
		return -1;
	t = timer_find(PT_FD, fd);
	if (old != NULL)
		*old = timer_left(t);
	if (t == NULL)
		t = timer_make(PT_FD, 0, fd);
	if (t == NULL) {
		errno = ENOMEM;
		return -1;
	}
	/*
	 * An absolute time far below the monotonic clock's start can only
	 * mean the wall clock or the past, and the reverse; the kernel alone
	 * knows the clock that the fd was made with.
	 */
	timer_set(t, mx_from_ts(&new->it_value) > mx_page->epoch_ns / 2 ?
	    CLOCK_REALTIME : CLOCK_MONOTONIC, flags & TFD_TIMER_ABSTIME, new);
	return 0;
}

EXPORT int
timerfd_gettime(int fd, struct itimerspec *its)
{
	struct page_timer *t;

	if (mx_page == NULL ||
	    REAL(timerfd_gettime)(fd, its) < 0)
		return mx_page == NULL ? REAL(timerfd_gettime)(fd, its) : -1;
	t = timer_find(PT_FD, fd);
	*its = timer_left(t);
	return 0;
}
