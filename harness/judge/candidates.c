/*
 * P4 and P5: every candidate of the MX set that the MTA was told is
 * definitively unusable; none is undetermined, unreachable, willing later,
 * or untried (21.2).
 */
#include "harness/judge/candidates.h"

#include <limits.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/legit.h"
#include "harness/judge/sessions.h"

/*
 * Classes of 21.11 that matter here.  NOWHERE is a host that cannot be
 * another's: the MTA may see at once that nobody is there, or try.
 */
enum state { STATE_HOPEFUL, STATE_NONE, STATE_NOWHERE, STATE_GREET5 };

struct view {			/* of one destination at one moment */
	const struct ledger *l;
	const struct destination *d;
	int64_t		 now_us, since_us;
};

/* An answer that may have come too late entitles, but nothing is owed by it. */
static bool
is_slow(const struct ledger *l, const char *name)
{
	static const char *const types[] = { "MX", "A", "AAAA" };
	const struct asked *q;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if ((q = answers_last(l, name, types[i])) != NULL && q->slow)
			return true;
	return false;
}

static enum answer
host_answer(const struct view *v, const char *name, const char *type)
{
	const struct asked *q = answers_last(v->l, name, type);

	if (q == NULL)
		q = answers_last(v->l, answers_end(v->l, name), type);
	/* What was said cycles ago may have changed: ask again. */
	return q == NULL || q->ev->t_us < v->since_us ? ANSWER_UNASKED :
	    answers_mean(v->l, q);
}

static enum state
state_by_name(const struct view *v, const char *name)
{
	const struct scenario *s = v->l->scenario;
	enum answer a, aaaa;

	if (strcmp(name, ".") == 0)
		return STATE_NONE;
	a = s->mta_ipv4 ? host_answer(v, name, "A") : ANSWER_NODATA;
	aaaa = s->mta_ipv6 ? host_answer(v, name, "AAAA") : ANSWER_NODATA;
	if (a == ANSWER_RECORDS || aaaa == ANSWER_RECORDS ||
	    a == ANSWER_SOFT || aaaa == ANSWER_SOFT)
		return STATE_HOPEFUL;
	/* RFC 8020: the name does not exist, whatever the type. */
	if (a == ANSWER_NXDOMAIN || aaaa == ANSWER_NXDOMAIN)
		return STATE_NONE;
	/* A loop ends as an error or as a deferral (R-DF-CNAME-a). */
	if (a == ANSWER_LOOP || aaaa == ANSWER_LOOP)
		return STATE_NOWHERE;
	if (a != ANSWER_NODATA || aaaa != ANSWER_NODATA)
		return STATE_HOPEFUL;
	/* It may have what the MTA cannot reach: told at once, or not. */
	return s->mta_ipv4 && s->mta_ipv6 ? STATE_NONE : STATE_NOWHERE;
}

static bool
may_be_there(enum answer a)
{
	return a == ANSWER_SOFT || a == ANSWER_RECORDS;
}

/*
 * Whoever asks for the family that he cannot use may wait for its answer, or
 * believe it where the other says that there is no such name.
 */
static bool
is_half_told(const struct view *v, const char *name)
{
	const struct scenario *s = v->l->scenario;

	return (!s->mta_ipv4 && may_be_there(host_answer(v, name, "A"))) ||
	    (!s->mta_ipv6 && may_be_there(host_answer(v, name, "AAAA")));
}

static bool
family_used(const struct scenario *s, const char *addr)
{
	return addr == NULL || (strchr(addr, ':') != NULL ? s->mta_ipv6 :
	    s->mta_ipv4);
}

/* Do all addresses that DNS told of it lead to the MTA's own host? */
static bool
is_told_own(const struct view *v, const char *name)
{
	static const char *const types[] = { "A", "AAAA" };
	const struct asked *q;
	const char *at;
	char addr[64];
	bool any = false;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		q = answers_last(v->l, name, types[i]);
		at = q != NULL && q->answer == ANSWER_RECORDS ? q->ev->text :
		    NULL;
		while (answers_next_addr(&at, addr)) {
			if (!addr_is_own(addr))
				return false;
			any = true;
		}
	}
	return any;
}

/* Its addresses are our own, or its name is no name. */
static bool
is_nowhere(const struct view *v, const char *name)
{
	bool any = false;

	if (same_name(name, "localhost") || name_is_addr(name) ||
	    is_told_own(v, name))
		return true;
	for (size_t i = 0; i < v->d->legit_count; i++) {
		const struct legit *g = &v->d->legit[i];

		if (g->addr == NULL || !same_name(g->host, name) ||
		    !legit_in_force(g, v->now_us))
			continue;
		if (!addr_is_own(g->addr))
			return false;
		any = true;
	}
	return any;
}

