/*
 * What entitles a report of failure (21.2).  Everything that is not found
 * here is temporary.  P5, P6 and P9 need facts that the scenario language
 * cannot provoke; they are told by the runner's flag event "permanent".
 */
#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/ledger.h"

static void
add_proof(struct ledger *l, struct entry *e, enum perm perm, bool obliges,
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
soft_answer(const struct event *ev)
{
	static const char *const soft[] = { "drop", "servfail", "refused",
	    "formerr", "notimp", "raw", "mutate", "cut", "close", "truncate",
	    "wrong-id", "wrong-question" };

	for (size_t i = 0; i < sizeof soft / sizeof *soft; i++)
		if (same_name(ev->action, soft[i]) ||
		    same_name(ev->rcode, soft[i]))
			return true;
	return false;
}

static bool
says_nxdomain(const struct event *ev)
{
	return same_name(ev->rcode, "NXDOMAIN") ||
	    same_name(ev->action, "nxdomain");
}

static bool
has_legit_host(const struct ledger *l, const char *domain, int64_t t_us)
{
	for (size_t i = 0; i < l->legit_count; i++) {
		const struct legit *g = &l->legit[i];

		if (same_name(g->domain, domain) && g->host != NULL &&
		    g->from_us <= t_us && t_us < g->until_us)
			return true;
	}
	return false;
}

/* Is anything known of the domain's hosts at all? */
static bool
domain_told(const struct ledger *l, const char *domain)
{
	for (size_t i = 0; i < l->legit_count; i++)
		if (same_name(l->legit[i].domain, domain))
			return true;
	return false;
}

/* Classes of 21.11 that matter here. */
enum host_class { HOST_UNTRIED, HOST_NONE, HOST_GREET5, HOST_SOFT };

static enum host_class
classify(const struct ledger *l, const struct legit *g, int64_t from_us,
    int64_t to_us)
{
	enum host_class class = HOST_UNTRIED;

	for (size_t i = 0; i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->t_us < from_us || ev->t_us > to_us)
			continue;
		if (ev->kind == EV_DNS_REPLY && same_name(ev->qname, g->host))
			class = says_nxdomain(ev) || same_name(ev->action,
			    "nodata") ? HOST_NONE :
			    soft_answer(ev) ? HOST_SOFT : class;
		if (ev->kind == EV_SYN && same_name(ev->host, g->host))
			class = HOST_SOFT;
		if (ev->kind == EV_SMTP_REPLY && same_name(ev->host, g->host) &&
		    (same_text(ev->stage, "greeting") ||
		    same_text(ev->stage, "ehlo") ||
		    same_text(ev->stage, "helo")) && ev->code / 100 == 5)
			class = HOST_GREET5;
	}
	return class;
}

/* P4: every candidate definitively unusable, none left to hope for. */
static void
check_candidates(struct ledger *l, struct entry *e, const struct event *ev)
{
	int64_t window = l->profile->max_retry_us + l->profile->queue_run_us;
	bool greet5 = false, any = false;

	for (size_t i = 0; i < l->legit_count; i++) {
		const struct legit *g = &l->legit[i];

		if (!same_name(g->domain, e->domain) || g->host == NULL ||
		    g->from_us > ev->t_us || ev->t_us >= g->until_us)
			continue;
		any = true;
		switch (classify(l, g, ev->t_us - window, ev->t_us)) {
		case HOST_NONE:
			break;
		case HOST_GREET5:
			greet5 = true;
			break;
		default:
			return;
		}
	}
	if (!any || (greet5 && l->profile->greet5 == GREET5_SKIP))
		return;
	/* 0.6.2: sources disagree, so a bounce is allowed, not owed. */
	add_proof(l, e, P4, !greet5 || l->profile->greet5 == GREET5_PERM, ev);
}

static bool
no_address(const struct ledger *l, const char *name, const char *type,
    int64_t t_us)
{
	const struct event *last = NULL;

	for (size_t i = 0; i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->t_us <= t_us && ev->kind == EV_DNS_REPLY &&
		    same_name(ev->qname, name) && same_text(ev->qtype, type))
			last = ev;
	}
	return last != NULL && same_name(last->action, "nodata");
}

