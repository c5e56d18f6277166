/*
 * What entitles a report of failure (21.2).  Everything that is not found
 * here is temporary.  P6 and P9 need facts that the fakes cannot see; the
 * runner may tell them by a flag event "permanent" with state "P6" or "P9".
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/ledger.h"

/* The MTA may act before the harness has read the reply to its mail. */
#define AHEAD_US	USEC_PER_SEC

void
evidence_add(struct ledger *l, struct entry *e, enum perm perm, bool obliges,
    const struct event *ev)
{
	struct proof *p;

	for (size_t i = 0; i < e->proof_count; i++)
		if (e->proofs[i].perm == perm && e->proofs[i].obliges ==
		    obliges)
			return;
	p = arena_push(l->arena, &e->proofs, &e->proof_count, sizeof *p);
	p->perm = perm;
	p->t_us = ev->t_us;
	p->obliges = obliges;
	p->ev = ev;
}

static bool
is_none(const struct ledger *l, const char *name, const char *type)
{
	const struct asked *q = answers_last(l, name, type);

	return q != NULL && (q->answer == ANSWER_NODATA ||
	    q->answer == ANSWER_NXDOMAIN);
}

/* P3: definitive DNS about the domain or the end of its CNAMEs. */
static void
check_dns(struct ledger *l, struct entry *e, const struct event *ev)
{
	const char *end = answers_end(l, e->domain);
	const struct scenario *s = l->scenario;
	enum answer answer = answer_of(ev);
	bool nodata;

	/* Whatever DNS says of a smarthost is the MTA's own trouble. */
	if (s->smarthost_count > 0)
		return;
	if (same_name(ev->qname, e->domain) || same_name(ev->qname, end)) {
		nodata = is_none(l, e->domain, "MX") || is_none(l, end, "MX");
		if (same_text(ev->qtype, "MX") && (answer ==
		    ANSWER_NXDOMAIN || answer == ANSWER_NULL_MX))
			evidence_add(l, e, P3, true, ev);
		else if (nodata && answer == ANSWER_NXDOMAIN)
			evidence_add(l, e, P3, true, ev);
		else if (nodata && (!s->mta_ipv4 || is_none(l, end, "A")) &&
		    (!s->mta_ipv6 || is_none(l, end, "AAAA")))
			evidence_add(l, e, P3, true, ev);
	}
	if (answer != ANSWER_SOFT)
		candidates_check(l, e, ev);
}

/*
 * 0.6.4: a refusal for good obliges, unless another host has just said that
 * later may be better.
 */
static bool
other_waits(const struct ledger *l, const struct entry *e,
    const struct event *ev)
{
	return e->last_4yz != NULL && !same_name(e->last_4yz->host,
	    ev->host) && ev->t_us - e->last_4yz->t_us <
	    l->profile->first_retry_us;
}

static void
check_rcpt(struct ledger *l, struct entry *e, const struct event *ev)
{
	const struct session *s = ledger_session(l, ev->conn);
	bool rewritten;

	if (units_find(l, ev, &rewritten) != e || rewritten)
		return;
	e->last_offer_us = ev->t_us;
	if (ev->code / 100 == 4)
		e->last_4yz = ev;
	if (ev->code >= 400)
		e->last_reply = ev;
	if (ev->code / 100 != 5 || !legit_host(l, e->domain, ev->host,
	    s->addr, ev->t_us))
		return;
	/* RFC 5321 4.5.3.1.10: 552 for too many recipients is temporary. */
	if (ev->code == 552 && s->accepted > 0)
		return;
	evidence_add(l, e, P1, !other_waits(l, e, ev), ev);
}

/* Was the unit's recipient accepted in the session's transaction? */
static bool
offered(const struct ledger *l, const struct session *s,
    const struct entry *e)
{
	size_t nr = (size_t)(e - l->entries);

	for (size_t i = 0; i < s->offer_count; i++)
		if (s->offers[i].entry == nr && s->offers[i].code / 100 == 2)
			return true;
	return false;
}

/* Is the MAIL command that is being answered the unit's? */
static bool
mail_is_of(const struct session *s, const struct entry *e)
{
	char sender[SENDER_SIZE];

	return mail_sender(s->mail, sender) && entry_sender_is(e, sender);
}

static bool
is_session_stage(const char *stage)
{
	return same_text(stage, "greeting") || same_text(stage, "ehlo") ||
	    same_text(stage, "helo");
}

static const struct fsmtp_host *
scenario_host(const struct ledger *l, const char *name)
{
	for (size_t i = 0; i < l->scenario->host_count; i++)
		if (same_name(l->scenario->hosts[i].name, name))
			return &l->scenario->hosts[i];
	return NULL;
}

