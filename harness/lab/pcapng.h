/*
 * Writes the packet log as pcapng: every packet that the router saw or made,
 * with virtual times, and a comment on those that a rule decided.
 */
#ifndef MXD_LAB_PCAPNG_H
#define MXD_LAB_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

struct pcapng;

/* Writes to `fd`, which stays the caller's.  Times count from `epoch_s`. */
struct pcapng *pcapng_new(int fd, int64_t epoch_s);
/* Flushes; -1 with errno if any write failed. */
int	 pcapng_free(struct pcapng *);
/* NULL log: does nothing.  `comment` may be NULL. */
void	 pcapng_packet(struct pcapng *, int64_t now_us, const uint8_t *bytes,
	    size_t len, const char *comment);

#endif