static void
check_dns(struct ledger *l, struct entry *e, const struct event *ev)
{
	bool mx = same_text(ev->qtype, "MX");

	if (!same_name(ev->qname, e->domain)) {
		if (says_nxdomain(ev) || same_name(ev->action, "nodata"))
			check_candidates(l, e, ev);
		return;
	}
	if (soft_answer(ev))
		return;
	if (says_nxdomain(ev) || (mx && ev->text != NULL &&
	    (strstr(ev->text, "MX 0 .") != NULL ||
	    strstr(ev->text, "MX\t0 .") != NULL)))
		add_proof(l, e, P3, true, ev);
	else if (domain_told(l, e->domain) && !has_legit_host(l, e->domain,
	    ev->t_us) && (ev->action == NULL || same_name(ev->action,
	    "truth")))
		add_proof(l, e, P3, true, ev);	/* the zone has no host */
	else if (no_address(l, e->domain, "MX", ev->t_us) &&
	    no_address(l, e->domain, "A", ev->t_us) &&
	    (!l->scenario->mta_ipv6 ||
	    no_address(l, e->domain, "AAAA", ev->t_us)))
		add_proof(l, e, P3, true, ev);
}

/* Was the unit's recipient offered on this connection before `seq`? */
static bool
offered(const struct ledger *l, const struct entry *e, int64_t conn,
    uint64_t seq, const char *stage)
{
	bool in = false;

	for (size_t i = 0; i + 1 < seq && i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->conn != conn)
			continue;
		if (ev->kind == EV_SMTP_COMMAND && same_text(ev->stage,
		    "mail"))
			in = same_text(stage, "mail") &&
			    same_text(ev->msg, e->key);
		/* What follows RCPT is about the recipients it accepted. */
		if (ev->kind == EV_SMTP_RCPT && same_text(ev->msg, e->key) &&
		    same_name(ev->rcpt, e->rcpt))
			in = ev->code / 100 == 2 || same_text(stage, "mail");
	}
	return in;
}

static bool
rcpt_accepted_before(const struct ledger *l, const struct event *rcpt)
{
	for (size_t i = 0; i + 1 < rcpt->seq; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->kind == EV_SMTP_RCPT && ev->conn == rcpt->conn &&
		    ev->code / 100 == 2)
			return true;
	}
	return false;
}

static void
check_rcpt(struct ledger *l, struct entry *e, const struct event *ev)
{
	bool other_waits;

	if (!same_text(ev->msg, e->key) || !same_name(ev->rcpt, e->rcpt))
		return;
	if (ev->code / 100 == 4)
		e->last_4yz = ev;
	if (ev->code / 100 != 5)
		return;
	/* RFC 5321 4.5.3.1.10: 552 for too many recipients is temporary. */
	if (ev->code == 552 && rcpt_accepted_before(l, ev))
		return;
	/* 0.6.4: waiting is allowed when a better host said 4yz. */
	other_waits = e->last_4yz != NULL && !same_name(e->last_4yz->host,
	    ev->host) && ev->t_us - e->last_4yz->t_us <
	    l->profile->first_retry_us;
	add_proof(l, e, P1, !other_waits, ev);
}

static void
check_reply(struct ledger *l, struct entry *e, const struct event *ev)
{
	bool known = ledger_legit(l, e->domain, ev->host, ev->t_us);

	if (ev->code >= 400 && known)
		e->last_reply = ev;
	if (ev->code / 100 != 5 || !known)
		return;
	if (same_text(ev->stage, "mail") || same_text(ev->stage, "data") ||
	    same_text(ev->stage, "eod") || same_text(ev->stage, "bdat")) {
		if (offered(l, e, ev->conn, ev->seq, ev->stage))
			add_proof(l, e, P2, true, ev);
	} else
		check_candidates(l, e, ev);
}

void
evidence_find(struct ledger *l, struct entry *e)
{
	int64_t life = entry_life(l, e);
	static const struct event at_life;
	struct proof *p;

	for (size_t i = 0; i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (!e->accepted || ev->t_us < e->t0_us)
			continue;
		if (ev->kind == EV_DNS_REPLY)
			check_dns(l, e, ev);
		else if (ev->kind == EV_SMTP_RCPT)
			check_rcpt(l, e, ev);
		else if (ev->kind == EV_SMTP_REPLY)
			check_reply(l, e, ev);
		else if (ev->kind == EV_FLAG && same_text(ev->name,
		    "permanent") && same_text(ev->msg, e->key))
			add_proof(l, e, P9, true, ev);
	}
	if (e->accepted && e->attempt_count > 0) {
		p = arena_push(l->arena, &e->proofs, &e->proof_count,
		    sizeof *p);
		p->perm = P8;
		p->t_us = e->t0_us + life - bound_eps(life);
		p->ev = &at_life;
	}
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
