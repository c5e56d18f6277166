/*
 * How long Linux waits for a peer of TCP that does not answer.  Its timers
 * run in real time, which in the lab hardly passes: these are the same limits
 * counted in virtual time.  Microseconds; no I/O.
 *
 * net/ipv4/tcp_timer.c: tcp_model_timeout(), tcp_write_timeout(),
 * tcp_keepalive_timer(); Documentation/networking/ip-sysctl.rst.
 */
#ifndef MXD_CLOCK_KERNEL_H
#define MXD_CLOCK_KERNEL_H

#include <stdint.h>

/* What the lab's namespaces are set to, whatever the machine has. */
#define KERNEL_SYN_RETRIES	6
#define KERNEL_RETRIES2		15
#define KERNEL_KEEP_IDLE_S	7200
#define KERNEL_KEEP_INTERVAL_S	75
#define KERNEL_KEEP_PROBES	9

#define KERNEL_SYN_RTO_US	INT64_C(1000000)
#define KERNEL_RTO_MIN_US	INT64_C(200000)
#define KERNEL_RTO_MAX_US	INT64_C(120000000)

/* The part of a socket's options that bounds its patience. */
struct kernel_limits {
	uint32_t syn_retries;		/* TCP_SYNCNT */
	uint32_t user_timeout_ms;	/* TCP_USER_TIMEOUT; 0: none */
	uint32_t keepalive;		/* SO_KEEPALIVE; 0: off */
	uint32_t keep_idle_s, keep_interval_s, keep_probes;
};

/* From the first packet to the n-th one more (n from 1), and so on. */
static inline int64_t
kernel_backoff_us(int64_t rto_us, unsigned n)
{
	int64_t sum = 0;

	for (; n > 0; n--) {
		sum += rto_us;
		rto_us = rto_us > KERNEL_RTO_MAX_US / 2 ? KERNEL_RTO_MAX_US :
		    2 * rto_us;
	}
	return sum;
}

/* From the SYN to ETIMEDOUT: 127 s by default. */
static inline int64_t
kernel_syn_us(const struct kernel_limits *k)
{
	int64_t us = kernel_backoff_us(KERNEL_SYN_RTO_US, k->syn_retries + 1);
	int64_t user = (int64_t)k->user_timeout_ms * 1000;

	/* It is looked at first when the first SYN is sent again. */
	if (user > 0 && user < KERNEL_SYN_RTO_US)
		user = KERNEL_SYN_RTO_US;
	return user > 0 && user < us ? user : us;
}

/* From octets that nobody acknowledges to ETIMEDOUT: 924.6 s by default. */
static inline int64_t
kernel_data_us(const struct kernel_limits *k)
{
	if (k->user_timeout_ms > 0)
		return (int64_t)k->user_timeout_ms * 1000;
	return kernel_backoff_us(KERNEL_RTO_MIN_US, KERNEL_RETRIES2 + 1);
}

#endif
