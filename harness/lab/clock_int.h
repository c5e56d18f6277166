/*
 * What the files of the clock controller share.
 */
#ifndef MXD_LAB_CLOCK_INT_H
#define MXD_LAB_CLOCK_INT_H

#include "harness/clock/page.h"
#include "harness/lab/clock.h"
#include "harness/lab/quiet.h"

/* The open description behind a process's timerfd. */
struct clock_timerfd {
	int	 fd;			/* ours; -1: none */
	pid_t	 pid;
	uint32_t set;			/* the settime call it was taken for */
};

struct clock {
	struct page *page;
	char	*path;
	dev_t	 page_dev;
	ino_t	 page_ino;
	struct timers *timers;
	struct quiet *quiet;
	int	 wake_fd;
	int	 stamp_fd;		/* -1: the kernel stamps coarsely */
	unsigned busy_looks;
	uint64_t failures_seen, sockets_seen, deaths_seen;
	int64_t	 fired_real_ns;		/* when a wait was last ended */
	char	 unclocked[64];
	struct clock_timerfd timerfds[PAGE_TIMERS];
	struct clock_stats stats;
};

int64_t	 clock_real_ns(void);		/* CLOCK_MONOTONIC */
void	 clock_stamps_coarsely(struct clock *);	/* as before Linux 6.13 */
/* clock_fire.c: waits and process timers */
void	 clock_sweep(struct clock *);	/* takes back what dead tasks left */
int64_t	 clock_next_deadline(struct clock *);
void	 clock_fire_due(struct clock *);
bool	 clock_polled_pending(const struct clock *);
void	 clock_timerfds_free(struct clock *);
/* clock_report.c */
void	 clock_check_programs(struct clock *);

#endif
