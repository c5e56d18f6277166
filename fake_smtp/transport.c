#include "fake_smtp/transport.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static ssize_t
tcp_read(void *ctx, int fd, void *to, size_t len)
{
	(void)ctx;
	return recv(fd, to, len, 0);
}

static ssize_t
tcp_write(void *ctx, int fd, const void *from, size_t len, bool last)
{
	(void)ctx;
	return send(fd, from, len, MSG_NOSIGNAL | (last ? MSG_MORE : 0));
}

static int
tcp_finish(void *ctx, int fd)
{
	(void)ctx;
	return shutdown(fd, SHUT_WR);
}

const struct transport transport_tcp = { tcp_read, tcp_write, tcp_finish,
	NULL };

int
transport_unacked(int fd)
{
	int n;

	return ioctl(fd, SIOCOUTQ, &n) == 0 ? n : -1;
}

bool
transport_broken(int fd)
{
	int error = 0;
	socklen_t len = sizeof error;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 ||
	    error != 0;
}

void
transport_reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	/* RFC 9293 ABORT: close(2) with a zero linger time sends RST. */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}
