/*
 * connect(), and how long the kernel hopes for an answer.  Its timers run in
 * real time, so the lab's router counts instead (harness/lab/limit.h); here
 * it is told what the program has set, and what it says comes out as the
 * ETIMEDOUT that the kernel's own timer would have given.
 */
#include "harness/clock/mx.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/clock/real.h"

static int
option(int fd, int level, int name)
{
	socklen_t size = sizeof(int);
	int value = 0;

	MX_RAW(SYS_getsockopt, fd, level, name, &value, &size, 0);
	return value;
}

static bool
is_tcp(int fd)
{
	int domain = option(fd, SOL_SOCKET, SO_DOMAIN);

	return (domain == AF_INET || domain == AF_INET6) &&
	    option(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM;
}

/*
 * The router's sign that time is over: "parameter problem", which nothing
 * else in the lab says.  A connection that stood is reset as well and has
 * kept the sign as its soft error, the next that SO_ERROR tells.
 */
int
mx_errno(int fd, int error)
{
	if ((error == EPROTO || ((error == ECONNRESET || error == EPIPE) &&
	    option(fd, SOL_SOCKET, SO_ERROR) == EPROTO)) && is_tcp(fd))
		return ETIMEDOUT;
	return error;
}

/* --- what the program sets --- */

static struct kernel_limits
limits_of(int fd)
{
	struct kernel_limits k;

	memset(&k, 0, sizeof k);
	k.syn_retries = (uint32_t)option(fd, IPPROTO_TCP, TCP_SYNCNT);
	k.user_timeout_ms = (uint32_t)option(fd, IPPROTO_TCP,
	    TCP_USER_TIMEOUT);
	k.keepalive = (uint32_t)option(fd, SOL_SOCKET, SO_KEEPALIVE);
	if (k.keepalive != 0) {
		k.keep_idle_s = (uint32_t)option(fd, IPPROTO_TCP,
		    TCP_KEEPIDLE);
		k.keep_interval_s = (uint32_t)option(fd, IPPROTO_TCP,
		    TCP_KEEPINTVL);
		k.keep_probes = (uint32_t)option(fd, IPPROTO_TCP,
		    TCP_KEEPCNT);
	}
	return k;
}

static bool
are_usual(const struct kernel_limits *k)
{
	return k->syn_retries == KERNEL_SYN_RETRIES &&
	    k->user_timeout_ms == 0 && k->keepalive == 0;
}

/* `to`: whom it was just connected to; NULL: the kernel may know. */
static void
tell_limits(int fd, const struct sockaddr *to, socklen_t len,
    const struct kernel_limits *k)
{
	struct sockaddr_in6 self, peer;
	socklen_t self_len = sizeof self, peer_len = sizeof peer;
	struct page_socket *s;
	uint64_t seq;

	memset(&self, 0, sizeof self);
	memset(&peer, 0, sizeof peer);
	if (MX_RAW(SYS_getsockname, fd, &self, &self_len, 0, 0, 0) < 0 ||
	    self.sin6_port == 0)
		return;			/* told when it is connected */
	if (to != NULL)
		memcpy(&peer, to, len < sizeof peer ? len : sizeof peer);
	else
		MX_RAW(SYS_getpeername, fd, &peer, &peer_len, 0, 0, 0);
	seq = atomic_fetch_add(&mx_page->socket_seq, 1) + 1;
	s = &mx_page->sockets[seq % PAGE_SOCKETS];
	atomic_store(&s->seq, 0);
	memcpy(s->self, &self, sizeof s->self);
	memcpy(s->peer, &peer, sizeof s->peer);
	s->limits = *k;
	atomic_store(&s->seq, seq);
}

static bool
is_limit(int level, int name)
{
	if (level == SOL_SOCKET)
		return name == SO_KEEPALIVE;
	return level == IPPROTO_TCP && (name == TCP_SYNCNT ||
	    name == TCP_USER_TIMEOUT || name == TCP_KEEPIDLE ||
	    name == TCP_KEEPINTVL || name == TCP_KEEPCNT);
}

EXPORT int
setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	struct kernel_limits k;
	int rc;

	if (mx_page != NULL && level == SOL_SOCKET &&
	    (name == SO_RCVTIMEO || name == SO_SNDTIMEO))
		atomic_store(&mx_waits_limited, true);
	if (mx_page != NULL && level == SOL_SOCKET && name == SO_LINGER)
		atomic_store(&mx_lingers, true);
	rc = REAL(setsockopt)(fd, level, name, value, len);
	if (rc == 0 && mx_page != NULL && is_limit(level, name) &&
	    is_tcp(fd)) {
		k = limits_of(fd);
		tell_limits(fd, NULL, 0, &k);
	}
	return rc;
}

