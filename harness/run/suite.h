/*
 * A suite: scenarios times MTAs, run in parallel processes, judged one by
 * one as they come back.  The reports are the caller's business.
 */
#ifndef MXD_RUN_SUITE_H
#define MXD_RUN_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/baseline/baseline.h"
#include "harness/judge/judge.h"
#include "harness/lab/lab.h"
#include "harness/run/adapter.h"
#include "harness/run/home.h"
#include "harness/run/pool.h"
#include "harness/scenario/scenario.h"

/* One MTA of a suite, made ready once. */
struct suite_mta {
	struct mta_spec	 spec;
	char		*adapter_dir;
	char		*root;		/* tree laid over /, or NULL */
	struct adapter_info info;
	char		*dir;		/* its folder below the suite's */
	char		*broken;	/* why nothing runs on it, or NULL */
	bool		 unknown;	/* ... as the user named it wrong */
	bool		 elsewhere;	/* it runs already, outside any lab */
	struct addr	 submit;	/* ... and takes mail here */
	char		*given;		/* ... the whole --mta; else NULL */
};

struct suite_job {
	struct scenario	*scenario;	/* with the control message added */
	struct suite_mta *mta;
	char		*dir;		/* of the run, absolute or as given */
	size_t		 pair;		/* scenario and MTA, from 0 */
	unsigned	 round;		/* of --repeat, from 1; 0: a canary */
	int64_t		 real_us;
	int		 status;	/* the worker's, when it has ended */
	bool		 late;		/* killed for --timeout */
	bool		 done;
};

/* One way in which the repeated runs of a pair ended. */
struct suite_kind {
	char		*words;		/* result, verdicts and flags */
	enum result	 result;
	const struct suite_job *job;	/* the first such */
	unsigned	 times;
};

/* A scenario on an MTA: as many jobs as it is repeated. */
struct suite_pair {
	struct suite_kind *kinds;
	size_t		 kind_count;
	unsigned	 runs;		/* that have ended */
	bool		 told;		/* to judged() */
};

struct suite {
	const struct home *home;
	const char	*out;		/* folder; made if missing */
	const char	*root, *config;	/* --root, --config or NULL */
	struct places	*places;	/* of the fakes, for MTAs elsewhere */
	double		 speed;		/* of time there; 0: real */
	enum lab_clock	 clock;
	bool		 pcap;
	uint64_t	 seed;
	unsigned	 parallel;
	int64_t		 limit_us;	/* --timeout, real; 0: none */
	unsigned	 repeat;	/* runs of each pair; 0 is 1 */
	bool		 until_fail;	/* by rounds, until one is red */
	bool		 one_by_one;	/* judged() may want no more */
	const struct baseline *baseline;	/* NULL: nothing is known */
	struct suite_mta *mtas;
	size_t		 mta_count;
	struct suite_job *jobs;
	size_t		 job_count;
	struct suite_pair *pairs;
	size_t		 pair_count;
	struct scenario	*canary;	/* of the jobs of broken MTAs */
	/* Is the pair to be run?  NULL: all are. */
	bool		(*wanted)(void *ctx, const struct scenario *,
			    const struct suite_mta *);
	/*
	 * A job was judged, or a pair that is repeated: `trace` and the
	 * judgement live until the call returns.  False: start no more.
	 */
	bool		(*judged)(void *ctx, const struct suite_job *,
			    const struct trace *, const struct judgement *);
	/* Progress of the job that is waited for; may be NULL. */
	void		(*tick)(void *ctx, const struct suite_job *,
			    size_t finished, const struct progress *,
			    int64_t real_us);
	/* Something worth a line on standard error, e.g. a download. */
	void		(*note)(void *ctx, const char *text);
	void		*ctx;
};

/* Is there such an adapter?  False: `broken` says which there are. */
bool	 suite_find_mta(const struct suite *, struct suite_mta *);
/*
 * Fetches, asks and canaries the MTA: fills adapter_dir, root, info; on
 * failure `broken` says why.  False: interrupted.
 */
bool	 suite_prepare_mta(struct suite *, struct suite_mta *);
/* Runs all jobs.  False: interrupted. */
bool	 suite_run(struct suite *);
/*
 * Jobs for every scenario on every MTA, scenarios outermost; one for an MTA
 * that is broken.
 */
void	 suite_plan(struct suite *, struct scenario **, size_t count);
void	 suite_fini(struct suite *);
/* Prints what is known of an MTA that is ready, for `adapter check`. */
void	 suite_describe(const struct suite_mta *, FILE *);

/* Makes a folder and those above it; -1 with errno. */
int	 make_folders(const char *path);
/* Removes a folder and all in it. */
void	 remove_folders(const char *path);

#endif
