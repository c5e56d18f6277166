/*
 * What the files of the suite share: suite.c (the jobs), suite_repeat.c (the
 * runs of a pair come together), suite_mta.c (an MTA is made ready),
 * run_folder.c (the files of a run's folder).
 */
#ifndef MXD_RUN_SUITE_INT_H
#define MXD_RUN_SUITE_INT_H

#include "harness/run/suite.h"

/* Exit status of a worker, beside 0, 1 and 89. */
#define STATUS_BROKEN	90	/* its MTA's canaries fail */
#define STATUS_WRONG	91	/* the user gave the MTA a wrong option */

/* suite.c */
/*
 * In the worker: one run.  The result, its exit status, tells the parent how
 * it went.  `info` NULL: the adapter is only asked for its facts.
 */
int	 suite_work(const struct suite *, const struct suite_job *,
	    const struct adapter_info *info, struct progress *);
/*
 * Reads and judges what a worker left.  A run that was cut short has a
 * harness.fault in its trace, added here if nobody could write it.
 */
void	 suite_judge(const struct suite_job *, int status, struct trace *,
	    struct judgement *);

/* suite_judge() of a job of the suite, and what the baseline makes of it. */
void	 suite_judge_known(const struct suite *, const struct suite_job *,
	    struct trace *, struct judgement *);

/* suite_repeat.c */
/*
 * From one job a pair, at the start of su->jobs, to one for each of its
 * rounds, in the order in which they are run; gives each its folder.
 */
void	 suite_spread(struct suite *, unsigned rounds);
/* A job has ended: tells its pair when that is complete.  False: enough. */
bool	 suite_ended(struct suite *, struct suite_job *);
/* The pairs that were begun and not told, when no more jobs are started. */
void	 suite_tell_rest(struct suite *);
void	 suite_fini_pairs(struct suite *);

/* elsewhere.c */
bool	 elsewhere_is(const struct mta_spec *);
/* Fills in `elsewhere` and `submit`.  False: `broken` says what is wrong. */
bool	 elsewhere_find(struct suite_mta *);

/* suite_mta.c: it delivers to smarthosts alone, it knows no MX. */
bool	 suite_needs_smarthost(const struct suite_mta *);

/* run_folder.c */
/*
 * The folder of a run in a round (from 1), fresh memory; it need not exist.
 */
char	*run_folder_path(const struct suite *, const struct suite_mta *,
	    const char *id, unsigned round);
/* Writes a file; not to have it shows when it is read. */
void	 run_folder_put(const char *dir, const char *name, const char *data,
	    size_t len);
/* Everything that can be written before the run begins. */
void	 run_folder_fill(const struct suite *, const struct suite_job *);
/* Why the run came to nothing, fresh memory. */
char	*run_folder_error(const struct suite_job *, int status);

#endif
