/*
 * What the files of the suite share: suite.c (the jobs), suite_mta.c (an MTA
 * is made ready), run_folder.c (the files of a run's folder).
 */
#ifndef MXD_RUN_SUITE_INT_H
#define MXD_RUN_SUITE_INT_H

#include "harness/run/suite.h"

#define RUN_ERROR	"error.txt"

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

/* run_folder.c */
/* The folder of a run, fresh memory; it need not exist. */
char	*run_folder_path(const struct suite *, const struct suite_mta *,
	    const char *id);
/* Writes a file; not to have it shows when it is read. */
void	 run_folder_put(const char *dir, const char *name, const char *data,
	    size_t len);
/* Everything that can be written before the run begins. */
void	 run_folder_fill(const struct suite *, const struct suite_job *);
/* Why the run came to nothing, fresh memory. */
char	*run_folder_error(const struct suite_job *, int status);

#endif
