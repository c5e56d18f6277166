#include "harness/judge/why.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/sbuf.h"
#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/evidence.h"
#include "harness/judge/history.h"
#include "harness/judge/units.h"

const char *
why_duration(struct arena *a, int64_t us)
{
	int64_t s = us / USEC_PER_SEC;

	if (us < 0)
		return arena_printf(a, "-%s", why_duration(a, -us));
	if (s < 60)
		return arena_printf(a, "%d.%ds", (int)s,
		    (int)(us % USEC_PER_SEC / 100000));
	if (s < 3600)
		return arena_printf(a, "%dm%02ds", (int)(s / 60),
		    (int)(s % 60));
	if (s < 86400)
		return arena_printf(a, "%dh%02dm", (int)(s / 3600),
		    (int)(s / 60 % 60));
	return arena_printf(a, "%dd%02dh", (int)(s / 86400),
	    (int)(s / 3600 % 24));
}

/* The reply as it went over the wire: its code once. */
static const char *
reply_text(struct arena *a, const struct event *ev)
{
	char code[16];

	snprintf(code, sizeof code, "%d", (int)ev->code);
	if (ev->text == NULL)
		return ev->code > 0 ? arena_strdup(a, code) : "nothing";
	if (ev->code <= 0 || strncmp(ev->text, code, strlen(code)) == 0)
		return ev->text;
	return arena_printf(a, "%s %s", code, ev->text);
}

static const char *
host_of(const struct event *ev)
{
	return ev->host != NULL ? ev->host : ev->addr != NULL ? ev->addr :
	    "a host";
}

static const char *
state_words(const char *state)
{
	if (state == NULL)
		return "was tried";
	if (strcmp(state, "open") == 0)
		return "took the connection but not the mail";
	if (strcmp(state, "refuse") == 0)
		return "refused the connection";
	if (strcmp(state, "blackhole") == 0)
		return "did not answer";
	if (strcmp(state, "close") == 0 || strcmp(state, "reset") == 0)
		return "broke the connection before its greeting";
	return "could not be reached";
}

static const char *
smarthost_words(const struct ledger *l)
{
	const struct scenario *s = l->scenario;
	const struct asked *q, *a, *last = NULL;

	for (size_t i = 0; i < s->smarthost_count; i++) {
		q = answers_last(l, s->smarthosts[i], "AAAA");
		a = answers_last(l, s->smarthosts[i], "A");
		if (q == NULL || (a != NULL && a->ev->seq > q->ev->seq))
			q = a;
		if (q != NULL && (last == NULL || q->ev->seq > last->ev->seq))
			last = q;
	}
	if (last == NULL)
		return "nobody answered for the address of a smarthost";
	return arena_printf(l->arena, "the lookup of the smarthost %s gave "
	    "%s", last->qname, last->answer == ANSWER_NODATA ? "no address" :
	    last->ev->rcode != NULL ? last->ev->rcode : "no answer");
}

/* The first MX that the reply told and whose address nobody asked for. */
static const char *
unasked_host(const struct ledger *l, const struct asked *q)
{
	const char *at = q->ev->text;
	struct mx mx;

	while (answers_next_mx(&at, &mx))
		if (answers_last(l, mx.name, "A") == NULL &&
		    answers_last(l, mx.name, "AAAA") == NULL)
			return arena_strdup(l->arena, mx.name);
	return NULL;
}

/* The first MX of which the address is the MTA's own host's. */
static const char *
host_that_is_own(const struct ledger *l, const struct asked *q)
{
	static const char *const types[] = { "A", "AAAA" };
	const char *at = q->ev->text, *text;
	const struct asked *a;
	char addr[64];
	struct mx mx;

	while (answers_next_mx(&at, &mx))
		for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
			a = answers_last(l, mx.name, types[i]);
			text = a != NULL ? a->ev->text : NULL;
			if (answers_next_addr(&text, addr) &&
			    addr_is_own(addr))
				return a->qname;
		}
	return NULL;
}

