/*
 * Runs jobs in processes of their own, at most so many at a time, and hands
 * the finished ones back in the order in which they were given: parallelism
 * is processes, and a report does not depend on who was faster.
 */
#ifndef MXD_RUN_POOL_H
#define MXD_RUN_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a worker tells while it works; lives in memory shared with it. */
struct progress {
	int64_t	 virtual_us;
	uint32_t events;
	/*
	 * The worker's own: an eventfd(2) that can be read when its turn has
	 * come.  Until then it may prepare what disturbs nobody.
	 */
	int	 turn_fd;
};

struct pool {
	size_t	 count;			/* jobs 0 .. count-1 */
	unsigned parallel;
	int64_t	 limit_us;		/* real; then SIGKILL.  0: none */
	/* In the child; the value becomes its exit status. */
	int	(*work)(void *ctx, size_t job, struct progress *);
	/*
	 * In the parent, in order; real_us is from its turn to its end.
	 * False: start no further jobs (only if one_by_one).
	 */
	bool	(*done)(void *ctx, size_t job, int wait_status,
		    int64_t real_us);
	/*
	 * No turn comes before done() has returned for what has ended.  Else
	 * done() may be called while the next ones are at work; and where
	 * there is one at a time, the next is started ahead of its turn.
	 */
	bool	 one_by_one;
	/* In the parent, now and then while it waits; NULL: never. */
	void	(*tick)(void *ctx, size_t job, size_t finished,
		    const struct progress *, int64_t real_us);
	void	*ctx;
};

/*
 * 0: all given back; -1: interrupted by SIGINT, SIGTERM or SIGHUP, the
 * workers killed and reaped.
 */
int	 pool_run(const struct pool *);

#endif
