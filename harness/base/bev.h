/*
 * What libevent's buffered sockets leave to be wished for.
 */
#ifndef MXD_BASE_BEV_H
#define MXD_BASE_BEV_H

#include <stdbool.h>
#include <stddef.h>

struct bufferevent;

/*
 * As bufferevent_write(3), but a socket that has room gets the octets at
 * once, not one round of the event loop and two changes of its epoll set
 * later.  Only what it does not take is buffered, and the write callback
 * called when that has left.  True: all has left.
 */
bool	 bev_write(struct bufferevent *, const void *bytes, size_t len);

#endif