static const char *
dns_words(const struct ledger *l, const char *domain)
{
	const struct asked *q = answers_last(l, domain, "MX");
	const char *host;

	if (l->scenario->smarthost_count > 0)
		return smarthost_words(l);
	if (q == NULL)
		return arena_printf(l->arena,
		    "nobody answered for the MX of %s", domain);
	if (q->answer == ANSWER_RECORDS && (host = host_that_is_own(l, q)) !=
	    NULL)
		return arena_printf(l->arena, "no host was tried for %s: its "
		    "MX %s leads to the MTA's own", domain, host);
	if (q->answer == ANSWER_RECORDS && (host = unasked_host(l, q)) !=
	    NULL)
		return arena_printf(l->arena, "no address of the MX %s of %s "
		    "was asked for", host, domain);
	if (q->answer == ANSWER_RECORDS)
		return arena_printf(l->arena, "no MX of %s had an address",
		    domain);
	if (answers_mean(l, q) == ANSWER_LOOP)
		return arena_printf(l->arena,
		    "the aliases of %s lead back to it", domain);
	if (q->answer == ANSWER_NODATA)
		return arena_printf(l->arena, "%s has no MX%s", domain,
		    answers_last(l, domain, "A") != NULL ||
		    answers_last(l, domain, "AAAA") != NULL ?
		    " and no address that could be used" : "");
	return arena_printf(l->arena, "the lookup of the MX of %s gave %s",
	    domain, q->ev->rcode != NULL ? q->ev->rcode : "no answer");
}

static bool
kept_silently(const struct entry *e, const struct attempt *at)
{
	for (size_t i = 0; i < e->copy_count; i++)
		if (at->conn > 0 && e->copies[i].ambiguous &&
		    e->copies[i].ev->conn == at->conn)
			return true;
	return false;
}

static const char *
attempt_words(const struct ledger *l, const struct entry *e,
    const struct attempt *at)
{
	const char *words;

	if (at->vague)
		return "the network ate a DNS query";
	if (at->addr == NULL)
		return dns_words(l, e->domain);
	words = kept_silently(e, at) ? "kept the message, and its reply was "
	    "lost" : state_words(at->state);
	if (strcmp(words, "could not be reached") == 0)
		words = arena_printf(l->arena, "%s (%s)", words, at->state);
	return arena_printf(l->arena, "%s %s", at->host != NULL ? at->host :
	    at->addr, words);
}

/* To its mail, or to a session that may have been for it. */
static const struct event *
last_refusal(const struct entry *e)
{
	const struct event *of_all = e->dest->last_reply;

	if (of_all != NULL && of_all->t_us >= e->t0_us - AHEAD_US &&
	    (e->last_reply == NULL || of_all->seq > e->last_reply->seq))
		return of_all;
	return e->last_reply;
}

/* The last word that was said about the unit: a reply or its absence. */
static const char *
last_word(const struct ledger *l, const struct entry *e, uint64_t *decisive)
{
	const struct attempt *at = e->attempt_count > 0 ?
	    &e->attempts[e->attempt_count - 1] : NULL;
	const struct event *ev = last_refusal(e);

	if (ev != NULL && (at == NULL || ev->seq > at->seq)) {
		*decisive = ev->seq;
		return arena_printf(l->arena, "%s answered \"%s\" at %s",
		    host_of(ev), reply_text(l->arena, ev),
		    why_duration(l->arena, ev->t_us));
	}
	if (at == NULL)
		return "no attempt was seen";
	*decisive = at->seq;
	if (ev != NULL)
		return arena_printf(l->arena, "%s answered \"%s\" at %s, then "
		    "%s at %s", host_of(ev), reply_text(l->arena, ev),
		    why_duration(l->arena, ev->t_us), attempt_words(l, e, at),
		    why_duration(l->arena, at->t_us));
	return arena_printf(l->arena, "%s at %s", attempt_words(l, e, at),
	    why_duration(l->arena, at->t_us));
}

