/*
 * The ordered decision list of 21.4 over an abstract history: what the
 * ledger found, with every comparison of times already made.  Total: each
 * history has exactly one verdict.
 */
#ifndef MXD_JUDGE_VERDICT_H
#define MXD_JUDGE_VERDICT_H

#include "harness/scenario/scenario.h"

enum queue_state { QUEUE_UNKNOWN, QUEUE_YES, QUEUE_NO };
/* Of the first copy: within CYC1, within Rmax of the repair, or later. */
enum copy_when { COPY_FIRST_CYCLE, COPY_LATE, COPY_TOO_LATE };

struct history {
	bool		 harness_fault;
	bool		 accepted;
	int		 refusal;	/* reply at injection: 4, 5; 0: none */
	int		 misrouted;	/* M */
	bool		 downgraded, corrupted, looping;
	int		 acked;		/* A_ack */
	int		 ambiguous;	/* A_amb */
	int		 unexcused;	/* copies after one the MTA knew of */
	bool		 null_sender, no_dsn;
	int		 reports;	/* F */
	bool		 misaddressed, double_loop;
	bool		 undead;	/* queued or offered after the report */
	bool		 unseen;	/* reported, but no report came */
	bool		 doubled;	/* too many reports at once */
	bool		 strayed;	/* all that was seen of one was offered
					   to another than the sender */
	bool		 doubtful;	/* it may be so; others use its hosts */
	enum queue_state queue;
	bool		 copy_settled;	/* the copy is older than QR + EPS */
	enum copy_when	 copy_when;
	bool		 entitled;	/* any PERM before the report, or now */
	bool		 tried_after;	/* an attempt after tP */
	bool		 report_late, report_bad;
	bool		 report_owed;	/* P1..P7, now > tP + DSN_MAX + EPS */
	bool		 overdue;	/* now - t0 > LIFE + Rmax + QR + EPS */
	bool		 recent;	/* an attempt within Rmax + QR + EPS */
	bool		 grace_over;	/* DSN_MAX passed since queue "no" */
	bool		 past_horizon;	/* LIFE + Rmax + DSN_MAX + EPS */
};

/* *note: "4yz", "pending", "presumed"...; NULL when there is none. */
enum verdict verdict_decide(const struct history *, const char **note);

/* 21.7: how bad; equal numbers weigh the same, 0 is a pass. */
int	 verdict_severity(enum verdict);

#endif
