/*
 * The clock controller: decides that the lab is quiet and jumps its clock.
 * It owns the page that the preload library reads (harness/clock/page.h).
 *
 * Frozen clock: virtual time stands still while anything runs.  The lab is
 * quiet when every task of the pid namespace but the caller sleeps, nobody
 * can have been woken since, and the caller has nothing to do itself (its
 * sockets are drained, no packet is in flight).  Then time jumps to the
 * earliest deadline of the tasks' waits and the caller's timers.
 */
#ifndef MXD_LAB_CLOCK_H
#define MXD_LAB_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "harness/base/timers.h"
#include "harness/clock/kernel.h"

struct clock;

enum clock_look {
	CLOCK_BUSY,		/* somebody runs; look again in *again_us */
	CLOCK_QUIET,		/* all sleep: clock_jump() may be called */
};

/*
 * The caller is process 1 of a pid namespace whose /proc is mounted.  Makes
 * the page at `path` (mode 0666, mapped by every process that starts with
 * the preload).  NULL with errno.  `epoch_s`: wall clock of virtual time 0.
 */
struct clock *clock_new(const char *path, int64_t epoch_s, struct timers *);
/* With the machine's own clock: for clock_deaths() and nothing else. */
struct clock *clock_watch_new(const char *path);
void	 clock_free(struct clock *);
/*
 * The wake-up names are abstract sockets of the namespace in which the
 * processes live: gives the controller a datagram socket made there.  Takes
 * ownership of the fd.
 */
void	 clock_use_socket(struct clock *, int dgram_fd);
int64_t	 clock_now(const struct clock *);	/* virtual us since epoch */

/*
 * *again_us: real microseconds after which a new look pays; 0 when busy: as
 * soon as somebody else had the CPU.
 */
enum clock_look clock_look(struct clock *, int64_t *again_us);
/*
 * Jumps to the earliest deadline, at most to `limit_us`; advances the timers
 * and wakes the tasks that are due.  Returns the new now, or TIME_NEVER when
 * no deadline exists at all (nothing can ever happen again).
 */
int64_t	 clock_jump(struct clock *, int64_t limit_us);

/* connect()/sendto() that failed at once in a task, as the preload saw it. */
struct clock_failure {
	pid_t	 pid;
	int	 error;			/* errno */
	char	 comm[16];
	struct sockaddr_storage *peer;
};
/* Calls `fn` for each failure recorded since the last call. */
void	 clock_failures(struct clock *, void (*fn)(void *,
	    const struct clock_failure *), void *ctx);

/* A TCP socket whose limits are not those of a new one. */
struct clock_socket {
	/* peer: AF_UNSPEC when the kernel does not tell it yet. */
	struct sockaddr_storage *self, *peer;
	struct kernel_limits limits;
};
/* As clock_failures(): each that was connected or changed since. */
void	 clock_sockets(struct clock *, void (*fn)(void *,
	    const struct clock_socket *), void *ctx);

/* A process that its parent waited for and that a signal had ended. */
struct clock_death {
	pid_t	 pid;
	int	 signo;
	char	 comm[16];		/* "" when it never had the preload */
};
void	 clock_deaths(struct clock *, void (*fn)(void *,
	    const struct clock_death *), void *ctx);

/* A program that runs without the preload (static, Go), or NULL. */
const char *clock_unclocked(struct clock *);
/* One line a task: pid, name, what it waits for, deadline.  For reports. */
struct sbuf;
void	 clock_describe(struct clock *, struct sbuf *);

struct clock_stats {
	uint64_t looks, jumps, dirty_waits;
	int64_t	 look_real_ns;
};
void	 clock_get_stats(const struct clock *, struct clock_stats *);

#endif
