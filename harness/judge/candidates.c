/*
 * P4 and P5: every candidate of the MX set that the MTA was told is
 * definitively unusable; none is undetermined, unreachable, willing later,
 * or untried (21.2).
 */
#include <limits.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/ledger.h"

/* Classes of 21.11 that matter here. */
enum state { STATE_HOPEFUL, STATE_NONE, STATE_GREET5 };

struct view {			/* of one unit at one moment */
	const struct ledger *l;
	const struct entry *e;
	int64_t		 now_us, since_us;
};

static enum answer
host_answer(const struct view *v, const char *name, const char *type)
{
	const struct asked *q = answers_last(v->l, name, type);

	if (q == NULL)
		q = answers_last(v->l, answers_end(v->l, name), type);
	/* What was said cycles ago may have changed: ask again. */
	return q == NULL || q->ev->t_us < v->since_us ? ANSWER_UNASKED :
	    q->answer;
}

static bool
is_no_host(const struct view *v, const char *name)
{
	const struct scenario *s = v->l->scenario;
	enum answer a, aaaa;

	if (strcmp(name, ".") == 0)
		return true;
	a = s->mta_ipv4 ? host_answer(v, name, "A") : ANSWER_NODATA;
	aaaa = s->mta_ipv6 ? host_answer(v, name, "AAAA") : ANSWER_NODATA;
	if (a == ANSWER_RECORDS || aaaa == ANSWER_RECORDS ||
	    a == ANSWER_SOFT || aaaa == ANSWER_SOFT)
		return false;
	/* RFC 8020: the name does not exist, whatever the type. */
	if (a == ANSWER_NXDOMAIN || aaaa == ANSWER_NXDOMAIN)
		return true;
	return a == ANSWER_NODATA && aaaa == ANSWER_NODATA;
}

static bool
family_used(const struct scenario *s, const char *addr)
{
	return addr == NULL || (strchr(addr, ':') != NULL ? s->mta_ipv6 :
	    s->mta_ipv4);
}

static const struct address *
address_seen(const struct view *v, const char *addr)
{
	for (size_t i = 0; i < v->l->address_count; i++)
		if (same_ip(v->l->addresses[i].addr, addr) &&
		    v->l->addresses[i].t_us >= v->since_us)
			return &v->l->addresses[i];
	return NULL;
}

/* Refused for good at each address it has? */
static bool
all_greet5(const struct view *v, const char *name)
{
	const struct address *a;
	bool any = false;

	for (size_t i = 0; i < v->l->legit_count; i++) {
		const struct legit *g = &v->l->legit[i];

		if (!same_name(g->domain, v->e->domain) || g->addr == NULL ||
		    !same_name(g->host, name) ||
		    !legit_in_force(v->l, g, v->now_us) ||
		    !family_used(v->l->scenario, g->addr))
			continue;
		a = address_seen(v, g->addr);
		if (a == NULL || a->contact != CONTACT_GREET5)
			return false;
		any = true;
	}
	return any;
}

static enum state
state_of(const struct view *v, const char *name)
{
	/* A smarthost is meant to be there (R-DF-SH-a). */
	if (v->l->scenario->smarthost_count == 0 && is_no_host(v, name))
		return STATE_NONE;
	return all_greet5(v, name) ?
	    STATE_GREET5 : STATE_HOPEFUL;
}

/* What the MTA was told, else the zone's truth. */
static size_t
list_candidates(const struct view *v, const struct asked *mx,
    struct mx **list)
{
	struct arena *arena = v->l->arena;
	const char *at;
	struct mx one, *m;
	size_t count = 0;

	*list = NULL;
	if (mx != NULL && mx->answer == ANSWER_RECORDS) {
		at = mx->ev->text;
		if (strstr(at, "...") != NULL)
			return 0;	/* more of them than the trace tells */
		while (answers_next_mx(&at, &one)) {
			m = arena_push(arena, list, &count, sizeof *m);
			*m = one;
		}
		return count;
	}
	if (mx != NULL && mx->answer != ANSWER_NODATA)
		return 0;
	for (size_t i = 0; i < v->l->legit_count; i++) {
		const struct legit *g = &v->l->legit[i];

		if (!same_name(g->domain, v->e->domain) ||
		    !legit_in_force(v->l, g, v->now_us) ||
		    strlen(g->host) >= sizeof m->name)
			continue;
		m = arena_push(arena, list, &count, sizeof *m);
		m->preference = g->preference;
		strcpy(m->name, g->host);
	}
	return count;
}

void
candidates_check(struct ledger *l, struct entry *e, const struct event *ev)
{
	const bool smart = l->scenario->smarthost_count > 0;
	const struct asked *mx = smart ? NULL :
	    answers_last(l, e->domain, "MX");
	int64_t window = l->profile->max_retry_us + l->profile->queue_run_us;
	struct view v = { l, e, ev->t_us, ev->t_us - window };
	bool greet5 = false;
	int self = INT_MAX, left = 0;
	struct mx *list;
	size_t n;

	if (!smart && (mx == NULL || mx->answer != ANSWER_RECORDS))
		mx = answers_last(l, answers_end(l, e->domain), "MX");
	n = list_candidates(&v, mx, &list);
	for (size_t i = 0; i < n; i++)
		if (name_is_self(list[i].name) && list[i].preference < self)
			self = list[i].preference;
	for (size_t i = 0; i < n; i++) {
		if (list[i].preference >= self)
			continue;	/* RFC 5321 5.1: never past ourselves */
		left++;
		switch (state_of(&v, list[i].name)) {
		case STATE_NONE:
			break;
		case STATE_GREET5:
			greet5 = true;
			break;
		case STATE_HOPEFUL:
			return;
		}
	}
	if (n == 0 || (greet5 && l->profile->greet5 == GREET5_SKIP))
		return;
	/* 0.6.2: sources disagree, so a bounce is allowed, not owed. */
	evidence_add(l, e, left == 0 ? P5 : P4, !greet5 ||
	    l->profile->greet5 == GREET5_PERM, ev);
}
