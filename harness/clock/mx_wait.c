/*
 * poll, select and epoll.  First a try that does not block; then an untimed
 * wait for the program's descriptors and for one of ours, to which the
 * controller writes when the deadline has come.
 */
#include "harness/clock/mx.h"

#include <signal.h>
#include <string.h>

#include "harness/clock/real.h"

#define POLL_MAX	1024	/* copied to the stack; more: in slices */
#define SELECT_BITS	16384
#define LONG_BITS	(8 * sizeof(long))
#define SIGSET_BYTES	8	/* the kernel's */

static const struct timespec zero_ts;
static const struct timespec slice_ts = { 0, MX_SLICE_NS };

static long
raw_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *ts,
    const sigset_t *mask)
{
	struct timespec copy, *tp = NULL;

	if (ts != NULL) {
		copy = *ts;		/* the kernel writes to it */
		tp = &copy;
	}
	return MX_BLOCK(SYS_ppoll, fds, n, tp, mask, SIGSET_BYTES, 0);
}

/* Until the deadline in slices of real time, on the caller's own array. */
static long
poll_slices(const struct mx_wait *w, struct pollfd *fds, nfds_t n,
    const sigset_t *mask)
{
	long rc;

	do
		rc = raw_ppoll(fds, n, &slice_ts, mask);
	while (rc == 0 && !mx_wait_due(w));
	return rc;
}

static long
poll_with_socket(const struct mx_wait *w, struct pollfd *fds, nfds_t n,
    const sigset_t *mask)
{
	struct pollfd copy[n + 1];
	long rc;

	if (n > 0)
		memcpy(copy, fds, n * sizeof *fds);
	copy[n] = (struct pollfd){ .fd = w->fd, .events = POLLIN };
	rc = raw_ppoll(copy, n + 1, NULL, mask);
	if (rc < 0)
		return rc;
	for (nfds_t i = 0; i < n; i++)
		fds[i].revents = copy[i].revents;
	return rc - (copy[n].revents != 0);
}

/* delay_ns < 0: for ever.  -errno on failure. */
static long
do_poll(struct pollfd *fds, nfds_t n, int64_t delay_ns, const sigset_t *mask,
    const char *what)
{
	struct mx_wait w;
	int64_t deadline;
	long rc;

	if (delay_ns < 0)
		return raw_ppoll(fds, n, NULL, mask);
	deadline = mx_after(delay_ns);
	rc = raw_ppoll(fds, n, &zero_ts, mask);
	if (rc != 0 || delay_ns == 0) {
		mx_spin();
		return rc;
	}
	mx_wait_begin(&w, deadline, n > POLL_MAX ? SLOT_POLLED : SLOT_SOCKET,
	    what);
	if (w.fd >= 0)
		rc = poll_with_socket(&w, fds, n, mask);
	else
		rc = poll_slices(&w, fds, n, mask);
	mx_wait_end(&w);
	return rc;
}

EXPORT int
poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	if (mx_page == NULL)
		return REAL(poll)(fds, n, timeout_ms);
	return (int)mx_ret(do_poll(fds, n, timeout_ms < 0 ? -1 :
	    timeout_ms * INT64_C(1000000), NULL, "poll"));
}

EXPORT int
ppoll(struct pollfd *fds, nfds_t n, const struct timespec *ts,
    const sigset_t *mask)
{
	if (mx_page == NULL)
		return REAL(ppoll)(fds, n, ts, mask);
	if (ts != NULL && !mx_valid(ts)) {
		errno = EINVAL;
		return -1;
	}
	return (int)mx_ret(do_poll(fds, n, ts == NULL ? -1 : mx_from_ts(ts),
	    mask, "ppoll"));
}

/* Fortified callers; libc has checked nothing yet. */
EXPORT int __poll_chk(struct pollfd *, nfds_t, int, size_t);
EXPORT int
__poll_chk(struct pollfd *fds, nfds_t n, int timeout_ms, size_t len)
{
	if (len / sizeof *fds < n)
		__builtin_trap();
	return poll(fds, n, timeout_ms);
}

