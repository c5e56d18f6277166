#include "harness/judge/why.h"

#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/timers.h"
#include "harness/judge/history.h"
#include "harness/judge/units.h"
#include "harness/judge/whose.h"
#include "harness/judge/why_facts.h"

static const char *
delivered(const struct ledger *l, const struct entry *e, enum verdict v,
    uint64_t *decisive)
{
	const struct event *ev = units_copy(e, 0);
	const char *tail = "";
	const int cycle = history_cycle_of(e, ev);

	*decisive = ev->seq;
	if (v == V_DELIVERED_TOO_LATE)
		tail = arena_printf(l->arena, ", later than one retry interval "
		    "after the repair at %s", why_duration(l->arena,
		    l->scenario->repair_us));
	else if (v == V_ZOMBIE)
		tail = ", yet it is still queued";
	else if (v == V_DELIVERED_LATE && cycle > 1)
		tail = arena_printf(l->arena, ", in cycle %d", cycle);
	return arena_printf(l->arena, "%s for %s reached %s after %s%s",
	    e->key, e->rcpt, why_host(ev), why_duration(l->arena,
	    ev->t_us - e->t0_us), tail);
}

static const char *
report_tail(const struct ledger *l, const struct entry *e, enum verdict v)
{
	const struct event *ev = e->first_report, *copy = units_copy(e, 0);
	struct proof proof;
	uint64_t unused;
	const bool known = evidence_first(l, e, ev->t_us, v == V_LATE_BOUNCE,
	    &proof) || evidence_first(l, e, ev->t_us, false, &proof);
	switch (v) {
	case V_BOUNCED_MALFORMED:
		return arena_printf(l->arena, "; the report is malformed: %s",
		    e->report_defect != NULL ? e->report_defect :
		    "its status is of another class than the cause");
	case V_PREMATURE_BOUNCE:
		return arena_printf(l->arena, " although nothing permanent had "
		    "been said and its lifetime of %s was not over; %s",
		    why_duration(l->arena, entry_life(l, e)),
		    why_last_word(l, e, &unused));
	case V_FALSE_BOUNCE:
		return arena_printf(l->arena, " although %s has had it since "
		    "%s", why_host(copy), why_duration(l->arena, copy->t_us));
	case V_DUPLICATE_DSN:
		if (e->reports == 1)
			return ", twice at once";
		/* FALLTHROUGH */
	case V_DOUBLE_BOUNCE_LOOP:
		return arena_printf(l->arena, ", %d times", e->reports);
	case V_BOUNCE_TO_NULL:
		return " although its reverse-path is null";
	case V_UNWANTED_DSN:
		return " although NOTIFY asked for no report";
	case V_LATE_BOUNCE:
		return arena_printf(l->arena, ", too late: %s",
		    known ? why_cause(l, e, &proof) : "?");
	case V_BOUNCED_QUEUED:
		return e->queue == QUEUE_YES ? ", yet it is still queued" :
		    arena_printf(l->arena, ", yet it was offered again "
		    "after %s", why_duration(l->arena, e->last_offer_us -
		    e->t0_us));
	default:
		return !known ? "" : arena_printf(l->arena, ": %s",
		    why_cause(l, e, &proof));
	}
}

static const char *
reported(const struct ledger *l, const struct entry *e, enum verdict v,
    uint64_t *decisive)
{
	const struct event *ev = e->first_report;

	*decisive = ev->seq;
	return arena_printf(l->arena,
	    "%s for %s was reported as failed (%s) after %s%s", e->key,
	    e->rcpt, ev->status != NULL ? arena_printf(l->arena, "status %s",
	    ev->status) : "without a status", why_duration(l->arena,
	    ev->t_us - e->t0_us), report_tail(l, e, v));
}

/* --- a report that nobody took --- */