EXPORT int
getsockopt(int fd, int level, int name, void *restrict value,
    socklen_t *restrict len)
{
	int rc = REAL(getsockopt)(fd, level, name, value, len), error;

	if (rc == 0 && mx_page != NULL && level == SOL_SOCKET &&
	    name == SO_ERROR && *len == sizeof error) {
		memcpy(&error, value, sizeof error);
		if (error != 0) {
			error = mx_errno(fd, error);
			memcpy(value, &error, sizeof error);
		}
	}
	return rc;
}

/* --- connect() --- */

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

/* What SO_SNDTIMEO allows, or PAGE_NEVER. */
static int64_t
send_limit_ns(int fd)
{
	struct timeval tv = { 0, 0 };
	socklen_t size = sizeof tv;

	MX_RAW(SYS_getsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &tv, &size, 0);
	return tv.tv_sec == 0 && tv.tv_usec == 0 ? PAGE_NEVER :
	    mx_from_tv(&tv);
}

/*
 * The end of a connect() under way: 0, or -1 with the errno it would have.
 * The router knows nothing of the loopback, where a full backlog swallows
 * SYNs, too: so the kernel's limit counts here as well.
 */
static int
await_connection(int fd, const struct kernel_limits *k)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	const int64_t own = send_limit_ns(fd), most = kernel_syn_us(k) * 1000;
	const int64_t deadline = mx_after(own < most ? own : most);
	int rc, error, saved = errno;
	struct timespec left;
	int64_t ns;

	do {
		ns = deadline - mx_now();
		left = mx_to_ts(ns > 0 ? ns : 0);
		rc = ppoll(&pfd, 1, &left, NULL);
	} while (rc < 0 && errno == EINTR && signals_restart());
	if (rc < 0)
		return -1;
	if (rc == 0 && own < most) {
		errno = EINPROGRESS;
		return -1;
	}
	if (rc == 0) {
		MX_RAW(SYS_connect, fd, &nobody, sizeof nobody, 0, 0, 0);
		errno = ETIMEDOUT;
		return -1;
	}
	error = mx_errno(fd, option(fd, SOL_SOCKET, SO_ERROR));
	errno = error != 0 ? error : saved;
	return error != 0 ? -1 : 0;
}

/* What fails at once has sent nothing; what ends later is seen on the wire. */
static int
connect_tcp(int fd, const struct sockaddr *to, socklen_t len)
{
	long flags = MX_RAW(SYS_fcntl, fd, F_GETFL, 0, 0, 0, 0);
	const struct kernel_limits k = limits_of(fd);
	bool blocks = flags >= 0 && !(flags & O_NONBLOCK);
	int rc, error;

	/* It would block in the kernel, outside our time. */
	if (blocks)
		MX_RAW(SYS_fcntl, fd, F_SETFL, flags | O_NONBLOCK, 0, 0, 0);
	rc = REAL(connect)(fd, to, len);
	error = errno;
	if (blocks)
		MX_RAW(SYS_fcntl, fd, F_SETFL, flags, 0, 0, 0);
	if ((rc == 0 || error == EINPROGRESS) && !are_usual(&k))
		tell_limits(fd, to, len, &k);
	if (rc < 0)
		mx_note_failure(fd, to, len, error);
	errno = error;
	return rc < 0 && error == EINPROGRESS && blocks ?
	    await_connection(fd, &k) : rc;
}

EXPORT int
connect(int fd, const struct sockaddr *to, socklen_t len)
{
	bool inet = mx_page != NULL && to != NULL &&
	    len >= sizeof(sa_family_t) &&
	    (to->sa_family == AF_INET || to->sa_family == AF_INET6);
	const bool tcp = inet && is_tcp(fd);
	int rc = tcp ? connect_tcp(fd, to, len) : REAL(connect)(fd, to, len);
	int error;

	if (rc < 0 && inet) {
		error = mx_errno(fd, errno);
		if (!tcp)
			mx_note_failure(fd, to, len, error);
		errno = error;
	}
	return rc;
}
