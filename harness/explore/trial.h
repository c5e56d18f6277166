/*
 * Trials: drafts that are run, each on an MTA of its own words, and what
 * became of them.  Each MTA is asked and tried once, when it is first met.
 */
#ifndef MXD_EXPLORE_TRIAL_H
#define MXD_EXPLORE_TRIAL_H

#include "harness/explore/draft.h"
#include "harness/run/suite.h"

struct trial {
	/* Asked. */
	struct draft	 draft;
	char		*mta;		/* its words, fresh memory */
	char		*like;		/* the MTA whose profile it has, fresh
					   memory; NULL: its own */
	unsigned	 number;	/* among those of its seed */
	bool		 keep;		/* its folder even if it passed */
	/* Told. */
	bool		 ran;
	enum result	 result;
	char		*words;		/* how it ended, fresh memory */
	char		*sentence;	/* likewise */
	char		*dir;		/* the run's folder, likewise */
	uint64_t	 likeness;	/* see below */
};

/* How trials are run. */
struct trials {
	const struct home *home;
	const char	*out;		/* folder; made if missing */
	unsigned	 parallel;
	int64_t		 limit_us;	/* real, of one run; 0: none */
	void		(*tick)(void *ctx, size_t finished);
	void		(*note)(void *ctx, const char *text);
	void		*ctx;
	/* Its own: MTAs that are ready, or broken. */
	struct suite_mta **mtas;
	size_t		 mta_count;
};

/*
 * The MTA, asked and tried; its `broken` says what is wrong with it.  NULL:
 * interrupted.
 */
const struct suite_mta *trials_mta(struct trials *, const char *mta);
/* Runs them.  False: interrupted. */
bool	 trials_run(struct trials *, struct trial *, size_t count);
void	 trials_fini(struct trials *);

/* Forgets what was told; what was asked stays. */
void	 trial_clear(struct trial *);
void	 trial_fini(struct trial *);
/* Removes the folder of its run. */
void	 trial_remove_run(const struct trial *);

/*
 * "FAIL silent-drop order-violation": the result and, in the tables' order,
 * each verdict that was not wanted and each flag.  Two runs with the same
 * words fail in the same way.  Fresh memory.
 */
char	*trial_words(const struct judgement *);
/*
 * A number that is the same for two runs in which the MTA did the same on the
 * wire at the same second; what it says only of itself does not count.
 */
uint64_t trial_likeness(const struct trace *);

#endif