static const char *
report_fate(const struct ledger *l, const struct report_state *r)
{
	struct arena *a = l->arena;
	const char *last = r->ev == NULL ? "" :
	    r->ev->kind == EV_DNS_REPLY ? arena_printf(a,
	    "; DNS said %s to %s %s", r->ev->text != NULL &&
	    *r->ev->text != '\0' ? r->ev->text : r->ev->rcode != NULL ?
	    r->ev->rcode : "nothing", r->ev->qname, r->ev->qtype) :
	    arena_printf(a, "; %s answered \"%s\"", why_host(r->ev),
	    why_reply(a, r->ev));
	const char *tries = r->tries == 0 ? "in the queue" :
	    arena_printf(a, "tried %d time%s, last at %s",
	    r->tries, r->tries == 1 ? "" : "s", r->last_us == TIME_NEVER ?
	    "no known time" : why_duration(a, r->last_us));

	switch (r->end) {
	case REPORT_REFUSED:
		return arena_printf(a, "the report was refused for good%s",
		    last);
	case REPORT_NOWHERE:
		return arena_printf(a, "the report had nowhere to go%s",
		    last);
	case REPORT_EXPIRED:
		return arena_printf(a, "the report was %s and then given "
		    "up%s", tries, last);
	case REPORT_LOST:
		return arena_printf(a, "the report was %s and then dropped%s",
		    tries, last);
	default:
		return arena_printf(a, "the report is still under way, %s%s",
		    tries, last);
	}
}

/* Before the mail itself was tried last, it was its warnings that were. */
static void
put_first(const struct ledger *l, const struct entry *e,
    struct report_state *r)
{
	const int64_t last = history_last_seen(l, e);
	struct report_state own;

	if (last == TIME_NEVER || r->first_us >= last)
		return;
	report_state_at(l, e, last - AHEAD_US, l->end_us, &own);
	if (own.first_us == TIME_NEVER)
		return;
	r->first_us = own.first_us;
	r->tries = own.tries;
}

static const char *
unseen(const struct ledger *l, const struct entry *e, enum verdict v,
    uint64_t *decisive)
{
	struct arena *a = l->arena;
	struct report_state r;
	struct proof p;
	const char *tail = "";
	uint64_t unused;

	history_report(l, e, &r);
	if (r.ev != NULL)
		*decisive = r.ev->seq;
	put_first(l, e, &r);
	if (v == V_PREMATURE_BOUNCE)
		tail = arena_printf(a, " although nothing permanent had been "
		    "said and its lifetime of %s was not over; %s",
		    why_duration(a, entry_life(l, e)), why_last_word(l, e,
		    &unused));
	else if (v == V_DUPLICATE_DSN)
		tail = ", twice at once";
	else if (evidence_first(l, e, l->end_us, v == V_LATE_BOUNCE, &p))
		tail = arena_printf(a, "%s: %s", v == V_LATE_BOUNCE ?
		    ", too late" : "", why_cause(l, e, &p));
	return arena_printf(a, "%s for %s was reported as failed after "
	    "%s%s; %s", e->key, e->rcpt, why_duration(a, (r.first_us !=
	    TIME_NEVER ? r.first_us : l->end_us) - e->t0_us), tail,
	    report_fate(l, &r));
}

/*
 * The last that the sender of lost mail heard.  A report "delayed" on giving
 * up, which says that the mail is still being tried, is as good as none.
 */
static const char *
lost_tail(const struct ledger *l, const struct entry *e)
{
	struct report_state r;

	if (!e->null_sender && !e->no_dsn) {
		history_report(l, e, &r);
		if (r.end == REPORT_LOST)
			return arena_printf(l->arena, "; %s", report_fate(l,
			    &r));
		if (e->mail->postmaster != NULL)
			return arena_printf(l->arena, "; only %s was told",
			    e->mail->postmaster->to);
	}
	if (e->last_delay == NULL)
		return "";
	return arena_printf(l->arena, "; the last that the sender was told, "
	    "after %s, is \"delayed\"", why_duration(l->arena,
	    e->last_delay->t_us - e->t0_us));
}

/* What cannot be told apart is told as a set. */
static const char *
attempts_words(const struct ledger *l, const struct entry *e)
{
	const size_t n = e->attempt_count;

	if (e->alone || n == e->own_count)
		return arena_printf(l->arena, "%zu attempt%s", n,
		    n == 1 ? "" : "s");
	return arena_printf(l->arena, "%zu attempt%s, %zu of them of mail "
	    "that went the same way", n, n == 1 ? "" : "s",
	    n - e->own_count);
}

