/*
 * Two stored sets beside each other: what a roll-out would change.  Pure
 * data; console_diff.c and the HTML page tell it.  Both sides are judged by
 * today's judge, so that only the MTAs differ.
 *
 * Worse is: a worse result, a worse verdict of a recipient, a flag that was
 * not there before.  A baseline does not matter here: xfail counts as the
 * failure that it is.
 */
#ifndef MXD_REPORT_DIFF_H
#define MXD_REPORT_DIFF_H

#include "harness/report/set.h"

/* X(symbol, "word", "help"), what matters most first. */
#define DIFF_KINDS(X)							\
	X(WORSE, "worse", "fails where it did not, or fails more gravely") \
	X(UNKNOWN, "unknown", "one side cannot be trusted or was skipped") \
	X(BETTER, "better", "fails no more, or less gravely")		\
	X(CHANGED, "changed", "as good as before, but otherwise")	\
	X(TIMES, "times", "the same, at other times")			\
	X(ONLY_OLD, "only-old", "was run on the old side only")		\
	X(ONLY_NEW, "only-new", "was run on the new side only")		\
	X(SAME, "same", "the same at the same times")

enum diff_kind {
#define X(sym, word, help) DIFF_##sym,
	DIFF_KINDS(X)
#undef X
	DIFF_KIND_COUNT
};

#define DIFF_NO_RUN	((size_t)-1)

/* One message and recipient; NULL: not on this side. */
struct diff_unit {
	const struct unit *old, *new;
	enum diff_kind	 kind;		/* WORSE, BETTER, CHANGED or SAME */
};

/* When the MTA turned to any host, a second or more apart. */
struct diff_attempts {
	int64_t		*times_us;
	size_t		 count;
};

struct diff_pair {
	enum diff_kind	 kind;
	const char	*id;
	bool		 one_mta;	/* both sides are of one program */
	size_t		 old_run, new_run;	/* in the sets, or NO_RUN */
	struct diff_unit *units;	/* without the control message */
	size_t		 unit_count;
	uint32_t	 flags_new, flags_gone;	/* 1 << F_..., not allowed */
	struct diff_attempts old_attempts, new_attempts;
	/* The first attempt that differs, from 0; `count` of one: none. */
	size_t		 parted;
};

struct report_diff {
	struct arena	*arena;
	struct report_set *old, *new;	/* borrowed */
	const char	*output;	/* file being written, or NULL */
	struct diff_pair *pairs;	/* by kind, then id */
	size_t		 count;
	size_t		 counts[DIFF_KIND_COUNT];
	/* Columns of one side without one on the other. */
	size_t		 alone;
};

/* Of two finished sets; opens and closes their runs. */
void	 report_diff_make(struct report_diff *, struct report_set *old,
	    struct report_set *new);
void	 report_diff_fini(struct report_diff *);
/* Something cannot be compared: no answer is "nothing got worse". */
bool	 report_diff_untrusted(const struct report_diff *);
const char *diff_word(enum diff_kind);
const char *diff_help(enum diff_kind);

/* For the console, console_diff.c: what changed, worst first. */
void	 console_diff(struct sbuf *, const struct report_style *,
	    const struct report_diff *);

#endif
