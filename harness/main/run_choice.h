/*
 * What `mxdrill run` runs: SELECT, --tag, --failed and --shard, in this
 * order, each narrowing what is left.
 */
#ifndef MXD_MAIN_RUN_CHOICE_H
#define MXD_MAIN_RUN_CHOICE_H

#include "harness/main/failed.h"
#include "harness/main/run_options.h"
#include "harness/main/select.h"

#define RUN_GO_ON	-1

/* Zeroed it is empty. */
struct run_choice {
	struct selection selection;
	struct failed	 failed;	/* of --failed */
};

/*
 * Opens and parses the selection; with --failed without --mta fills in the
 * MTAs.  RUN_GO_ON: run it, though a shard may be empty; else the exit
 * status, after saying why.
 */
int	 run_choose(struct run_choice *, struct run_options *, char **select,
	    int count);
/* Is the scenario to be run on this MTA? */
bool	 run_choice_has(const struct run_choice *, const char *id,
	    const char *mta);
void	 run_choice_fini(struct run_choice *);

#endif