/* By another name the MTA's own address: 5.1 "any of the names or addresses" */
static bool
is_self(const struct view *v, const char *name)
{
	if (name_is_self(name))
		return true;
	for (size_t i = 0; i < v->d->legit_count; i++)
		if (same_name(v->d->legit[i].host, name) &&
		    v->d->legit[i].self)
			return true;
	return false;
}

/* CONTACT_OPEN: not lately, or otherwise. */
static enum contact
refusal_at(const struct view *v, const char *addr)
{
	const struct address *a = sessions_known(v->l, addr);

	return a != NULL && a->t_us >= v->since_us &&
	    (a->contact == CONTACT_GREET5 || a->contact == CONTACT_ODD5) ?
	    a->contact : CONTACT_OPEN;
}

/* Nobody dials what he was told not to be there, nor his own host. */
static bool
may_be_dialled(const struct view *v, const struct legit *g,
    const struct asked *q)
{
	return family_used(v->l->scenario, g->addr) &&
	    !addr_is_own(g->addr) && (q == NULL || q->answer == ANSWER_SOFT ||
	    (q->answer == ANSWER_RECORDS &&
	    answers_has_addr(q->ev->text, g->addr)));
}

/*
 * Refused for good at each address it has?  ODD5: it may be, or is at those
 * of the one family that DNS told of: some wait for the other.
 */
static enum contact
all_greet5(const struct view *v, const char *name)
{
	enum contact all = CONTACT_OPEN, one;
	const struct asked *q;
	bool unsure = false;

	for (size_t i = 0; i < v->d->legit_count; i++) {
		const struct legit *g = &v->d->legit[i];

		if (g->addr == NULL || !same_name(g->host, name) ||
		    !legit_in_force(g, v->now_us))
			continue;
		q = answers_last(v->l, g->host, legit_qtype(g));
		if (!may_be_dialled(v, g, q))
			continue;
		one = refusal_at(v, g->addr);
		if (one == CONTACT_OPEN && (q == NULL ||
		    q->answer != ANSWER_SOFT))
			return one;
		unsure = unsure || one != CONTACT_GREET5;
		if (one != CONTACT_OPEN)
			all = one;
	}
	return all != CONTACT_OPEN && unsure ? CONTACT_ODD5 : all;
}

static enum state
state_of(const struct view *v, const char *name, bool *unsure)
{
	enum state state = STATE_HOPEFUL;
	enum contact greet;

	/* A smarthost is meant to be there (R-DF-SH-a). */
	if (!ledger_is_smart(v->l))
		state = state_by_name(v, name);
	if (state == STATE_HOPEFUL && (greet = all_greet5(v, name)) !=
	    CONTACT_OPEN) {
		state = STATE_GREET5;
		*unsure = *unsure || greet == CONTACT_ODD5;
	}
	if (state == STATE_HOPEFUL && !ledger_is_smart(v->l) &&
	    is_nowhere(v, name))
		state = STATE_NOWHERE;
	return state;
}

/* What the candidates seen so far come to. */
struct tally {
	int	self;			/* preference of our own place */
	int	left;			/* candidates before it */
	bool	all;			/* none of them is hopeful */
	bool	greet5, nowhere, unsure;
};

static void
count_candidate(const struct view *v, struct tally *t, int preference,
    const char *name)
{
	if (preference >= t->self)
		return;		/* RFC 5321 5.1: never past ourselves */
	t->left++;
	t->unsure = t->unsure || is_slow(v->l, name) || is_half_told(v, name);
	switch (state_of(v, name, &t->unsure)) {
	case STATE_NONE:
		break;
	case STATE_NOWHERE:
		t->nowhere = true;
		break;
	case STATE_GREET5:
		t->greet5 = true;
		break;
	case STATE_HOPEFUL:
		t->all = false;
		break;
	}
}

/* Of what the MTA was told. */
static size_t
count_told(const struct view *v, struct tally *t, const char *text)
{
	const char *at = text;
	struct mx mx;
	size_t n = 0;

	if (strstr(text, "...") != NULL)
		return 0;	/* more of them than the trace tells */
	while (answers_next_mx(&at, &mx))
		if (is_self(v, mx.name) && mx.preference < t->self)
			t->self = mx.preference;
	for (at = text; answers_next_mx(&at, &mx) && t->all; n++)
		count_candidate(v, t, mx.preference, mx.name);
	return n;
}

/* Of the zone's truth, where no MX was told: the domain, the smarthosts. */
static size_t
count_true(const struct view *v, struct tally *t)
{
	bool told = false;
	size_t n = 0;

	/* An address of the domain itself that a rule told: no MX it has. */
	for (size_t i = 0; i < v->d->legit_count; i++)
		told = told || (v->d->legit[i].told &&
		    same_name(v->d->legit[i].host, v->d->domain));
	t->self = legit_self(v->d, v->now_us);
	for (size_t i = 0; i < v->d->legit_count && t->all; i++) {
		const struct legit *g = &v->d->legit[i];

		if (!legit_in_force(g, v->now_us) || (told && !g->told))
			continue;
		n++;
		count_candidate(v, t, g->preference, g->host);
	}
	return n;
}

