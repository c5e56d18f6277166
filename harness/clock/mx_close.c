/*
 * close() of a socket with SO_LINGER: until its octets are acknowledged, at
 * most so many seconds, and those are virtual.
 *
 * The kernel waits for the FIN to be acknowledged, too; as other processes
 * may hold the socket still, we must not send it, and wait for the data
 * alone.
 */
#include "harness/clock/mx.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "harness/clock/real.h"

_Atomic bool mx_lingers;

static int
unacknowledged(int fd)
{
	int octets = 0;

	MX_RAW(SYS_ioctl, fd, SIOCOUTQ, &octets, 0, 0, 0);
	return octets;
}

static void
linger(int fd)
{
	static const struct timespec slice = { 0, MX_SLICE_NS };
	struct linger l = { 0, 0 };
	socklen_t size = sizeof l;
	struct mx_wait w;

	if (MX_RAW(SYS_getsockopt, fd, SOL_SOCKET, SO_LINGER, &l, &size, 0) <
	    0 || l.l_onoff == 0 || l.l_linger == 0)
		return;
	if (unacknowledged(fd) > 0) {
		mx_wait_begin(&w, mx_after(l.l_linger * NSEC), SLOT_POLLED,
		    "close");
		while (unacknowledged(fd) > 0 && !mx_wait_due(&w))
			MX_BLOCK(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0,
			    &slice, NULL, 0, 0);
		mx_wait_end(&w);
	}
	/* What is not acknowledged by now, the kernel would wait for. */
	l.l_onoff = 0;
	MX_RAW(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, &l, sizeof l, 0);
}

EXPORT int
close(int fd)
{
	int saved = errno;

	if (mx_page != NULL && atomic_load(&mx_lingers)) {
		linger(fd);
		errno = saved;
	}
	return REAL(close)(fd);
}
