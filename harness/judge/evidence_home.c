#include "harness/judge/evidence_home.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/judge/answers.h"
#include "harness/judge/attempts.h"
#include "harness/judge/candidates.h"
#include "harness/judge/legit.h"
#include "harness/judge/replies.h"

static struct proof *
open_proof(const struct destination *d)
{
	struct proof *p = d->proof_count > 0 ?
	    &d->proofs[d->proof_count - 1] : NULL;

	return p != NULL && p->until_us == TIME_NEVER ? p : NULL;
}

static bool
is_other_family(const struct event *a, const struct event *b)
{
	return a->kind == EV_DNS_REPLY && b->kind == EV_DNS_REPLY &&
	    same_name(a->qname, b->qname) && !same_text(a->qtype, b->qtype);
}

static void
look_again(struct ledger *l, struct destination *d, const struct event *ev)
{
	struct entitlement now = candidates_check(l, d, ev->t_us);
	struct proof *p = open_proof(d);

	if (p != NULL && p->perm == now.perm && p->obliges == now.obliges) {
		p->both = p->both || is_other_family(p->ev, ev);
		return;
	}
	if (p != NULL) {
		p->until_us = ev->t_us;
		p->healed = ev;
	}
	if (now.perm == PERM_NONE)
		return;
	p = arena_push(l->arena, &d->proofs, &d->proof_count, sizeof *p);
	*p = (struct proof){ .perm = now.perm, .t_us = ev->t_us,
	    .until_us = TIME_NEVER, .obliges = now.obliges, .ev = ev };
}

/* What can be read as anything may have been read as "no such host". */
static void
note_garbled(struct ledger *l, struct destination *d, const struct event *ev)
{
	struct proof *p;

	if (open_proof(d) != NULL)
		return;
	p = arena_push(l->arena, &d->proofs, &d->proof_count, sizeof *p);
	*p = (struct proof){ .perm = P3, .t_us = ev->t_us,
	    .until_us = ev->t_us, .ev = ev };
}

/* Destinations of which the name is a host, or the end of the aliases. */
static void
look_again_by_name(struct ledger *l, const struct event *ev)
{
	const struct indexed *x = index_find(l->by_host, ev->qname);

	for (size_t i = 0; x != NULL && i < x->count; i++) {
		look_again(l, l->dests[x->items[i]], ev);
		if (answer_is_garbled(ev))
			note_garbled(l, l->dests[x->items[i]], ev);
	}
}

/* A reply makes names known by which later ones are found. */
static void
learn_names(struct ledger *l, const struct event *ev)
{
	const struct indexed *x = index_find(l->by_host, ev->qname);
	const char *end = answers_end(l, ev->qname);
	const char *at = same_text(ev->qtype, "MX") ? ev->text : NULL;
	struct mx mx;

	for (size_t i = 0; x != NULL && i < x->count; i++) {
		index_join(l, &l->by_host, end, x->items[i]);
		while (answers_next_mx(&at, &mx))
			index_join(l, &l->by_host, mx.name, x->items[i]);
		at = same_text(ev->qtype, "MX") ? ev->text : NULL;
	}
}

void
evidence_home_dns(struct ledger *l, const struct event *ev)
{
	if (ev->qname == NULL)
		return;
	if (answer_of(ev) != ANSWER_SOFT)
		learn_names(l, ev);
	look_again_by_name(l, ev);
}

/* A contact that failed otherwise than by a refusal: it may heal. */
void
evidence_home_contact(struct ledger *l, const struct event *ev)
{
	const struct indexed *x = legit_destinations(l, ev->host, ev->addr);

	if (same_text(ev->state, "open"))
		return;		/* what it says comes later */
	for (size_t i = 0; x != NULL && i < x->count; i++)
		if (open_proof(l->dests[x->items[i]]) != NULL)
			look_again(l, l->dests[x->items[i]], ev);
}

/* --- sessions --- */

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

/* P7: the host does not offer what some message may need. */
static void
note_extensions(const struct ledger *l, struct destination *d,
    const struct event *ev)
{
	const struct fsmtp_host *h = scenario_host(l, ev->host);
	unsigned long limit;
	const char *size;

	if (same_text(ev->stage, "greeting"))
		return;
	/* None are announced by HELO, or by an EHLO that fails. */
	if ((same_text(ev->stage, "helo") || ev->code / 100 != 2) &&
	    d->no_8bitmime == NULL)
		d->no_8bitmime = ev;
	if (h == NULL || h->keywords == NULL)
		return;		/* the default set has all of them */
	size = keyword_value(h, "SIZE");
	limit = size != NULL ? strtoul(size, NULL, 10) : 0;
	if (keyword_value(h, "8BITMIME") == NULL && d->no_8bitmime == NULL)
		d->no_8bitmime = ev;
	if (limit > 0 && (d->size_limit == NULL || limit < d->size)) {
		d->size_limit = ev;
		d->size = limit;
	}
}

void
evidence_home_reply(struct ledger *l, const struct session *s,
    const struct event *ev)
{
	const struct indexed *x = legit_destinations(l, ev->host, s->addr);

	for (size_t i = 0; x != NULL && i < x->count; i++) {
		struct destination *d = l->dests[x->items[i]];

		if (!legit_host(d, ev->host, s->addr, ev->t_us))
			continue;
		if (ev->code >= 400)
			d->last_reply = ev;
		if (reply_class(ev) == 5 || open_proof(d) != NULL)
			look_again(l, d, ev);
		if (ev->code / 100 == 2 || same_text(ev->stage, "ehlo"))
			note_extensions(l, d, ev);
	}
}
