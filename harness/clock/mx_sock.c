/*
 * Attempts that fail before a packet leaves: the lab's router never sees
 * them, so they are written to the page.  And the time limits that sockets
 * themselves can have.
 */
#include "harness/clock/mx.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "harness/clock/real.h"

static bool
worth_noting(int error)
{
	switch (error) {
	case EINPROGRESS: case EAGAIN: case EINTR: case EALREADY:
	case EISCONN: case ECONNREFUSED: case ECONNRESET: case EPIPE:
	case ENOTCONN: case EBADF: case ENOTSOCK: case EFAULT: case EINVAL:
	case EMSGSIZE: case EDESTADDRREQ: case ETIMEDOUT: case EAFNOSUPPORT:
		return false;		/* seen on the wire, or a bug */
	default:
		return true;
	}
}

static void
note_failure(int fd, const struct sockaddr *to, socklen_t len, int error)
{
	struct sockaddr_in6 peer;
	struct page_failure *f;
	uint64_t seq;

	if (!worth_noting(error))
		return;
	memset(&peer, 0, sizeof peer);
	if (to == NULL) {
		len = sizeof peer;
		if (MX_RAW(SYS_getpeername, fd, &peer, &len, 0, 0, 0) < 0)
			return;
	} else
		memcpy(&peer, to, len < sizeof peer ? len : sizeof peer);
	if (peer.sin6_family != AF_INET && peer.sin6_family != AF_INET6)
		return;
	seq = atomic_fetch_add(&mx_page->failure_seq, 1) + 1;
	f = &mx_page->failures[seq % PAGE_FAILURES];
	atomic_store(&f->seq, 0);
	f->pid = (int32_t)MX_RAW(SYS_getpid, 0, 0, 0, 0, 0, 0);
	f->error = error;
	MX_RAW(SYS_prctl, PR_GET_NAME, f->comm, 0, 0, 0, 0);
	memcpy(f->peer, &peer, sizeof f->peer);
	atomic_store(&f->seq, seq);
}

/* Keeps errno as the call has left it. */
#define NOTE(rc, fd, to, len) do { \
	int error_ = errno; \
	if ((rc) < 0 && mx_page != NULL) { \
		note_failure(fd, to, len, error_); \
		errno = error_; \
	} \
} while (0)

/* --- SO_RCVTIMEO, SO_SNDTIMEO --- */

/* Set once this process, or the one it was forked from, has used them. */
static _Atomic bool limits_used;

EXPORT int
setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	if (mx_page != NULL && level == SOL_SOCKET &&
	    (name == SO_RCVTIMEO || name == SO_SNDTIMEO))
		atomic_store(&limits_used, true);
	return REAL(setsockopt)(fd, level, name, value, len);
}

/*
 * Waits in virtual time as long as the socket's limit says; the kernel's own
 * limit then never comes into play.  False with EAGAIN or EINTR.
 */
static bool
wait_ready(int fd, int option, int flags)
{
	struct timeval limit = { 0, 0 };
	struct timespec ts;
	socklen_t len = sizeof limit;
	struct pollfd pfd = {
		.fd = fd, .events = option == SO_RCVTIMEO ? POLLIN : POLLOUT,
	};
	int saved = errno, rc;

	if (mx_page == NULL || !atomic_load(&limits_used) ||
	    (flags & MSG_DONTWAIT) ||
	    MX_RAW(SYS_getsockopt, fd, SOL_SOCKET, option, &limit, &len, 0) <
	    0 || (limit.tv_sec == 0 && limit.tv_usec == 0) ||
	    (MX_RAW(SYS_fcntl, fd, F_GETFL, 0, 0, 0, 0) & O_NONBLOCK))
		return true;
	TIMEVAL_TO_TIMESPEC(&limit, &ts);
	rc = ppoll(&pfd, 1, &ts, NULL);
	if (rc > 0)
		errno = saved;
	if (rc == 0)
		errno = EAGAIN;
	return rc > 0;
}

#define RECEIVES(R) \
R(ssize_t, recv, (int fd, void *p, size_t n, int f), (fd, p, n, f), f) \
R(ssize_t, recvfrom, (int fd, void *restrict p, size_t n, int f, \
    struct sockaddr *restrict a, socklen_t *restrict l), \
    (fd, p, n, f, a, l), f) \
R(ssize_t, recvmsg, (int fd, struct msghdr *m, int f), (fd, m, f), f) \
R(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), 0) \
R(ssize_t, readv, (int fd, const struct iovec *v, int n), (fd, v, n), 0) \
R(int, accept, (int fd, struct sockaddr *restrict a, \
    socklen_t *restrict l), (fd, a, l), 0) \
R(int, accept4, (int fd, struct sockaddr *restrict a, \
    socklen_t *restrict l, int f), (fd, a, l, f), 0)
#define R(type, name, params, args, flags) \
	EXPORT type \
	name params \
	{ \
		type rc_; \
		if (!wait_ready(fd, SO_RCVTIMEO, flags)) \
			return -1; \
		rc_ = REAL(name) args; \
		if (rc_ == 0 && mx_page != NULL) \
			mx_read_nothing(fd); \
		return rc_; \
	}
RECEIVES(R)
#undef R

