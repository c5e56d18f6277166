#include "harness/base/bev.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <sys/socket.h>

bool
bev_write(struct bufferevent *bev, const void *bytes, size_t len)
{
	ssize_t n = 0;

	if (evbuffer_get_length(bufferevent_get_output(bev)) == 0)
		n = send(bufferevent_getfd(bev), bytes, len, MSG_NOSIGNAL);
	if (n == (ssize_t)len)
		return true;
	/* An error is met again, and told, by libevent. */
	if (n < 0)
		n = 0;
	bufferevent_write(bev, (const char *)bytes + n, len - (size_t)n);
	return false;
}
