/*
 * Baselines: known failures, pinned to what they are and each with a reason
 * (docs/baselines.md is the manual).  A file is read and checked once; after
 * that everything is pure: baseline_apply() turns what the judge found into
 * xfail, XPASS or a FAIL that got worse, baseline_update() edits the text of
 * a file.  Which scenarios and MTAs there are is told by the caller.
 */
#ifndef MXD_JUDGE_BASELINE_H
#define MXD_JUDGE_BASELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/base/diag.h"
#include "harness/base/sbuf.h"
#include "harness/judge/judge.h"
#include "harness/baseline/version.h"

/* Octets [from, to) of the file; from == to == 0: not there. */
struct text_range {
	size_t	 from, to;
};

struct baseline_entry {
	size_t		 file;		/* index */
	struct loc	 loc, mta_loc;	/* of the id and of `mta` */
	int		 width, mta_width;
	const char	*at;		/* "FILE:LINE" */
	const char	*id;
	const char	*mta;		/* name or whole --mta; NULL: any */
	struct version_range versions;
	verdict_set	 verdicts;	/* all of them and no other */
	uint32_t	 flags;		/* bits 1 << F_...; none beside them */
	const char	*outcome;	/* both in words */
	const char	*reason, *upstream;	/* upstream may be NULL */
	struct text_range	 item, outcome_at, also_at;
	bool		 flow;		/* written {...} */
};

struct baseline_file {
	const char	*path;
	const char	*only;		/* the MTA it is about, or NULL */
	const char	*text;
	size_t		 len;
	bool		 flow;		/* a list written [...] */
	struct diags	 diags;
};

/* Zeroed it is empty. */
struct baseline {
	struct arena	*arena;
	struct baseline_file *files;
	size_t		 file_count;
	struct baseline_entry *entries;
	size_t		 count;
};

/*
 * Adds a file's entries.  What is wrong with them goes to its diagnostics.
 * `only`: the file is NAME.known of a folder; entries without `mta` then
 * mean NAME and no entry may name another.  NULL: they mean any MTA.
 */
void	 baseline_add_text(struct baseline *, const char *path,
	    const char *only, const char *text, size_t len);
/*
 * Adds a FILE, or of a folder each NAME.known whose NAME is among `mtas`
 * (--mta values; NULL: every *.known).  False: *error (fresh memory) says
 * what cannot be read.
 */
bool	 baseline_add(struct baseline *, const char *path,
	    const char *const *mtas, size_t mta_count, char **error);
/*
 * What needs to know what there is: a pattern that matches none of `ids` and
 * two entries for one scenario on one MTA are errors, an MTA that is none of
 * `mtas` a warning.
 */
void	 baseline_check(struct baseline *, const char *const *ids,
	    size_t id_count, const char *const *mtas, size_t mta_count);
/* Prints all diagnostics; how many of them are errors. */
size_t	 baseline_complain(const struct baseline *, FILE *);
void	 baseline_fini(struct baseline *);

/* Does an entry's `id` mean this scenario? */
bool	 baseline_id_matches(const char *pattern, const char *id);
/* The entry for a run, or NULL.  `mta` as on the command line. */
const struct baseline_entry *baseline_find(const struct baseline *,
	    const char *id, const char *mta, const char *version);
/*
 * The pure step between judge() and the reports: changes the result and the
 * sentence and sets `known`, if an entry speaks of the run.
 */
void	 baseline_apply(const struct baseline *, const char *id,
	    const char *mta, const char *version, struct judgement *);

/* What is wrong in a run, as a baseline pins it. */
struct seen {
	enum result	 result;
	verdict_set	 verdicts;	/* not expected, not tolerated */
	uint32_t	 flags;		/* not allowed */
};

struct seen baseline_seen(const struct judgement *);
/* "silent-drop, order-violation"; in the arena. */
const char *baseline_words(struct arena *, verdict_set, uint32_t flags);
/* The worst of the set by 21.7, of equals the first; the set not empty. */
enum verdict baseline_worst(verdict_set);

/* A judged run, its judgement without baseline. */
struct baseline_run {
	const char	*id, *mta, *version;
	struct seen	 seen;
};

enum baseline_edit_kind {
	EDIT_CHANGED,		/* outcome rewritten */
	EDIT_GONE,		/* passes now; entry removed or marked */
	EDIT_ADDED,
	EDIT_MISSING,		/* fails and is not in the file: not added */
	EDIT_MIXED,		/* one entry, runs of several kinds: left */
};

struct baseline_edit {
	enum baseline_edit_kind kind;
	int		 line;		/* of the entry in the old text, 0 */
	const char	*id, *mta;	/* mta NULL: not said */
	const char	*before, *after;	/* in words, or NULL */
};

struct baseline_edits {
	struct baseline_edit *items;
	size_t		 count;
};

/*
 * The text of the only file of `b`, edited so that `runs` agree with it:
 * every octet that is no changed outcome and no removed entry stays.
 * `reason` NULL: nothing is added.  `mark`: what passes now is made a
 * comment instead of being removed.  False: the file is one that cannot be
 * edited, *error (in b's arena) says why.
 */
bool	 baseline_update(struct baseline *b, const struct baseline_run *runs,
	    size_t run_count, const char *reason, bool mark,
	    struct sbuf *out, struct baseline_edits *edits,
	    const char **error);

#endif
