/*
 * Writes pcapng (draft-ietf-opsawg-pcapng): packets with their times and
 * comments, and records without a packet.  Which packet gets which comment
 * is packet_log.h's business.
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
/* NULL: does nothing. */
void	 pcapng_packet(struct pcapng *, int64_t now_us, const uint8_t *bytes,
	    size_t len, const char *const *comments, size_t comment_count);
/* One line of text at a time, as a systemd journal record. */
void	 pcapng_journal(struct pcapng *, int64_t now_us, const char *text);

#endif
