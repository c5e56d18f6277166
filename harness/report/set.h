/*
 * A set of stored runs: all that a report needs, read from one or more
 * folders that `mxdrill run` has left, and from nothing else.  Scenarios are
 * its rows, MTAs its columns; shards of a suite become one set again.
 *
 * Every run is judged anew from its trace, so that runs that are compared
 * were judged alike.  What a trace cannot say is taken from results.json:
 * what was skipped or never started, what a baseline knew, real times.
 *
 *	struct report_set set;
 *
 *	report_set_init(&set);
 *	report_set_add(&set, "runs/last", &error);	... any number
 *	report_set_finish(&set);
 *	for each set.runs[i]: report_run_open(&set, i, &rc) ...
 *	report_set_fini(&set);
 */
#ifndef MXD_REPORT_SET_H
#define MXD_REPORT_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/judge/judge.h"
#include "harness/judge/profile.h"
#include "harness/report/console.h"
#include "harness/report/name_index.h"
#include "harness/report/results.h"

struct baseline;
struct sbuf;
struct stored_run;

/* One results.json, or one run's folder that was named by itself. */
struct report_source {
	const char	*dir;
	bool		 suite;		/* it has a results.json */
	/* Of results.json; NULL or 0: not said. */
	const char	*mxdrill, *started, *clock, *seed;
	unsigned	 shard_index, shard_count;
};

/* A column: an MTA in one version. */
struct report_mta {
	const char	*mta;		/* as the user wrote it */
	const char	*version;	/* "": not known */
	const char	*label;		/* `mta`, with the version if needed */
	const char	*broken;	/* why nothing ran on it, or NULL */
	struct profile	 profile;
	bool		 has_profile;
};

/* A row: a scenario.  `path` "" and `covers` empty: its file is not there. */
struct report_row {
	const char	*id, *path, *variant, *title, *why;
	enum level	 level;
	const char	*const *covers, *const *tags;
	size_t		 covers_count, tag_count;
	struct scenario	*stub;		/* id, path and title only */
};

struct report_run {
	size_t		 source, row, column;
	const char	*dir;		/* its folder; NULL: there is none */
	const char	*rerun;
	int64_t		 virtual_us, real_us;
	/*
	 * The set's own copy, whole but for the units' expectations and
	 * attempts, of which there are none.  A baseline has been applied as
	 * it was in the run.
	 */
	struct judgement judgement;
	/* What was written at the time; differs if judged otherwise today. */
	enum result	 said;
	/*
	 * Two runs of one scenario on one MTA: the worse is the one that
	 * counts, the other is `hidden`; both know how many there are.
	 */
	bool		 hidden;
	size_t		 times;
	struct stored_run *stored;	/* while open */
};

/* Something about the set that a reader must know, in one sentence. */
struct report_note {
	bool		 untrusted;	/* the set is not all it claims */
	const char	*text;
};

struct report_set {
	struct arena	*arena;
	struct report_source *sources;
	size_t		 source_count;
	struct report_mta *mtas;	/* in the order they came */
	size_t		 mta_count;
	struct report_row *rows;	/* by id */
	size_t		 row_count;
	struct name_index row_index;	/* until they are in order */
	struct report_run *runs;	/* by row, column, the worst first */
	size_t		 run_count;
	size_t		 counts[RESULT_COUNT];	/* without hidden ones */
	struct report_note *notes;
	size_t		 note_count;
	size_t		 kept_bytes;	/* of traces that are kept open */
	/* The file that is being written, for links from it; or NULL. */
	const char	*output;
};

void	 report_set_init(struct report_set *);
/*
 * Adds a folder: one of a suite, one of a run, or one that has such below
 * it.  False: *error (fresh memory) says what is not there or not readable.
 */
bool	 report_set_add(struct report_set *, const char *dir, char **error);
/*
 * Another baseline than that of the runs, or one that they had not: after
 * the last folder, before report_set_finish().
 */
void	 report_set_know(struct report_set *, const struct baseline *);
/* Orders, merges, counts; after the last folder, once. */
void	 report_set_finish(struct report_set *);
void	 report_set_fini(struct report_set *);
/* One of the notes says that runs are missing or contradict. */
bool	 report_set_untrusted(const struct report_set *);

/* The run that counts of a row on a column, or NULL: there is none. */
const struct report_run *report_set_cell(const struct report_set *,
	    size_t row, size_t column);
/*
 * All that a report can say of run `i`, borrowed until report_run_close()
 * or the end of the set.  False: nothing but its results is stored; *rc has
 * no trace then, and a scenario of nothing but id, path and title.  Calls
 * are cheap while few traces are open.
 */
bool	 report_run_open(struct report_set *, size_t i,
	    struct report_case *rc);
/* Lets go of what may be read again, if much is held. */
void	 report_run_close(struct report_set *, size_t i);
/* The same without reading anything: no trace, the scenario a stub. */
void	 report_run_case(const struct report_set *, size_t i,
	    struct report_case *rc);

#endif