static const char *
neither(const struct ledger *l, const struct entry *e, enum verdict v,
    const char *note, uint64_t *decisive)
{
	struct arena *a = l->arena;
	const char *last = why_last_word(l, e, decisive), *is;
	struct proof p;

	if (v == V_SILENT_DROP)
		return arena_printf(a, "%s for %s was accepted and then lost: "
		    "no copy, no report, %s after %s; %s%s", e->key,
		    e->rcpt, note != NULL ? "nothing heard until its "
		    "lifetime was over" : "not queued", attempts_words(l, e),
		    last, lost_tail(l, e));
	if (v == V_DISCARDED_OK) {
		evidence_first(l, e, l->end_us, false, &p);
		return arena_printf(a, "%s for %s ended without a report, as "
		    "it must: %s", e->key, e->rcpt, why_cause(l, e, &p));
	}
	if (v == V_INCONCLUSIVE)
		return arena_printf(a, "%s for %s cannot be judged (%s); %s",
		    e->key, e->rcpt, note, last);
	if (note != NULL && (strcmp(note, "pending") == 0 ||
	    strcmp(note, "not discarded") == 0) &&
	    evidence_first(l, e, l->end_us, true, &p))
		return arena_printf(a, "%s for %s is still queued after %s: %s",
		    e->key, e->rcpt, why_duration(a, l->end_us - e->t0_us),
		    why_cause(l, e, &p));
	is = v == V_RETRYING ? "queued and retried" : note != NULL &&
	    strcmp(note, "overdue") == 0 ?
	    "still queued though its lifetime is over" :
	    "stuck in the queue without an attempt";
	return arena_printf(a, "%s for %s is %s after %s and %d cycle%s; %s",
	    e->key, e->rcpt, is, why_duration(a, l->end_us - e->t0_us),
	    e->cycles, e->cycles == 1 ? "" : "s", last);
}

/* The verdicts that one event by itself decides. */
static const char *
single(const struct ledger *l, const struct entry *e, enum verdict v,
    uint64_t *decisive)
{
	const struct event *ev = v == V_MISROUTED ? e->misroute :
	    v == V_DOWNGRADE ? e->downgrade : e->bad_copy;
	const char *did = v == V_MISROUTED ? "was given to" :
	    v == V_DOWNGRADE ? "went in clear to" : "arrived damaged at";

	*decisive = ev->seq;
	if (v == V_CORRUPTED && ev->text != NULL)
		return arena_printf(l->arena, "%s for %s arrived damaged at "
		    "%s after %s: %s", e->key, e->rcpt, why_host(ev),
		    why_duration(l->arena, ev->t_us - e->t0_us), ev->text);
	if (v == V_MISROUTED && !same_name(ev->rcpt, e->rcpt))
		return arena_printf(l->arena, "%s for %s was readdressed to "
		    "%s and given to %s after %s", e->key, e->rcpt, ev->rcpt,
		    why_host(ev), why_duration(l->arena, ev->t_us - e->t0_us));
	return arena_printf(l->arena, "%s for %s %s %s%s after %s", e->key,
	    e->rcpt, did, why_host(ev), v == V_MISROUTED ?
	    l->scenario->smarthost_count > 0 ? ", which is no smarthost," :
	    arena_printf(l->arena, ", which is no host of %s,", e->domain) :
	    "", why_duration(l->arena, ev->t_us - e->t0_us));
}

static const char *
refused(const struct ledger *l, const struct entry *e, uint64_t *decisive)
{
	const struct event *ev = e->injected;

	if (ev == NULL || ev->code <= 0)
		return arena_printf(l->arena, "%s for %s was never accepted",
		    e->key, e->rcpt);
	*decisive = ev->seq;
	return arena_printf(l->arena, "%s for %s was refused at injection: "
	    "\"%s\"", e->key, e->rcpt, why_reply(l->arena, ev));
}

/* Verdicts on a report that nobody has seen. */
static bool
is_unseen(enum verdict v, const char *note)
{
	return v == V_BOUNCED_NOWHERE || v == V_PREMATURE_BOUNCE ||
	    v == V_DUPLICATE_DSN ||
	    (v == V_LATE_BOUNCE && note == NULL);
}

static const char *
misaddressed(const struct ledger *l, const struct entry *e,
    uint64_t *decisive)
{
	const struct event *went = e->misaddressed;
	char to[SENDER_SIZE];

	*decisive = went != NULL ? went->seq : e->mail->strayed->seq;
	if (went == NULL)
		whose_sender(e->mail->strayed->text, to);
	return arena_printf(l->arena, "the report about %s %s %s, not to the "
	    "sender %s", e->key, went != NULL ? "went to" : "was offered to",
	    went != NULL ? went->to : to, e->message->from);
}