EXPORT int __ppoll_chk(struct pollfd *, nfds_t, const struct timespec *,
    const sigset_t *, size_t);
EXPORT int
__ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *ts,
    const sigset_t *mask, size_t len)
{
	if (len / sizeof *fds < n)
		__builtin_trap();
	return ppoll(fds, n, ts, mask);
}

/* --- select --- */

struct sets {
	unsigned long bits[3][SELECT_BITS / LONG_BITS];
};

static size_t
set_bytes(int n)
{
	return ((size_t)n + LONG_BITS - 1) / LONG_BITS * sizeof(long);
}

static void
sets_load(struct sets *s, fd_set *const user[3], int n, int top)
{
	for (int i = 0; i < 3; i++) {
		memset(s->bits[i], 0, set_bytes(top));
		if (user[i] != NULL)
			memcpy(s->bits[i], user[i], set_bytes(n));
	}
}

static void
sets_store(const struct sets *s, fd_set *const user[3], int n)
{
	for (int i = 0; i < 3; i++)
		if (user[i] != NULL)
			memcpy(user[i], s->bits[i], set_bytes(n));
}

static long
raw_pselect(int n, void *r, void *w, void *e, const struct timespec *ts,
    const sigset_t *mask)
{
	const struct { const sigset_t *set; size_t len; } m =
	    { mask, SIGSET_BYTES };
	struct timespec copy, *tp = NULL;

	if (ts != NULL) {
		copy = *ts;
		tp = &copy;
	}
	return MX_BLOCK(SYS_pselect6, n, r, w, e, tp,
	    mask == NULL ? NULL : &m);
}

static long
select_once(struct sets *s, fd_set *const user[3], int n, int wake_fd,
    const struct timespec *ts, const sigset_t *mask)
{
	int top = wake_fd >= n ? wake_fd + 1 : n;
	unsigned long *wake_word, wake_bit;
	long rc;

	sets_load(s, user, n, top);
	wake_word = &s->bits[0][(wake_fd < 0 ? 0 : wake_fd) / LONG_BITS];
	wake_bit = wake_fd < 0 ? 0 : 1UL << wake_fd % LONG_BITS;
	*wake_word |= wake_bit;
	rc = raw_pselect(top, s->bits[0], s->bits[1], s->bits[2], ts, mask);
	if (rc > 0 && (*wake_word & wake_bit)) {
		*wake_word &= ~wake_bit;
		rc--;
	}
	return rc;
}

static long
do_select(int n, fd_set *const user[3], int64_t delay_ns,
    const sigset_t *mask, const char *what)
{
	struct mx_wait w;
	struct sets s;
	int64_t deadline = 0;
	long rc;

	if (n < 0)
		return -EINVAL;
	if (delay_ns < 0 || n > SELECT_BITS)
		return raw_pselect(n, user[0], user[1], user[2], NULL, mask);
	deadline = mx_after(delay_ns);
	rc = select_once(&s, user, n, -1, &zero_ts, mask);
	if (rc == 0 && delay_ns > 0) {
		mx_wait_begin(&w, deadline, SLOT_SOCKET, what);
		if (w.fd >= 0 && w.fd < SELECT_BITS)
			rc = select_once(&s, user, n, w.fd, NULL, mask);
		else
			do
				rc = select_once(&s, user, n, -1, &slice_ts,
				    mask);
			while (rc == 0 && !mx_wait_due(&w));
		mx_wait_end(&w);
	} else
		mx_spin();
	if (rc >= 0)
		sets_store(&s, user, n);
	return rc;
}

/* Linux writes the time that is left into select's timeout. */
EXPORT int
select(int n, fd_set *restrict r, fd_set *restrict w, fd_set *restrict e,
    struct timeval *restrict tv)
{
	fd_set *const user[3] = { r, w, e };
	int64_t delay = -1, end = 0, left;
	long rc;