/* The evidence that entitled or obliged, told by what was seen. */
static const char *
cause_words(const struct ledger *l, const struct entry *e,
    const struct proof *p)
{
	const struct event *ev = p->ev;
	uint64_t unused;

	if (p->perm == P8)
		return arena_printf(l->arena, "its lifetime of %s was over; "
		    "%s", why_duration(l->arena, entry_life(l, e)),
		    last_word(l, e, &unused));
	if (ev->kind == EV_DNS_REPLY)
		return arena_printf(l->arena, "DNS said %s to %s %s at %s",
		    ev->text != NULL && *ev->text != '\0' ? ev->text :
		    same_name(ev->rcode, "NOERROR") ? "NODATA" : ev->rcode,
		    ev->qname, ev->qtype, why_duration(l->arena, ev->t_us));
	if (ev->kind == EV_FLAG)
		return ev->text != NULL ? ev->text : "it could not be sent";
	if (p->perm == P7)
		return arena_printf(l->arena, "%s does not offer what the "
		    "message needs", host_of(ev));
	if (ev->kind == EV_SMTP_RCPT)
		ev = e->last_reply != NULL && e->last_reply->conn == ev->conn ?
		    e->last_reply : ev;
	return arena_printf(l->arena, "%s answered \"%s\" at %s", host_of(ev),
	    reply_text(l->arena, ev), why_duration(l->arena, ev->t_us));
}

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
	    e->key, e->rcpt, host_of(ev), why_duration(l->arena,
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
		    last_word(l, e, &unused));
	case V_FALSE_BOUNCE:
		return arena_printf(l->arena, " although %s has had it since "
		    "%s", host_of(copy), why_duration(l->arena, copy->t_us));
	case V_DUPLICATE_DSN:
	case V_DOUBLE_BOUNCE_LOOP:
		return arena_printf(l->arena, ", %d times", e->reports);
	case V_BOUNCE_TO_NULL:
		return " although its reverse-path is null";
	case V_UNWANTED_DSN:
		return " although NOTIFY asked for no report";
	case V_LATE_BOUNCE:
		return arena_printf(l->arena, ", too late: %s",
		    known ? cause_words(l, e, &proof) : "?");
	case V_BOUNCED_QUEUED:
		return e->queue == QUEUE_YES ? ", yet it is still queued" :
		    arena_printf(l->arena, ", yet it was offered again "
		    "after %s", why_duration(l->arena, e->last_offer_us -
		    e->t0_us));
	default:
		return !known ? "" : arena_printf(l->arena, ": %s",
		    cause_words(l, e, &proof));
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
	    arena_printf(a, "; %s answered \"%s\"", host_of(r->ev),
	    reply_text(a, r->ev));
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
	if (v == V_PREMATURE_BOUNCE)
		tail = arena_printf(a, " although nothing permanent had been "
		    "said and its lifetime of %s was not over; %s",
		    why_duration(a, entry_life(l, e)), last_word(l, e,
		    &unused));
	else if (evidence_first(l, e, l->end_us, v == V_LATE_BOUNCE, &p))
		tail = arena_printf(a, "%s: %s", v == V_LATE_BOUNCE ?
		    ", too late" : "", cause_words(l, e, &p));
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
	const char *last = last_word(l, e, decisive), *is;
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
		    "it must: %s", e->key, e->rcpt, cause_words(l, e, &p));
	}
	if (v == V_INCONCLUSIVE)
		return arena_printf(a, "%s for %s cannot be judged (%s); %s",
		    e->key, e->rcpt, note, last);
	if (note != NULL && (strcmp(note, "pending") == 0 ||
	    strcmp(note, "not discarded") == 0) &&
	    evidence_first(l, e, l->end_us, true, &p))
		return arena_printf(a, "%s for %s is still queued after %s: %s",
		    e->key, e->rcpt, why_duration(a, l->end_us - e->t0_us),
		    cause_words(l, e, &p));
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
		    "%s after %s: %s", e->key, e->rcpt, host_of(ev),
		    why_duration(l->arena, ev->t_us - e->t0_us), ev->text);
	if (v == V_MISROUTED && !same_name(ev->rcpt, e->rcpt))
		return arena_printf(l->arena, "%s for %s was readdressed to "
		    "%s and given to %s after %s", e->key, e->rcpt, ev->rcpt,
		    host_of(ev), why_duration(l->arena, ev->t_us - e->t0_us));
	return arena_printf(l->arena, "%s for %s %s %s%s after %s", e->key,
	    e->rcpt, did, host_of(ev), v == V_MISROUTED ?
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
	    "\"%s\"", e->key, e->rcpt, reply_text(l->arena, ev));
}

/* Verdicts on a report that nobody has seen. */
static bool
is_unseen(enum verdict v, const char *note)
{
	return v == V_BOUNCED_NOWHERE || v == V_PREMATURE_BOUNCE ||
	    (v == V_LATE_BOUNCE && note == NULL);
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
		    e->ambiguous, host_of(units_copy(e, 1)), why_duration(a,
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
		*decisive = e->misaddressed->seq;
		return arena_printf(a, "the report about %s went to %s, not to "
		    "the sender %s", e->key, e->misaddressed->to,
		    e->message->from);
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
		    e->attempts[i].cycle, attempt_words(l, e,
		    &e->attempts[i]));
}

const char *
why_proof(const struct ledger *l, const struct entry *e)
{
	const struct event *last = last_refusal(e);
	struct arena *a = l->arena;
	struct sbuf b = { 0 };
	struct report_state r;
	const char *text;

	sbuf_printf(&b, "accepted at %s: \"%s\"\n", why_duration(a,
	    e->t0_us), reply_text(a, e->injected));
	put_attempts(&b, l, e);
	if (last != NULL)
		sbuf_printf(&b, "last refusal at %s: %s \"%s\"\n",
		    why_duration(a, last->t_us), host_of(last),
		    reply_text(a, last));
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
