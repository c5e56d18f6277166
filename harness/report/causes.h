/*
 * The findings of a set by their cause: what one MTA does wrong in the same
 * way, against the same clause, is one defect however many scenarios show it.
 * The same way means: the same verdict or flag, and a why-sentence that
 * differs in names, times, numbers and texts of replies only.
 */
#ifndef MXD_REPORT_CAUSES_H
#define MXD_REPORT_CAUSES_H

#include "harness/report/clause.h"
#include "harness/report/set.h"

/* A scenario that shows the defect. */
struct cause_run {
	size_t		 run;		/* in the set */
	/* By what: one of the run's units or findings; NO_PART: not this. */
	size_t		 unit, finding;
};
#define CAUSE_NO_PART	((size_t)-1)

struct cause {
	size_t		 column;
	const char	*word;		/* verdict, flag, or the result */
	const char	*clause;	/* requirement broken, or NULL */
	enum clause_level level;
	const char	*text;		/* why-sentence of its first run */
	const char	*shape;		/* what its sentences have in common */
	struct cause_run *runs;		/* in the order of the set */
	size_t		 run_count;
};

struct causes {
	struct arena	*arena;
	/* By column, level, the most scenarios first. */
	struct cause	*items;
	size_t		 count;
};

/* Of a finished set, which must outlive them.  Reads no trace. */
void	 causes_find(struct causes *, const struct report_set *);
void	 causes_fini(struct causes *);

struct cause_count {
	size_t	 defects, scenarios;
};

/* Defects of one level, and the scenarios that show one of them. */
struct cause_count causes_count(const struct causes *, size_t column,
	    enum clause_level);

/*
 * Appends what sentences of one cause have in common, for comparison: not to
 * be read.  The judgement's own names of messages are taken for such.
 */
void	 cause_shape(struct sbuf *, const struct judgement *,
	    const char *sentence);

#endif
