/*
 * `mxdrill explore`: made-up worlds, one a seed, each run on an MTA that must
 * lose nothing in any of them; what fails is made small.  Seed N of any
 * invocation is the same world and the same trial: what failed among many
 * comes again with that seed alone.
 *
 * With bugs, each world is run twice: as it is and with a bug of refmta's
 * that its seed chooses.  A bug is caught if the judge finds fault; if not,
 * the two runs tell whether the world could show it at all.
 */
#ifndef MXD_EXPLORE_EXPLORE_H
#define MXD_EXPLORE_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/explore/trial.h"

/* What failed in one way, the first such world made small. */
struct explore_find {
	struct trial	 trial;		/* the smallest, with its run */
	uint64_t	 seed;		/* of the world that it comes from */
	char		*file;		/* the small scenario */
	unsigned	 steps;		/* that made it small */
};

/* How a kind of failure was met. */
struct explore_kind {
	char		*words;		/* trial_words() */
	size_t		 times;
	size_t		 told;		/* of them made small and told */
	uint64_t	 seeds[8];	/* the first ones */
};

/* How a bug did. */
struct explore_bug {
	char		*name;
	size_t		 worlds;	/* that were run with it */
	size_t		 shown;		/* in which the MTA did otherwise */
	size_t		 caught;	/* in which the judge found fault */
	uint64_t	 missed[4];	/* shown and not caught, the first */
};

/* Names of refmta's lists. */
struct explore_names {
	char		**list;
	size_t		 count;
};

struct explore {
	/* Asked. */
	const struct home *home;
	const char	*mta;		/* as the user wrote it */
	const char	*out;		/* an absolute path */
	uint64_t	 seed;
	uint64_t	 count;
	unsigned	 parallel;
	unsigned	 most;		/* made small of one kind */
	bool		 bugs;
	bool		 ways;		/* refmta only */
	int64_t		 limit_us;	/* real, of one run; 0: none */
	void		(*found)(void *ctx, const struct explore_find *);
	/* It failed as others did that were made small. */
	void		(*failed)(void *ctx, const struct trial *);
	void		(*tick)(void *ctx, uint64_t finished);
	void		(*note)(void *ctx, const char *text);
	void		*ctx;
	/* Told. */
	uint64_t	 done;		/* worlds */
	size_t		 results[RESULT_COUNT];	/* without bugs */
	struct explore_kind *kinds;
	size_t		 kind_count;
	struct explore_bug *bug_list;
	size_t		 bug_count;
	/* Its own. */
	struct trials	 trials;
	struct explore_names way_names, bug_names;
};

/* Makes the MTA ready, as trials_mta() does. */
const struct suite_mta *explore_open(struct explore *);
/* False: interrupted. */
bool	 explore_run(struct explore *);
void	 explore_fini(struct explore *);

/* --- what its files share --- */

/* Zeroed: the program knows none. */
void	 explore_names_read(struct explore_names *, const struct home *,
	    const char *option);
void	 explore_names_fini(struct explore_names *);
/* The MTA's words for a world: as given, with ways and bug. */
char	*explore_mta(const struct explore *, uint64_t seed, const char *bug);
/* The same words without the n-th way, fresh memory; NULL: it has no n-th. */
char	*explore_without_way(const char *mta, size_t nth);
/*
 * Makes a trial small as long as it ends in the same words.  `kept` is told
 * to be run and kept at last.  False: interrupted.
 */
bool	 explore_shrink(struct trials *, struct trial *, unsigned *steps);

#endif
