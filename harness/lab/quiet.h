/*
 * Is every task of this pid namespace but process 1 asleep?  Looks at the
 * kernel's task files, which stay open, in two passes:
 *
 * 1. every task is off the CPU (/proc/.../syscall waits for that), and how
 *    often it has had the CPU so far (/proc/.../schedstat);
 * 2. every task is in a sleeping state (/proc/.../stat; a task that is being
 *    woken but does not run yet shows there as R), and has not had the CPU
 *    since pass 1.
 *
 * A task that was seen asleep in an earlier look and has not had the CPU
 * since needs no pass 1: it has slept all the time.
 *
 * As all of pass 1 precedes all of pass 2, there was a moment when all slept
 * and nobody was about to wake.  A task in disk wait (D) is not quiet.
 */
#ifndef MXD_LAB_QUIET_H
#define MXD_LAB_QUIET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct quiet_task {
	pid_t	 pid, tid;
	int	 syscall_fd, schedstat_fd, stat_fd;
	uint64_t runs;
	long	 nr;			/* system call; -1: none, -2: unknown */
	unsigned long arg;		/* its first argument */
	char	 state;
	char	 comm[16];
	bool	 slept;			/* off the CPU, asleep at `runs` */
	bool	 checked;		/* for the caller: seen this program */
	unsigned seen;			/* number of the scan */
};

struct quiet;

struct quiet *quiet_new(void);		/* NULL with errno */
void	 quiet_free(struct quiet *);
/* True: all sleep.  False: somebody runs, or was just born. */
bool	 quiet_look(struct quiet *);
/* The tasks as of the last look, in no order. */
struct quiet_task *quiet_tasks(struct quiet *, size_t *count);
/* NULL when there is no such task. */
struct quiet_task *quiet_find(struct quiet *, pid_t tid);

#endif
