#include "harness/judge/verdict.h"

#include <stddef.h>

/* 21.4, a single copy and no report. */
static enum verdict
decide_one_copy(const struct history *h)
{
	if (h->queue == QUEUE_YES && h->acked == 1 && h->copy_settled)
		return V_ZOMBIE;
	switch (h->copy_when) {
	case COPY_FIRST_CYCLE:
		return V_DELIVERED;
	case COPY_LATE:
		return V_DELIVERED_LATE;
	default:
		return V_DELIVERED_TOO_LATE;
	}
}

/* 21.4, reported as failed and no acknowledged copy. */
static enum verdict
decide_reported(const struct history *h)
{
	if (h->undead)
		return V_BOUNCED_QUEUED;
	if (h->reports >= 2 || h->doubled)
		return V_DUPLICATE_DSN;
	if (!h->entitled)
		return V_PREMATURE_BOUNCE;
	if (h->report_late)
		return V_LATE_BOUNCE;
	if (h->report_bad)
		return V_BOUNCED_MALFORMED;
	return V_BOUNCED_CORRECT;
}

/* Reported, and the report found no taker: refused, nowhere, still deferred. */
static enum verdict
decide_unseen(const struct history *h)
{
	if (!h->entitled)
		return V_PREMATURE_BOUNCE;
	if (h->doubled)
		return V_DUPLICATE_DSN;
	return h->report_late ? V_LATE_BOUNCE : V_BOUNCED_NOWHERE;
}

/* 21.4, neither copy nor report. */
static enum verdict
decide_nothing(const struct history *h, const char **note)
{
	bool silent = h->null_sender || h->no_dsn;

	if (!silent && h->strayed && h->queue != QUEUE_YES)
		return V_MISADDRESSED_DSN;
	if (!silent && h->unseen && h->queue != QUEUE_YES)
		return decide_unseen(h);
	/* Kept long, and gone in the end: nobody was to be told. */
	if (silent && h->entitled && (h->queue == QUEUE_NO ||
	    (h->queue != QUEUE_YES && !h->tried_after)))
		return V_DISCARDED_OK;
	if (h->queue == QUEUE_YES) {
		if (h->report_owed) {
			*note = silent ? "not discarded" : "pending";
			return silent ? V_STUCK : V_LATE_BOUNCE;
		}
		if (h->overdue) {
			*note = "overdue";
			return V_STUCK;
		}
		return h->recent ? V_RETRYING : V_STUCK;
	}
	if (h->queue == QUEUE_NO) {
		if (h->grace_over && (silent || !h->doubtful))
			return V_SILENT_DROP;
		*note = "a report may still be under way";
		return V_INCONCLUSIVE;
	}
	/*
	 * The horizon goes before recency: the table of 21.6 has "at or
	 * beyond the horizon: SILENT_DROP", and an attempt that late is
	 * another message's or a queue that never gives up.
	 */
	if (h->recent && !h->past_horizon)
		return V_RETRYING;
	if (h->past_horizon && (silent || !h->doubtful)) {
		*note = "presumed";
		return V_SILENT_DROP;
	}
	*note = "horizon too short";
	return V_INCONCLUSIVE;
}

enum verdict
verdict_decide(const struct history *h, const char **note)
{
	int n = h->acked + h->ambiguous;

	*note = NULL;
	if (h->harness_fault) {
		*note = "harness fault";
		return V_INCONCLUSIVE;
	}
	if (!h->accepted) {
		*note = h->refusal == 4 ? "4yz" : h->refusal == 5 ? "5yz" :
		    "none";
		return V_NOT_ACCEPTED;
	}
	if (h->misrouted > 0)
		return V_MISROUTED;
	if (h->downgraded)
		return V_DOWNGRADE;
	if (h->corrupted)
		return V_CORRUPTED;
	if (h->looping)
		return V_LOOPING;
	if (h->double_loop)
		return V_DOUBLE_BOUNCE_LOOP;
	if (h->null_sender && h->reports > 0)
		return V_BOUNCE_TO_NULL;
	if (h->no_dsn && h->reports > 0)
		return V_UNWANTED_DSN;
	if (h->reports > 0 && h->misaddressed)
		return V_MISADDRESSED_DSN;
	if (h->acked > 0 && h->reports > 0)
		return V_FALSE_BOUNCE;
	if (n > 1)
		return h->unexcused > 0 ? V_DUPLICATE : V_DUPLICATE_EXCUSED;
	/* A copy that the MTA does not know of ends nothing. */
	if (n == 1 && h->reports == 0 && (h->acked == 1 ||
	    h->queue != QUEUE_YES))
		return decide_one_copy(h);
	if (n == 1)
		*note = "the recipient may hold a copy";
	if (h->reports > 0)
		return decide_reported(h);
	return decide_nothing(h, note);
}

int
verdict_severity(enum verdict v)
{
	switch (v) {
	case V_SILENT_DROP:
	case V_MISROUTED:
	case V_DOWNGRADE:
	case V_CORRUPTED:
		return 9;
	case V_DOUBLE_BOUNCE_LOOP:
	case V_LOOPING:
		return 8;
	case V_PREMATURE_BOUNCE:
	case V_MISADDRESSED_DSN:
		return 7;
	case V_FALSE_BOUNCE:
		return 6;
	case V_DUPLICATE:
		return 5;
	case V_STUCK:
	case V_BOUNCED_QUEUED:
		return 4;
	case V_BOUNCE_TO_NULL:
	case V_UNWANTED_DSN:
		return 3;
	case V_INCONCLUSIVE:
		return 2;
	case V_BOUNCED_MALFORMED:
	case V_DUPLICATE_DSN:
	case V_LATE_BOUNCE:
	case V_DELIVERED_TOO_LATE:
	case V_ZOMBIE:
		return 1;
	default:
		return 0;
	}
}
