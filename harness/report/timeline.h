/*
 * The merged timeline of a run: the trace retold in few lines.  A session is
 * one line, the lookups between two sessions are one, what leads to nothing
 * is left out, cycles that repeat are folded.
 */
#ifndef MXD_REPORT_TIMELINE_H
#define MXD_REPORT_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/event.h"
#include "harness/scenario/scenario.h"

#define LINE_RULES	4

struct timeline_line {
	int64_t		 t_us;
	int64_t		 until_us;	/* of what is folded or left out */
	const char	*who, *what;	/* clean text */
	const char	*rules[LINE_RULES];	/* ids that decided, or NULL */
	uint64_t	 shape;		/* equal for lines that say the same */
	bool		 decisive;
	bool		 attempt;	/* a lookup or a contact */
	/* Neither set: an ordinary line. */
	size_t		 repeats;	/* so many more cycles like the last */
	size_t		 left_out;	/* so many lines */
};

struct timeline {
	struct arena	*arena;
	struct timeline_line *lines;
	size_t		 count;
};

/*
 * Retells the trace.  `decisive` is the seq of the event to be marked (0:
 * none); its line is never left out.  `all`: dull events too.
 */
void	 timeline_build(struct timeline *, const struct scenario *,
	    const struct trace *, uint64_t decisive, bool all);
/*
 * Replaces what repeats at least three times in a row, in any order within
 * one round, by its first round and one line with `repeats`.
 */
void	 timeline_fold(struct timeline *);
/* Leaves at most about `most` lines: the ends and what decided. */
void	 timeline_cap(struct timeline *, size_t most);
void	 timeline_fini(struct timeline *);

#endif