	if (mx_page == NULL)
		return REAL(select)(n, r, w, e, tv);
	if (tv != NULL) {
		if (tv->tv_sec < 0 || tv->tv_usec < 0) {
			errno = EINVAL;
			return -1;
		}
		delay = mx_from_tv(tv);
		end = mx_after(delay);
	}
	rc = do_select(n, user, delay, NULL, "select");
	if (tv != NULL) {
		left = end - mx_now();
		left = left > 0 ? left : 0;
		tv->tv_sec = left / NSEC;
		tv->tv_usec = left % NSEC / 1000;
	}
	return (int)mx_ret(rc);
}

EXPORT int
pselect(int n, fd_set *restrict r, fd_set *restrict w, fd_set *restrict e,
    const struct timespec *restrict ts, const sigset_t *restrict mask)
{
	fd_set *const user[3] = { r, w, e };

	if (mx_page == NULL)
		return REAL(pselect)(n, r, w, e, ts, mask);
	if (ts != NULL && !mx_valid(ts)) {
		errno = EINVAL;
		return -1;
	}
	return (int)mx_ret(do_select(n, user, ts == NULL ? -1 :
	    mx_from_ts(ts), mask, "pselect"));
}

/* --- epoll: its descriptor can itself be polled --- */

static long
do_epoll(int ep, struct epoll_event *ev, int max, int64_t delay_ns,
    const sigset_t *mask, const char *what)
{
	struct pollfd pfd = { .fd = ep, .events = POLLIN };
	struct mx_wait w;
	int64_t deadline = 0;
	long rc;

	if (delay_ns < 0)
		return MX_BLOCK(SYS_epoll_pwait, ep, ev, max, -1, mask,
		    SIGSET_BYTES);
	deadline = mx_after(delay_ns);
	rc = MX_BLOCK(SYS_epoll_pwait, ep, ev, max, 0, mask, SIGSET_BYTES);
	if (rc != 0 || delay_ns == 0) {
		mx_spin();
		return rc;
	}
	mx_wait_begin(&w, deadline, SLOT_SOCKET, what);
	for (;;) {
		if (w.fd >= 0)
			rc = poll_with_socket(&w, &pfd, 1, mask);
		else
			rc = poll_slices(&w, &pfd, 1, mask);
		if (rc < 0)
			break;
		rc = MX_BLOCK(SYS_epoll_pwait, ep, ev, max, 0, mask,
		    SIGSET_BYTES);
		/* 0: another thread was faster */
		if (rc != 0 || mx_wait_due(&w))
			break;
	}
	mx_wait_end(&w);
	return rc;
}

EXPORT int
epoll_pwait(int ep, struct epoll_event *ev, int max, int timeout_ms,
    const sigset_t *mask)
{
	if (mx_page == NULL)
		return REAL(epoll_pwait)(ep, ev, max, timeout_ms, mask);
	return (int)mx_ret(do_epoll(ep, ev, max, timeout_ms < 0 ? -1 :
	    timeout_ms * INT64_C(1000000), mask, "epoll_wait"));
}

EXPORT int
epoll_wait(int ep, struct epoll_event *ev, int max, int timeout_ms)
{
	if (mx_page == NULL)
		return REAL(epoll_wait)(ep, ev, max, timeout_ms);
	return epoll_pwait(ep, ev, max, timeout_ms, NULL);
}

EXPORT int
epoll_pwait2(int ep, struct epoll_event *ev, int max,
    const struct timespec *ts, const sigset_t *mask)
{
	if (mx_page == NULL)
		return REAL(epoll_pwait2)(ep, ev, max, ts, mask);
	if (ts != NULL && !mx_valid(ts)) {
		errno = EINVAL;
		return -1;
	}
	return (int)mx_ret(do_epoll(ep, ev, max, ts == NULL ? -1 :
	    mx_from_ts(ts), mask, "epoll_pwait2"));
}
