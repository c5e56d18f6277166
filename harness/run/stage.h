/*
 * One run: a scenario on an MTA in a lab, from the first namespace to the
 * end of the trace.  Nothing is judged here.
 */
#ifndef MXD_RUN_STAGE_H
#define MXD_RUN_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/lab/lab.h"
#include "harness/report/stored.h"
#include "harness/run/adapter.h"
#include "harness/run/home.h"
#include "harness/run/places.h"
#include "harness/run/pool.h"
#include "harness/scenario/scenario.h"

/*
 * `mxdrill serve`: the fakes alone, no mail handed in, nothing judged.  The
 * phases start at the first contact.
 */
struct stage_serve {
	bool	 start_now;		/* ... or at once */
	void	(*ready)(void *ctx, const struct world *);
	/* There is news.  `settled`: no session is open. */
	void	(*tell)(void *ctx, const struct trace *, bool settled);
	void	*ctx;
};

struct stage_spec {
	const struct home	*home;
	struct scenario		*scenario;	/* its rules are counted */
	const struct mta_spec	*mta;
	const char		*adapter_dir;
	const char		*root, *config;	/* NULL: none */
	/* What the adapter said before; NULL: only ask it and end. */
	const struct adapter_info *info;
	enum lab_clock		 clock;
	bool			 many_uids;
	bool			 pcap;
	uint64_t		 seed;
	int64_t			 limit_us;	/* real; 0: none */
	/*
	 * The MTA runs elsewhere: no lab, the fakes are in these places, mail
	 * is handed in at `submit`.  NULL: the lab's own.
	 */
	struct places		*places;
	struct addr		 submit;
	double			 speed;		/* of time; 0 or 1: real */
	const struct stage_serve *serve;	/* NULL: a run */
	int			 dir_fd;	/* the run's folder */
	struct progress		*progress;	/* NULL: nobody looks */
	/* Set by stage_run(): the adapter says that the user is wrong. */
	bool			 wrong_option;
};

/*
 * Runs it.  0: the trace is complete and may be judged; 89: the adapter does
 * not support it; -1: the run could not be made or was cut short, *error
 * (fresh memory) says why (the trace, too, has a harness.fault event).
 */
int	 stage_run(struct stage_spec *, char **error);

#endif
