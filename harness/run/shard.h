/*
 * Which part of a suite is run here: shard I of N.  A scenario belongs to a
 * shard by a hash of its id alone, so that neither the order nor what else
 * is selected, nor the machine, moves it; the N shards together are the
 * whole.
 */
#ifndef MXD_RUN_SHARD_H
#define MXD_RUN_SHARD_H

#include <stdbool.h>
#include <stddef.h>

#define SHARDS_MAX	100000

/*
 * X("system", "index variable", "count variable", index of the first):
 * what tells a job its place.  In order: a CI system's own word goes before
 * that of the cluster it runs on.  ("GitHub Actions" and Jenkins have none:
 * there the number is given, see docs/ci.)
 */
#define SHARD_SYSTEMS(X)						\
	X("mxdrill", "MXDRILL_SHARD_INDEX", "MXDRILL_SHARD_COUNT", 1)	\
	X("GitLab CI", "CI_NODE_INDEX", "CI_NODE_TOTAL", 1)		\
	X("CircleCI", "CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0)	\
	X("Buildkite", "BUILDKITE_PARALLEL_JOB",			\
	    "BUILDKITE_PARALLEL_JOB_COUNT", 0)				\
	X("Semaphore", "SEMAPHORE_JOB_INDEX", "SEMAPHORE_JOB_COUNT", 1)	\
	X("Bitbucket Pipelines", "BITBUCKET_PARALLEL_STEP",		\
	    "BITBUCKET_PARALLEL_STEP_COUNT", 0)				\
	X("Azure Pipelines", "SYSTEM_JOBPOSITIONINPHASE",		\
	    "SYSTEM_TOTALJOBSINPHASE", 1)				\
	X("AWS Batch", "AWS_BATCH_JOB_ARRAY_INDEX",			\
	    "AWS_BATCH_JOB_ARRAY_SIZE", 0)				\
	X("Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", -1)	\
	X("Kubernetes", "JOB_COMPLETION_INDEX", "MXDRILL_SHARD_COUNT", 0)

struct shard {
	unsigned	 index, count;	/* from 1; count 0: not sharded */
};

/* "I/N".  False: *error (fresh memory) says what is wrong. */
bool	 shard_parse(struct shard *, const char *text, char **error);
/*
 * From the environment as `env` tells it (getenv(3) or a test's).  *source
 * (fresh memory) says what was taken from where.  False: *error.
 */
bool	 shard_auto(struct shard *, const char *(*env)(const char *name),
	    char **source, char **error);
/* Is the scenario in this shard? */
bool	 shard_has(const struct shard *, const char *id);

#endif