static const char *
keyword_value(const struct fsmtp_host *h, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < h->keyword_count; i++)
		if (strncmp(h->keywords[i], word, n) == 0 &&
		    (h->keywords[i][n] == '\0' || h->keywords[i][n] == ' '))
			return h->keywords[i] + n;
	return NULL;
}

/*
 * P7: the host does not offer what the message needs.  Never owed: a client
 * may convert (RFC 6152 3), and another host may offer it.
 */
static void
check_extensions(struct ledger *l, struct entry *e, const struct event *ev)
{
	const struct fsmtp_host *h = scenario_host(l, ev->host);
	const char *size;
	unsigned long limit;

	if (h == NULL || h->keywords == NULL)
		return;		/* the default set has all of them */
	size = keyword_value(h, "SIZE");
	limit = size != NULL ? strtoul(size, NULL, 10) : 0;
	if ((e->message->eight_bit && keyword_value(h, "8BITMIME") == NULL) ||
	    (limit > 0 && e->message->size > limit))
		evidence_add(l, e, P7, false, ev);
}

static void
check_reply(struct ledger *l, struct entry *e, const struct event *ev)
{
	const struct session *s = ledger_session(l, ev->conn);
	bool mail = same_text(ev->stage, "mail");

	if (!legit_host(l, e->domain, ev->host, s->addr, ev->t_us))
		return;
	if (is_session_stage(ev->stage)) {
		if (ev->code >= 400)
			e->last_reply = ev;
		if (ev->code / 100 == 5)
			candidates_check(l, e, ev);
		if (same_text(ev->stage, "ehlo") && ev->code / 100 == 2)
			check_extensions(l, e, ev);
		return;
	}
	/* The words that go with the answer to RCPT just seen. */
	if (same_text(ev->stage, "rcpt") && e->last_reply != NULL &&
	    e->last_reply->kind == EV_SMTP_RCPT &&
	    e->last_reply->conn == ev->conn && e->last_reply->code == ev->code)
		e->last_reply = ev;
	if (!mail && !same_text(ev->stage, "data") &&
	    !same_text(ev->stage, "eod") && !same_text(ev->stage, "bdat"))
		return;
	if (mail ? !mail_is_of(s, e) : !offered(l, s, e))
		return;
	if (ev->code >= 400)
		e->last_reply = ev;
	if (ev->code / 100 == 4)
		e->last_4yz = ev;
	if (ev->code / 100 == 5)
		evidence_add(l, e, P2, !other_waits(l, e, ev), ev);
}

static void
check_told(struct ledger *l, struct entry *e, const struct event *ev)
{
	static const struct { const char *word; enum perm perm; } told[] = {
		{ "P5", P5 }, { "P6", P6 }, { "P7", P7 }, { "P9", P9 },
	};

	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		if (same_text(ev->state, told[i].word))
			evidence_add(l, e, told[i].perm, true, ev);
}

void
evidence_take(struct ledger *l, struct entry *e, const struct event *ev)
{
	if (!e->accepted || ev->t_us < e->t0_us - AHEAD_US)
		return;
	if (ev->kind == EV_DNS_REPLY)
		check_dns(l, e, ev);
	else if (ev->kind == EV_SMTP_RCPT)
		check_rcpt(l, e, ev);
	else if (ev->kind == EV_SMTP_REPLY)
		check_reply(l, e, ev);
	else if (ev->kind == EV_FLAG && same_text(ev->name, "permanent") &&
	    same_text(ev->msg, e->key) && (ev->rcpt == NULL ||
	    same_name(ev->rcpt, e->rcpt)))
		check_told(l, e, ev);
}

/* P8: the lifetime is over, and it was tried. */
void
evidence_end(struct ledger *l, struct entry *e)
{
	int64_t life = entry_life(l, e);
	struct proof *p;

	if (!e->accepted || e->attempt_count == 0)
		return;
	p = arena_push(l->arena, &e->proofs, &e->proof_count, sizeof *p);
	p->perm = P8;
	p->t_us = e->t0_us + life - life_eps(l->profile, life);
	if (p->t_us < e->attempts[0].t_us)
		p->t_us = e->attempts[0].t_us;
}

const struct proof *
evidence_first(const struct entry *e, int64_t t_us, bool obliging)
{
	const struct proof *best = NULL;

	for (size_t i = 0; i < e->proof_count; i++) {
		const struct proof *p = &e->proofs[i];

		if (p->t_us <= t_us && (!obliging || p->obliges) &&
		    (best == NULL || p->t_us < best->t_us))
			best = p;
	}
	return best;
}
