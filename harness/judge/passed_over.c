#include "harness/judge/passed_over.h"

#include <string.h>

#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/attempts.h"
#include "harness/judge/legit.h"

static bool
is_candidate(const struct ledger *l, const struct entry *e,
    const struct legit *g, int64_t t_us)
{
	bool v6 = g->addr != NULL && strchr(g->addr, ':') != NULL;

	/* What cannot be another's need not be tried. */
	return g->addr != NULL && !addr_is_own(g->addr) &&
	    !name_is_addr(g->host) && legit_in_force(g, t_us) &&
	    (v6 ? l->scenario->mta_ipv6 : l->scenario->mta_ipv4) &&
	    g->preference < legit_self(e->dest, t_us);
}

/*
 * Each recipient may go from host to host beside the others, so that what
 * looks like several cycles is one of each: where does it begin?
 */
static size_t
chain_of(const struct ledger *l, const struct entry *e,
    const struct attempt *now)
{
	const int64_t gap = attempts_gap(l->profile);
	size_t at = (size_t)(now - e->attempts);

	while (e->mail->count > 1 && at > 0 && e->attempts[at].t_us -
	    e->attempts[at - 1].t_us <= gap)
		at--;
	return at;
}

/*
 * Was the address attempted in this cycle or within HC before, or another
 * family's address of its host?  The second is our lenience: which family
 * goes first is the MTA's choice, and so is when it tries the other.
 */
static bool
was_tried(const struct ledger *l, const struct entry *e,
    const struct legit *g, size_t count, const struct attempt *now)
{
	const int64_t hc = l->profile->host_cache_us;
	const size_t chain = chain_of(l, e, now);

	for (size_t i = 0; i < count; i++) {
		const struct attempt *a = &e->attempts[i];
		bool v6 = a->addr != NULL && strchr(a->addr, ':') != NULL;

		if (a->addr == NULL)
			continue;
		if (a->cycle != now->cycle && i < chain && (hc == 0 ||
		    now->t_us - a->t_us > hc))
			continue;
		if (same_ip(a->addr, g->addr) || (same_name(a->host, g->host) &&
		    v6 != (strchr(g->addr, ':') != NULL)))
			return true;
	}
	return false;
}

/*
 * Did a session with the host break off before its content, in which another
 * recipient of the message was offered?  This one may have been the next.
 * `later`: one that came soon after will do.
 */
static bool
was_on_its_way(const struct ledger *l, const struct entry *e,
    const struct legit *g, const struct attempt *now, bool later)
{
	const int64_t gap = attempts_gap(l->profile);
	const struct mail *m = e->mail;

	for (size_t i = 0; i < m->count; i++) {
		const struct entry *o = &l->entries[m->first + i];

		for (size_t k = 0; k < o->own_count && (later ?
		    o->own[k].t_us - now->t_us <= gap :
		    o->own[k].seq < now->seq); k++) {
			const struct attempt *a = &o->own[k];
			const struct session *s = ledger_session_of(l,
			    a->conn);

			if (s != NULL && s->sent == 0 &&
			    same_ip(a->addr, g->addr) &&
			    now->t_us - s->closed_us <= gap)
				return true;
		}
	}
	return false;
}

/*
 * Did the lookup of the address fail in or shortly before the cycle, or have
 * no answer by its end, or one that whoever asked may not have waited for?
 * Of that moment what came after `before` is no part.
 */
static bool
lookup_failed(const struct ledger *l, const struct legit *g, int64_t from_us,
    int64_t to_us, uint64_t before)
{
	const char *type = legit_qtype(g);
	const struct event *open = NULL;

	for (size_t i = ledger_since(l, from_us); i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->t_us > to_us || ev->seq >= before)
			break;
		/* Of a query that the network ate nobody knows the name. */
		if (attempts_is_lost_query(ev))
			return true;
		if (!same_name(ev->qname, g->host) ||
		    !same_text(ev->qtype, type))
			continue;
		if (ev->kind == EV_DNS_REPLY && (answer_of(ev) !=
		    ANSWER_RECORDS || (open != NULL && ev->t_us -
		    open->t_us >= ANSWER_PATIENCE_US)))
			return true;
		if (ev->kind == EV_DNS_QUERY && open == NULL)
			open = ev;
		else if (ev->kind == EV_DNS_REPLY)
			open = NULL;
	}
	return open != NULL;
}

static bool
asks_anew(const struct entry *e, const struct event *ev)
{
	return ev->kind == EV_DNS_QUERY && same_text(ev->qtype, "MX") &&
	    same_name(ev->qname, e->domain);
}

/*
 * What failed in a delivery attempt is not asked again before the next one,
 * which begins with the MX: the cycles of one that lasts may be several.
 */
static bool
failed_before(const struct ledger *l, const struct entry *e,
    const struct legit *g, const struct attempt *a)
{
	const char *type = legit_qtype(g);

	for (uint64_t i = a->seq; i-- > 0;) {
		const struct event *ev = &l->trace->events[i];

		if (asks_anew(e, ev))
			break;
		if (ev->kind == EV_DNS_REPLY && same_name(ev->qname,
		    g->host) && same_text(ev->qtype, type))
			return answer_of(ev) != ANSWER_RECORDS;
	}
	return false;
}

/*
 * From when on lookups are this cycle's: a silent resolver may keep one for
 * long, so from the last attempt of the cycle before.
 */
static int64_t
lookups_since(const struct ledger *l, const struct entry *e, int cycle)
{
	int64_t since = e->t0_us - l->profile->dns_us;

	for (size_t i = 0; i < e->attempt_count &&
	    e->attempts[i].cycle < cycle; i++)
		since = e->attempts[i].t_us;
	return since;
}

const struct legit *
passed_over(const struct ledger *l, const struct entry *e, size_t at,
    bool any_preference)
{
	const struct attempt *a = &e->attempts[at];
	int64_t start = lookups_since(l, e, a->cycle);

	for (size_t i = 0; i < e->dest->legit_count; i++) {
		const struct legit *g = &e->dest->legit[i];

		if (!is_candidate(l, e, g, a->t_us))
			continue;
		if (!any_preference && g->preference >= a->preference)
			continue;
		if (any_preference && same_ip(g->addr, a->addr))
			continue;
		if (was_tried(l, e, g, any_preference ? at + 1 : at, a) ||
		    lookup_failed(l, g, start, a->t_us + (any_preference ?
		    attempts_gap(l->profile) : 0), any_preference ?
		    UINT64_MAX : a->seq) ||
		    failed_before(l, e, g, a) || was_on_its_way(l, e, g, a,
		    any_preference))
			continue;
		return g;
	}
	return NULL;
}