const char *
why_sentence(const struct ledger *l, const struct entry *e, enum verdict v,
    const char *note, uint64_t *decisive)
{
	struct arena *a = l->arena;

	*decisive = 0;
	switch (v) {
	case V_NOT_ACCEPTED:
		return refused(l, e, decisive);
	case V_MISROUTED:
	case V_DOWNGRADE:
	case V_CORRUPTED:
		return single(l, e, v, decisive);
	case V_DUPLICATE:
	case V_DUPLICATE_EXCUSED:
		*decisive = units_copy(e, 1)->seq;
		return arena_printf(a, "%s for %s arrived %d times, the second "
		    "time at %s after %s; %s", e->key, e->rcpt, e->acked +
		    e->ambiguous, why_host(units_copy(e, 1)), why_duration(a,
		    units_copy(e, 1)->t_us - e->t0_us), v == V_DUPLICATE ?
		    "the MTA knew that it had been delivered" :
		    "lost replies or a crash excuse it");
	case V_LOOPING:
		*decisive = e->copies[e->copy_count - 1].ev->seq;
		return arena_printf(a, "%s for %s goes round and round: %zu "
		    "transactions within %s", e->key, e->rcpt, e->copy_count,
		    why_duration(a, e->copies[e->copy_count - 1].ev->t_us -
		    e->t0_us));
	case V_MISADDRESSED_DSN:
		return misaddressed(l, e, decisive);
	default:
		break;
	}
	if (!e->accepted)
		return arena_printf(a, "%s for %s was never injected", e->key,
		    e->rcpt);
	if (e->first_report != NULL)
		return reported(l, e, v, decisive);
	if (is_unseen(v, note) && !e->null_sender)
		return unseen(l, e, v, decisive);
	if (units_copy(e, 0) != NULL && v != V_INCONCLUSIVE &&
	    v != V_RETRYING && v != V_STUCK)
		return delivered(l, e, v, decisive);
	return neither(l, e, v, note, decisive);
}

static void
put_attempts(struct sbuf *b, const struct ledger *l, const struct entry *e)
{
	if (e->attempt_count == 0)
		sbuf_puts(b, "attempts: none was seen\n");
	for (size_t i = 0; i < e->attempt_count; i++)
		sbuf_printf(b, "attempt %zu at %s, cycle %d: %s\n", i + 1,
		    why_duration(l->arena, e->attempts[i].t_us),
		    e->attempts[i].cycle, why_attempt(l, e,
		    &e->attempts[i]));
}

const char *
why_proof(const struct ledger *l, const struct entry *e)
{
	const struct event *last = why_last_refusal(e);
	struct arena *a = l->arena;
	struct sbuf b = { 0 };
	struct report_state r;
	const char *text;

	sbuf_printf(&b, "accepted at %s: \"%s\"\n", why_duration(a,
	    e->t0_us), why_reply(a, e->injected));
	put_attempts(&b, l, e);
	if (last != NULL)
		sbuf_printf(&b, "last refusal at %s: %s \"%s\"\n",
		    why_duration(a, last->t_us), why_host(last),
		    why_reply(a, last));
	sbuf_printf(&b, "copies kept at any host: %d of %zu transactions\n",
	    e->acked + e->ambiguous, e->copy_count);
	sbuf_printf(&b, "reports of failure to the sender: %d\n",
	    e->reports);
	history_report(l, e, &r);
	if (r.tries > 0)
		sbuf_printf(&b, "signs of a report: %d, last at %s\n",
		    r.tries, why_duration(a, r.last_us));
	if (!l->profile->queue_proven)
		sbuf_puts(&b, "queue: its listing is not proven here, and "
		    "counts for nothing\n");
	else if (e->queue_no_readings > 0)
		sbuf_printf(&b, "queue read without it: %d time%s, first at "
		    "%s, last at %s\n", e->queue_no_readings,
		    e->queue_no_readings == 1 ? "" : "s", why_duration(a,
		    e->queue_no_since_us), why_duration(a,
		    e->queue_no_last_us));
	else
		sbuf_puts(&b, "queue: could not be read\n");
	sbuf_printf(&b, "looked until %s, lifetime %s\n", why_duration(a,
	    l->end_us), why_duration(a, entry_life(l, e)));
	text = arena_strdup(a, sbuf_str(&b));
	sbuf_fini(&b);
	return text;
}
