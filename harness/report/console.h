/*
 * Reports for people: one line a run, five parts for a failure, a summary
 * that repeats the failures last, a status line while a run lasts.  Pure
 * writers into a string: no file, no terminal, no clock.  Whatever came over
 * the wire is made harmless before it gets here; see text.h.
 *
 * `width` 0 means: do not cut.  Commands and paths that are meant to be
 * copied are never cut.
 */
#ifndef MXD_REPORT_CONSOLE_H
#define MXD_REPORT_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/event.h"
#include "harness/base/sbuf.h"
#include "harness/judge/judge.h"
#include "harness/report/clause.h"
#include "harness/scenario/scenario.h"

/* One run with all that a report can say of it; everything is borrowed. */
struct report_case {
	const struct scenario	*scenario;
	const char		*mta;		/* as the user wrote it */
	const char		*mta_version;	/* NULL: not known */
	const struct judgement	*judgement;
	const struct trace	*trace;		/* NULL: there is none */
	int64_t			 virtual_us;	/* ... how long it was, then */
	const char		*dir;		/* the run's folder */
	int64_t			 real_us;
	const char		*rerun;		/* the exact command */
	unsigned		 repeats;	/* runs that agree; 0, 1: one */
	bool			 hidden;	/* a worse run of it counts */
};

struct report_style {
	bool	 colour;
	int	 width;		/* columns; 0: do not cut */
	bool	 verbose;	/* timelines unfolded, dull events shown */
};

/*
 * One line: status word, id, MTA and what happened:
 *
 *	ok    seed/ip-refused-best-mx/greet-554  postfix  delivered at once
 *	    via mx2.r.test
 */
void	 console_line(struct sbuf *, const struct report_style *,
	    const struct report_case *);
/*
 * Anything but a plain pass: the sentence, the expectation with its line,
 * the merged timeline, the clause, the command that runs it again.  It
 * follows the run's line and does not repeat its status word: each run has
 * one line that begins with one.
 */
void	 console_failure(struct sbuf *, const struct report_style *,
	    const struct report_case *);

/* One run of a summary's list. */
struct report_failure {
	enum result	 result;	/* one that is red */
	char		*id, *mta, *sentence;
};

/* A failure that a baseline hides. */
struct report_known {
	char		*id, *mta, *outcome, *reason, *at;
};

/* Zeroed it is empty. */
struct report_summary {
	size_t		 counts[RESULT_COUNT];
	size_t		 runs;
	/* Findings, by how binding the clause is that they break. */
	size_t		 levels[CLAUSE_LEVEL_COUNT];
	struct report_failure *failures;
	size_t		 failure_count;
	struct report_known *known;
	size_t		 known_count;
	int64_t		 real_us, virtual_us;	/* sums over the runs */
	struct departures *departures;	/* NULL: none yet */
};

void	 summary_add(struct report_summary *, const struct report_case *);
void	 summary_fini(struct report_summary *);
/*
 * The counts, the levels of what was broken, what the ERRORs mean, the times,
 * what the baseline hides (all of it if verbose), where the configuration
 * departs from the RFC, then what is red once more.  `wall_us` is how long
 * the user waited; 0: not known.
 */
void	 console_summary(struct sbuf *, const struct report_style *,
	    const struct report_summary *, int64_t wall_us);

/* A status line without a newline, never wider than the style says. */
void	 console_progress(struct sbuf *, const struct report_style *,
	    size_t finished, size_t total, const char *id, const char *mta,
	    int64_t virtual_us, int64_t real_us);

/* How much virtual time a trace covers, from the start of its phases. */
int64_t	 report_virtual_us(const struct trace *);
int64_t	 report_case_virtual_us(const struct report_case *);
/*
 * What a report starts from: the unit that made the result, or NULL (a
 * finding, a guard); the same for the finding.
 */
const struct unit *report_head_unit(const struct judgement *);
const struct finding *report_head_finding(const struct judgement *);
/* FAIL, warn, xfail: the MTA did something wrong. */
bool	 report_is_finding(enum result);
/* ERROR, not-exercised: neither a pass nor a failure of the MTA. */
bool	 report_proves_nothing(enum result);
/* Where fault `i` of those that never fired stands: "FILE:LINE:COL". */
void	 report_put_unfired(struct sbuf *, const struct report_case *,
	    size_t i);

#endif
