/*
 * The packet log of a run: every packet that the router saw or made, in
 * pcapng, with virtual times.  A fault that fired is told once, as a comment
 * on the packet that carries it, so the packets of the present moment are
 * held back: a query that is never answered must get its comment after it
 * was seen.  A fault that no packet carries becomes an entry of its own, a
 * journal record, which Wireshark shows as a frame.
 */
#ifndef MXD_LAB_PACKET_LOG_H
#define MXD_LAB_PACKET_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "harness/lab/lab.h"

struct packet_log;

/* Writes to `fd`, which stays the caller's.  Times count from `epoch_s`. */
struct packet_log *packet_log_new(int fd, int64_t epoch_s);
/* Writes what is held back; -1 with errno if any write failed. */
int	 packet_log_free(struct packet_log *);
/* NULL log: both do nothing. */
void	 packet_log_packet(struct packet_log *, int64_t now_us,
	    const uint8_t *bytes, size_t len);
void	 packet_log_comment(struct packet_log *, int64_t now_us,
	    const struct lab_comment *);

#endif
