/* What evidence.c has taken, asked by order and time, by what it obliges to. */
#include "harness/judge/evidence.h"

#include <stdlib.h>

#include "harness/base/timers.h"
#include "harness/judge/sessions.h"

/* P8: the lifetime is over.  What no route let out was tried unseen. */
static void
lifetime_proof(const struct ledger *l, const struct entry *e,
    struct proof *p)
{
	int64_t life = entry_life(l, e);

	*p = (struct proof){ .perm = P8, .until_us = TIME_NEVER,
	    .t_us = e->t0_us + life - life_eps(l->profile, life) };
	if (e->attempt_count > 0 && p->t_us < e->attempts[0].t_us)
		p->t_us = e->attempts[0].t_us;
}

/*
 * Never owed: a client may convert (RFC 6152 3), and another host may offer
 * what this one does not.
 */
static void
extension_proof(const struct entry *e, struct proof *p)
{
	const struct destination *d = e->dest;
	const struct event *ev = NULL;

	if (e->message->eight_bit)
		ev = d->no_8bitmime;
	if (d->size_limit != NULL && e->message->size > d->size &&
	    (ev == NULL || d->size_limit->seq < ev->seq))
		ev = d->size_limit;
	if (ev != NULL)
		*p = (struct proof){ .perm = P7, .t_us = ev->t_us,
		    .until_us = TIME_NEVER, .ev = ev };
}

/*
 * P6: RFC 5321 6.3 would have a hundred Received fields at least looked for;
 * MTAs in use stop at 25 (sendmail), 30 (Exim), 50 (Postfix), and nobody's
 * mail comes with so many.
 */
#define HOPS	25

static void
hops_proof(const struct entry *e, struct proof *p)
{
	static const char field[] = "received:";
	const char *at = e->message->header;
	int hops = 0;

	while (at != NULL) {
		hops += strncasecmp(at, field, strlen(field)) == 0;
		at = strchr(at, '\n');
		at += at != NULL;
	}
	if (hops >= HOPS)
		*p = (struct proof){ .perm = P6, .t_us = e->t0_us,
		    .until_us = TIME_NEVER, .ev = e->injected };
}

/* A reset overtakes what was said before it: it may not have been read. */
static bool
may_be_lost(const struct ledger *l, const struct proof *p)
{
	const struct session *s = p->ev != NULL ?
	    ledger_session_of(l, p->ev->conn) : NULL;

	return s != NULL && s->reset && s->closed_us - p->t_us < USEC_PER_SEC;
}

/*
 * Each recipient may have a session of its own: one that was offered by name
 * in another at that moment was not meant by what MAIL was told in this.
 */
static bool
may_be_anothers(const struct ledger *l, const struct entry *e,
    const struct proof *p)
{
	if (p->ev == NULL || !same_text(p->ev->stage, "mail"))
		return false;
	for (size_t i = 0; i < e->own_count; i++) {
		const struct attempt *a = &e->own[i];

		if (a->conn != p->ev->conn && a->t_us - p->t_us < AHEAD_US &&
		    p->t_us - a->t_us < AHEAD_US &&
		    sessions_names(l, a->conn, e))
			return true;
	}
	return false;
}

bool
evidence_nth(const struct ledger *l, const struct entry *e, size_t nth,
    struct proof *p)
{
	if (nth < e->proof_count) {
		*p = e->proofs[nth];
		p->obliges = p->obliges && !may_be_lost(l, p) &&
		    !may_be_anothers(l, e, p);
		return true;
	}
	nth -= e->proof_count;
	if (nth < e->dest->proof_count) {
		*p = e->dest->proofs[nth];
		/* Known before it was accepted: known at once. */
		if (p->t_us < e->t0_us)
			p->t_us = e->t0_us;
		return true;
	}
	nth -= e->dest->proof_count;
	memset(p, 0, sizeof *p);
	if (nth == 0)
		lifetime_proof(l, e, p);
	else if (nth == 1)
		extension_proof(e, p);
	else if (nth == 2)
		hops_proof(e, p);
	return nth <= 2;
}

/* Taken back by the other family's answer, as if in one lookup. */
static bool
is_taken_back(const struct proof *p)
{
	return p->healed != NULL && p->until_us - p->t_us < AHEAD_US &&
	    p->healed->kind == EV_DNS_REPLY && !same_text(p->healed->qtype,
	    "MX");
}

static bool
holds(const struct ledger *l, const struct entry *e, const struct proof *p,
    int64_t t_us, bool obliging)
{
	const int64_t dsn = profile_dsn_max(l->profile);

	if (is_taken_back(p) && (obliging || !p->both))
		return false;
	return p->perm != PERM_NONE && p->t_us <= t_us &&
	    p->t_us >= e->t0_us - AHEAD_US && (p->until_us == TIME_NEVER ||
	    (p->until_us >= e->t0_us - AHEAD_US && t_us <= p->until_us + dsn +
	    bound_eps(dsn)));
}

bool
evidence_first(const struct ledger *l, const struct entry *e, int64_t t_us,
    bool obliging, struct proof *first)
{
	struct proof p;
	bool any = false;

	for (size_t i = 0; e->accepted && evidence_nth(l, e, i, &p); i++)
		if (holds(l, e, &p, t_us, obliging) &&
		    (!obliging || p.obliges) &&
		    (!any || p.t_us < first->t_us)) {
			*first = p;
			any = true;
		}
	return any;
}

bool
evidence_is_age(const struct ledger *l, const struct entry *e, int64_t t_us)
{
	struct proof p;
	bool age = false;

	for (size_t i = 0; e->accepted && evidence_nth(l, e, i, &p); i++) {
		if (!holds(l, e, &p, t_us, false))
			continue;
		if (p.perm != P8)
			return false;
		age = true;
	}
	return age;
}

bool
evidence_of_destination(const struct destination *d, int64_t t_us,
    struct proof *p)
{
	for (size_t i = d->proof_count; i-- > 0;)
		if (d->proofs[i].t_us <= t_us && (d->proofs[i].until_us ==
		    TIME_NEVER || t_us < d->proofs[i].until_us)) {
			*p = d->proofs[i];
			return true;
		}
	return false;
}

bool
evidence_between(const struct destination *d, int64_t from_us, int64_t to_us,
    struct proof *p)
{
	for (size_t i = d->proof_count; i-- > 0;)
		if (d->proofs[i].t_us <= to_us && d->proofs[i].until_us >=
		    from_us && (d->proofs[i].both ||
		    !is_taken_back(&d->proofs[i]))) {
			*p = d->proofs[i];
			return true;
		}
	return false;
}
