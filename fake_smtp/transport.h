/*
 * What lies between a connection and its socket: the seam where TLS goes in.
 * Calls behave as the system calls of their names (-1 and errno).
 */
#ifndef MXD_FAKE_SMTP_TRANSPORT_H
#define MXD_FAKE_SMTP_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct transport {
	ssize_t	(*read)(void *ctx, int fd, void *, size_t);
	/* `last`: finish follows at once, one segment may hold both. */
	ssize_t	(*write)(void *ctx, int fd, const void *, size_t, bool last);
	int	(*finish)(void *ctx, int fd);	/* end our direction */
	void	*ctx;
};

extern const struct transport transport_tcp;

/* Octets handed to TCP that the peer has not acknowledged; -1: unknown. */
int	 transport_unacked(int fd);
/* The connection broke (RST), which after a FIN read(2) does not tell. */
bool	 transport_broken(int fd);
/* Closes with RST. */
void	 transport_reset(int fd);

#endif