static const struct asked *
mx_answer(const struct ledger *l, const struct destination *d)
{
	const struct asked *mx;

	if (d->domain == NULL)
		return NULL;
	mx = answers_last(l, d->domain, "MX");
	if (mx == NULL || mx->answer != ANSWER_RECORDS)
		mx = answers_last(l, answers_end(l, d->domain), "MX");
	return mx;
}

static struct entitlement
check_hosts(const struct ledger *l, const struct destination *d,
    int64_t now_us)
{
	const struct asked *mx = mx_answer(l, d);
	int64_t window = l->profile->max_retry_us + l->profile->queue_run_us;
	struct view v = { l, d, now_us, now_us - window };
	struct tally t = { .self = INT_MAX, .all = true };
	struct entitlement none = { PERM_NONE, false };
	size_t n = 0;

	if (mx != NULL && mx->answer == ANSWER_RECORDS)
		n = count_told(&v, &t, mx->ev->text);
	else if (mx == NULL || mx->answer == ANSWER_NODATA)
		n = count_true(&v, &t);
	if (n == 0 || !t.all || (t.greet5 && l->profile->greet5 ==
	    GREET5_SKIP))
		return none;
	/* 0.6.2: sources disagree, so a bounce is allowed, not owed. */
	return (struct entitlement){ t.left == 0 ? P5 : P4, !t.nowhere &&
	    !t.unsure && (!t.greet5 || l->profile->greet5 == GREET5_PERM) };
}

/* --- P3: definitive DNS about the domain or the end of its CNAMEs --- */

static enum answer
answer_for(const struct ledger *l, const char *domain, const char *end,
    const char *type)
{
	const struct asked *q = answers_last(l, domain, type);

	const struct asked *last = answers_last(l, end, type);

	/* An alias has no records of its own: what its end has counts. */
	if (last != NULL && (q == NULL || q->answer == ANSWER_SOFT ||
	    q->answer == ANSWER_NODATA))
		q = last;
	return answers_mean(l, q);
}

static bool
is_none(enum answer a)
{
	return a == ANSWER_NODATA || a == ANSWER_NXDOMAIN;
}

/*
 * Two messages may ask at a time, and be told differently: the one that was
 * told that there is no MX goes by that.
 */
static bool
was_just_none(const struct ledger *l, const char *end, int64_t now_us)
{
	const struct asked *q = answers_last(l, end, "MX");

	return q != NULL && q->before == ANSWER_NODATA &&
	    now_us - q->before_us <= l->profile->dns_us;
}

static struct entitlement
check_domain(const struct ledger *l, const struct destination *d,
    int64_t now_us)
{
	const struct scenario *s = l->scenario;
	const struct entitlement owed = { P3, true }, none = { PERM_NONE,
	    false };
	const char *end = answers_end(l, d->domain);
	enum answer mx = answer_for(l, d->domain, end, "MX");
	enum answer a = answer_for(l, d->domain, end, "A");
	enum answer aaaa = answer_for(l, d->domain, end, "AAAA");

	if (mx == ANSWER_NXDOMAIN || mx == ANSWER_NULL_MX)
		return owed;
	if (mx == ANSWER_LOOP)
		return (struct entitlement){ P3, false };
	if (mx == ANSWER_RECORDS && was_just_none(l, end, now_us) &&
	    is_none(a) && is_none(aaaa))
		return (struct entitlement){ P3, false };
	if (mx != ANSWER_NODATA)
		return none;
	/* RFC 8020 says that there is none, and yet there is one. */
	if ((a == ANSWER_NXDOMAIN && aaaa == ANSWER_RECORDS) ||
	    (aaaa == ANSWER_NXDOMAIN && a == ANSWER_RECORDS))
		return (struct entitlement){ P3, false };
	if (a == ANSWER_NXDOMAIN || aaaa == ANSWER_NXDOMAIN)
		return (struct entitlement){ P3, a != ANSWER_SOFT &&
		    aaaa != ANSWER_SOFT };
	if (is_none(a) && is_none(aaaa))
		return owed;
	/* Of one family it may have an address that the MTA cannot use. */
	if ((!s->mta_ipv4 || is_none(a)) && (!s->mta_ipv6 || is_none(aaaa)))
		return (struct entitlement){ P3, false };
	return none;
}

struct entitlement
candidates_check(const struct ledger *l, const struct destination *d,
    int64_t now_us)
{
	struct entitlement e = { PERM_NONE, false };

	/* Whatever DNS says of a smarthost is the MTA's own trouble. */
	if (d->domain != NULL)
		e = check_domain(l, d, now_us);
	if (e.perm == PERM_NONE)
		e = check_hosts(l, d, now_us);
	if (d->domain != NULL && (is_slow(l, d->domain) ||
	    is_slow(l, answers_end(l, d->domain))))
		e.obliges = false;
	return e;
}