/* --- connect() --- */

/*
 * After so long Linux gives a silent peer up: the first SYN and
 * tcp_syn_retries (6) more, 1 + 2 + 4 + ... + 64 s.  Those timers of the
 * kernel run in real time, which in the lab hardly passes.
 */
#define SYN_PATIENCE_S	127

/* Comes of an instruction of the thread's own, so never while it waits. */
static bool
is_fault(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE ||
	    sig == SIGILL || sig == SIGTRAP || sig == SIGSYS;
}

/* Would the kernel go on waiting after a signal?  Only its handler knows. */
static bool
signals_restart(void)
{
	struct sigaction sa;

	for (int sig = 1; sig < SIGRTMAX; sig++)
		if (!is_fault(sig) && sigaction(sig, NULL, &sa) == 0 &&
		    sa.sa_handler != SIG_DFL && sa.sa_handler != SIG_IGN &&
		    !(sa.sa_flags & SA_RESTART))
			return false;
	return true;
}

/* The end of a connect() under way: 0, or -1 with the errno it would have. */
static int
await_connection(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	const int64_t deadline = mx_after(SYN_PATIENCE_S * NSEC);
	int rc, error = 0, saved = errno;
	socklen_t size = sizeof error;
	struct timespec left;
	int64_t ns;

	do {
		ns = deadline - mx_now();
		left = mx_to_ts(ns > 0 ? ns : 0);
		rc = ppoll(&pfd, 1, &left, NULL);
	} while (rc < 0 && errno == EINTR && signals_restart());
	if (rc < 0)
		return -1;
	if (rc == 0) {
		MX_RAW(SYS_connect, fd, &nobody, sizeof nobody, 0, 0, 0);
		errno = ETIMEDOUT;
		return -1;
	}
	MX_RAW(SYS_getsockopt, fd, SOL_SOCKET, SO_ERROR, &error, &size, 0);
	errno = error != 0 ? error : saved;
	return error != 0 ? -1 : 0;
}

/* A connect() that would block in the kernel, outside our time. */
static bool
blocks(int fd, const struct sockaddr *to, socklen_t len, long *flags)
{
	socklen_t size = sizeof(int);
	int type = 0;

	if (mx_page == NULL || to == NULL || len < sizeof(sa_family_t) ||
	    (to->sa_family != AF_INET && to->sa_family != AF_INET6))
		return false;
	MX_RAW(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &size, 0);
	*flags = MX_RAW(SYS_fcntl, fd, F_GETFL, 0, 0, 0, 0);
	return type == SOCK_STREAM && *flags >= 0 && !(*flags & O_NONBLOCK);
}

EXPORT int
connect(int fd, const struct sockaddr *to, socklen_t len)
{
	long flags = 0;
	int rc;

	if (!blocks(fd, to, len, &flags)) {
		rc = REAL(connect)(fd, to, len);
		NOTE(rc, fd, to, len);
		return rc;
	}
	MX_RAW(SYS_fcntl, fd, F_SETFL, flags | O_NONBLOCK, 0, 0, 0);
	rc = REAL(connect)(fd, to, len);
	MX_RAW(SYS_fcntl, fd, F_SETFL, flags, 0, 0, 0);
	if (rc < 0 && errno == EINPROGRESS)
		return await_connection(fd);
	NOTE(rc, fd, to, len);
	return rc;
}

EXPORT ssize_t
sendto(int fd, const void *buf, size_t n, int flags,
    const struct sockaddr *to, socklen_t len)
{
	ssize_t rc;

	if (!wait_ready(fd, SO_SNDTIMEO, flags))
		return -1;
	rc = REAL(sendto)(fd, buf, n, flags, to, len);
	NOTE(rc, fd, to, len);
	return rc;
}

EXPORT ssize_t
send(int fd, const void *buf, size_t n, int flags)
{
	ssize_t rc;

	if (!wait_ready(fd, SO_SNDTIMEO, flags))
		return -1;
	rc = REAL(send)(fd, buf, n, flags);
	NOTE(rc, fd, NULL, 0);
	return rc;
}

EXPORT ssize_t
sendmsg(int fd, const struct msghdr *msg, int flags)
{
	ssize_t rc;

	if (!wait_ready(fd, SO_SNDTIMEO, flags))
		return -1;
	rc = REAL(sendmsg)(fd, msg, flags);
	NOTE(rc, fd, msg->msg_name, msg->msg_namelen);
	return rc;
}

EXPORT int
sendmmsg(int fd, struct mmsghdr *msgs, unsigned n, int flags)
{
	int rc;

	if (!wait_ready(fd, SO_SNDTIMEO, flags))
		return -1;
	rc = REAL(sendmmsg)(fd, msgs, n, flags);
	if (n > 0)
		NOTE(rc, fd, msgs[0].msg_hdr.msg_name,
		    msgs[0].msg_hdr.msg_namelen);
	return rc;
}

/* A socket in the file system is a file: its birth is stamped. */
EXPORT int
bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	if (mx_page != NULL && addr != NULL && len > sizeof(sa_family_t) &&
	    addr->sa_family == AF_UNIX)
		mx_dirty();
	return REAL(bind)(fd, addr, len);
}
