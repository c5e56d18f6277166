/*
 * Attempts that fail before a packet leaves: the lab's router never sees
 * them, so they are written to the page.  And the time limits that a program
 * sets for calls on a socket.
 */
#include "harness/clock/mx.h"

#include <fcntl.h>
#include <netinet/in.h>
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

void
mx_note_failure(int fd, const struct sockaddr *to, socklen_t len, int error)
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

#define NOTE(rc, fd, to, len) do { \
	if ((rc) < 0 && mx_page != NULL) { \
		int error_ = mx_errno(fd, errno); \
		mx_note_failure(fd, to, len, error_); \
		errno = error_; \
	} \
} while (0)

/* --- SO_RCVTIMEO, SO_SNDTIMEO --- */

/* Set once this process, or the one it was forked from, has used them. */
_Atomic bool mx_waits_limited;

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

	if (mx_page == NULL || !atomic_load(&mx_waits_limited) ||
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
		if (rc_ < 0 && mx_page != NULL) \
			errno = mx_errno(fd, errno); \
		return rc_; \
	}
RECEIVES(R)
#undef R

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
