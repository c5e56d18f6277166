#include "reference_impl/planner.h"

#include "reference_impl/planner_ways.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct host {
	const char	*name;
	uint16_t	 preference;
	uint64_t	 rank;		/* order inside one preference */
};

/* One walk over the candidates, made anew for every question. */
struct walk {
	const struct plan_input	*in;
	const struct plan_policy *pol;
	struct plan		*out;
	struct host		 hosts[HOSTS_MAX];
	size_t			 count;
	const char		*base;	/* domain, or the end of its aliases */
	const struct fact	*mx;
	bool			 waiting;
	bool			 self;	/* we were among the hosts */
	bool			 looped;	/* some alias goes round */
	bool			 untried;	/* some were left out */
	bool			 limited;	/* no more may be tried */
	size_t			 missing, failed;	/* N, U */
	char			 text[2 * NAME_SIZE];	/* a built name */
};

static const struct fact fact_empty = { .state = FACT_NODATA };
static const struct fact fact_loop = { .state = FACT_FAILED };

const char *
try_class(enum try_result r)
{
	static const char *const classes[] = {
#define X(sym, cls) cls,
		TRIES(X)
#undef X
	};
	return classes[r];
}

bool
plan_addr_is_nowhere(const struct addr *a)
{
	static const uint8_t zero[16];

	if (a->family == AF_INET)
		return a->ip[0] == 127 || a->ip[0] == 0;
	if (memcmp(a->ip, zero, 15) == 0)
		return a->ip[15] <= 1;		/* :: and ::1 */
	/* ::ffff:127.0.0.1 reaches loopback too. */
	return memcmp(a->ip, zero, 10) == 0 && a->ip[10] == 0xff &&
	    a->ip[11] == 0xff && (a->ip[12] == 127 || a->ip[12] == 0);
}

static void
answer_bounce(struct walk *w, enum plan_cause cause, const char *status,
    const char *reason)
{
	w->out->action = PLAN_BOUNCE;
	w->out->cause = cause;
	w->out->status = status;
	w->out->reason = reason;
}

static void
answer_defer(struct walk *w, enum plan_cause cause, const char *status,
    const char *reason)
{
	const struct plan_input *in = w->in;

	w->out->cause = cause;
	w->out->status = status;
	w->out->reason = reason;
	if (in->now_us >= plan_expiry(in, w->pol) &&
	    !HAS_BUG(w->pol->bugs, NEVER_EXPIRES)) {
		w->out->action = PLAN_BOUNCE;
		w->out->expired = true;
		return;
	}
	w->out->action = in->null_sender && HAS_BUG(w->pol->bugs, REPORT_ONCE)
	    ? PLAN_DROP : PLAN_DEFER;
	w->out->until_us = plan_retry_at(in, w->pol);
}

static const struct fact *
find_fact(const struct plan_input *in, const char *name, enum fact_type type)
{
	for (size_t i = 0; i < in->fact_count; i++)
		if (in->facts[i].type == type &&
		    strcasecmp(in->facts[i].name, name) == 0)
			return &in->facts[i];
	return NULL;
}

static void
answer_lookup(struct walk *w, const char *name, enum fact_type type)
{
	w->out->action = PLAN_LOOKUP;
	snprintf(w->out->name, NAME_SIZE, "%.255s", name);
	w->out->type = type;
}

/*
 * The fact about a name at the end of its aliases.  NULL: not known yet;
 * then either the answer is a lookup, or one is on its way (w->waiting).
 */
static const struct fact *
resolve(struct walk *w, const char *name, enum fact_type type)
{
	for (int hops = 0; hops <= ALIAS_MAX; hops++) {
		const struct fact *f = find_fact(w->in, name, type);

		if (f == NULL) {
			answer_lookup(w, name, type);
			return NULL;
		}
		if (f->state == FACT_PENDING) {
			w->waiting = true;
			return NULL;
		}
		if (f->alias[0] != '\0' && HAS_BUG(w->pol->bugs, CNAME_IGNORED))
			return &fact_empty;
		if (f->state != FACT_OK || f->count > 0 || f->alias[0] == '\0')
			return f;
		name = f->alias;
	}
	w->looped = true;
	return &fact_loop;		/* a loop: nothing is known */
}

static const char *
with_search(struct walk *w, const char *name)
{
	if (w->pol->search == NULL || w->pol->search[0] == '\0')
		return NULL;
	snprintf(w->text, sizeof w->text, "%s.%s", name, w->pol->search);
	w->text[NAME_SIZE - 1] = '\0';
	return w->text;
}

/* Names with other octets cannot be host names: such an MX is unusable. */
static bool
is_host_name(const char *name)
{
	return name[0] != '\0' &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789-._") == strlen(name);
}

static int
compare_hosts(const struct host *a, const struct host *b,
    const struct plan_policy *pol)
{
	const struct bugs *bugs = pol->bugs;
	char ta[8], tb[8];

	if (HAS_BUG(bugs, MX_ORDER_IGNORED))
		return 0;
	if (a->preference != b->preference) {
		if (HAS_BUG(bugs, MX_ORDER_LEXICAL)) {
			snprintf(ta, sizeof ta, "%u", a->preference);
			snprintf(tb, sizeof tb, "%u", b->preference);
			return strcmp(ta, tb);
		}
		return a->preference < b->preference ? -1 : 1;
	}
	if (HAS_BUG(bugs, NO_SHUFFLE) ||
	    HAS_WAY(pol->ways, EQUAL_ROTATED))
		return strcasecmp(a->name, b->name);
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* Insertion keeps the HOSTS_MAX best of an absurdly long list. */
static void
add_host(struct walk *w, const char *name, uint16_t preference)
{
	struct host h = { name, preference, plan_rank(w->in->seed, name) };
	size_t i;

	if (w->count == HOSTS_MAX) {
		if (compare_hosts(&h, &w->hosts[HOSTS_MAX - 1],
		    w->pol) >= 0) {
			w->untried = true;
			return;
		}
		w->count--;
		w->untried = true;
	}
	for (i = w->count++; i > 0 &&
	    compare_hosts(&h, &w->hosts[i - 1], w->pol) < 0; i--)
		w->hosts[i] = w->hosts[i - 1];
	w->hosts[i] = h;
}

/* A failed lookup of the MX is temporary whatever its code (RFC 9520). */
static void
answer_failed_mx(struct walk *w, const struct fact *f)
{
	const struct bugs *bugs = w->pol->bugs;
	bool refused = f->rcode == RCODE_REFUSED || f->rcode == RCODE_NOTIMP ||
	    f->rcode == RCODE_FORMERR;

	if ((refused && HAS_BUG(bugs, REFUSED_LOSES)) ||
	    (w->looped && HAS_BUG(bugs, ALIAS_LOOP_DROPS)))
		w->out->action = PLAN_DROP;
	else if ((refused && HAS_BUG(bugs, REFUSED_PERMANENT)) ||
	    (f->rcode == RCODE_FORMERR && HAS_BUG(bugs, FORMERR_PERMANENT)) ||
	    (f->rcode == RCODE_NONE && !w->in->null_sender &&
	    HAS_BUG(bugs, NO_SERVER_BOUNCES)) ||
	    HAS_BUG(bugs, SERVFAIL_PERMANENT))
		answer_bounce(w, CAUSE_BUG, "5.0.0", "Invalid domain name");
	else
		answer_defer(w, CAUSE_DNS, "4.4.3",
		    "The mail exchangers of the domain could not be looked up");
}

/* RFC 7505: a single MX of the root. */
static bool
is_null_mx(const struct fact *f)
{
	return f->count == 1 && f->rrs[0].name[0] == '\0';
}

static bool
is_below(const char *name, const char *domain)
{
	size_t n = strlen(name), d = strlen(domain);

	return n > d && name[n - d - 1] == '.' &&
	    strcasecmp(name + n - d, domain) == 0;
}

/* Bugs: do the MX get the mail, though there are smarthosts? */
static bool
goes_direct(const struct plan_input *in, const struct plan_policy *pol)
{
	const struct fact *f;

	if (HAS_BUG(pol->bugs, SMARTHOST_IGNORED) &&
	    is_below(pol->smarthosts[0], in->domain))
		return true;
	if (!HAS_BUG(pol->bugs, SMARTHOST_BYPASSED))
		return false;
	for (size_t i = 0; i < pol->smarthost_count; i++) {
		f = find_fact(in, pol->smarthosts[i], FACT_A);
		if (f == NULL || f->state == FACT_PENDING ||
		    f->state == FACT_OK)
			return false;
	}
	return true;
}

/* All mail goes to them; the domain is not looked up. */
static void
take_smarthosts(struct walk *w)
{
	w->base = w->in->domain;
	for (size_t i = 0; i < w->pol->smarthost_count; i++)
		add_host(w, w->pol->smarthosts[i], (uint16_t)i);
}

/*
 * The way that asks for the domain's own addresses beside its MX.  Their
 * answers are awaited, for no question may outlive the cycle, and not used.
 */
static bool
addresses_asked_too(struct walk *w)
{
	static const enum fact_type types[] = { FACT_A, FACT_AAAA };

	if (!HAS_WAY(w->pol->ways, ADDRESS_ASKED_TOO))
		return true;
	for (size_t i = 0; i < 2 && w->out->action != PLAN_LOOKUP; i++) {
		const struct fact *f = find_fact(w->in, w->in->domain,
		    types[i]);

		if (f == NULL)
			answer_lookup(w, w->in->domain, types[i]);
		else if (f->state == FACT_PENDING)
			w->waiting = true;
	}
	return w->out->action != PLAN_LOOKUP && !w->waiting;
}

/* Fills the hosts; false: the answer is given, or we wait. */
static bool
find_hosts(struct walk *w)
{
	const struct bugs *bugs = w->pol->bugs;
	const struct fact *f = resolve(w, w->in->domain, FACT_MX);
	const char *other;

	w->base = w->in->domain;
	if (w->out->action == PLAN_LOOKUP || !addresses_asked_too(w))
		return false;
	if (f != NULL && (f->state == FACT_FAILED || f->state == FACT_NXDOMAIN)
	    && (HAS_BUG(bugs, SEARCH_DOMAIN) || HAS_BUG(bugs, SEARCH_REWRITE))
	    && (other = with_search(w, w->in->domain)) != NULL) {
		const struct fact *g = resolve(w, other, FACT_MX);

		if (g == NULL)
			return false;
		if (g->state == FACT_OK)
			f = g;
	}
	if (f == NULL)
		return false;
	w->mx = f;
	if (f->state == FACT_NXDOMAIN) {
		if (HAS_BUG(bugs, NXDOMAIN_DROPS))
			w->out->action = PLAN_DROP;
		else if (HAS_BUG(bugs, NXDOMAIN_RETRIED))
			answer_defer(w, CAUSE_DNS, "4.4.3", "No such domain");
		else
			answer_bounce(w, CAUSE_NXDOMAIN, "5.1.2",
			    "The domain does not exist");
		return false;
	}
	if (f->state == FACT_FAILED && !HAS_BUG(bugs, A_FALLBACK_LOOKUP)) {
		answer_failed_mx(w, f);
		return false;
	}
	if (f->state == FACT_OK && is_null_mx(f) &&
	    HAS_BUG(bugs, NULL_MX_ADDRESS)) {
		add_host(w, w->base, 0);
		return true;
	}
	if (f->state == FACT_OK && is_null_mx(f)) {
		if (HAS_BUG(bugs, NULL_MX_RETRIED))
			answer_defer(w, CAUSE_DNS, "4.4.3", "No MX found");
		else
			answer_bounce(w, CAUSE_NULL_MX, "5.1.10",
			    "The domain accepts no mail (null MX)");
		return false;
	}
	if (f->state != FACT_OK) {	/* implicit MX, RFC 5321 5.1 */
		if (HAS_BUG(bugs, IMPLICIT_MX_BOUNCED)) {
			answer_bounce(w, CAUSE_BUG, "5.4.4", "No MX found");
			return false;
		}
		if (f->name[0] != '\0')
			w->base = f->name;
		add_host(w, w->base, 0);
		return true;
	}
	for (size_t i = 0; i < f->count; i++) {
		if (is_host_name(f->rrs[i].name))
			add_host(w, f->rrs[i].name, f->rrs[i].preference);
		else
			w->missing++;
	}
	return true;
}

static bool
is_own(const struct walk *w, const struct addr *a)
{
	for (size_t i = 0; i < w->pol->own_count; i++)
		if (addr_same_ip(&w->pol->own[i], a))
			return true;
	return false;
}

/* Drops the host at `i`, its equals and all worse ones (RFC 5321 5.1). */
static void
cut_at(struct walk *w, size_t i)
{
	uint16_t preference = w->hosts[i].preference;

	while (i > 0 && w->hosts[i - 1].preference == preference)
		i--;
	w->count = i;
	w->self = true;
}

static void
cut_own_name(struct walk *w)
{
	if (HAS_BUG(w->pol->bugs, SELF_UNKNOWN))
		return;
	for (size_t i = 0; i < w->count; i++) {
		if (strcasecmp(w->hosts[i].name, w->pol->hostname) == 0) {
			cut_at(w, i);
			return;
		}
	}
}

/* One question at a time, and one is on its way. */
static bool
asks_no_more(const struct walk *w)
{
	return w->waiting && HAS_WAY(w->pol->ways, LOOKUPS_IN_TURN);
}

/*
 * Both families of one host.  While one is on its way the other waits, so that
 * the order stays fixed.
 */
static void
host_addresses(struct walk *w, const struct host *h, struct addresses *a)
{
	const char *name = h->name;
	bool v4_first = HAS_WAY(w->pol->ways, A_ASKED_FIRST);
	const struct fact **one = v4_first ? &a->v4 : &a->v6;
	const struct fact **two = v4_first ? &a->v6 : &a->v4;

	*one = resolve(w, name, v4_first ? FACT_A : FACT_AAAA);
	if (w->out->action == PLAN_LOOKUP || asks_no_more(w))
		return;
	*two = resolve(w, name, v4_first ? FACT_AAAA : FACT_A);
	if (a->v4 == NULL || a->v6 == NULL)
		return;
	if (HAS_BUG(w->pol->bugs, SEARCH_MX_HOST) && a->v4->count == 0 &&
	    a->v6->count == 0 && (name = with_search(w, name)) != NULL) {
		a->v4 = resolve(w, name, FACT_A);
		if (a->v4 == NULL)
			return;
	}
	if ((HAS_BUG(w->pol->bugs, AAAA_BLOCKS) &&
	    a->v6->state == FACT_FAILED) ||
	    (HAS_BUG(w->pol->bugs, AAAA_NXDOMAIN) &&
	    a->v6->state == FACT_NXDOMAIN))
		a->v4 = a->v6;
}

static bool
was_tried(const struct walk *w, const struct addr *a)
{
	size_t n = 0, enough = 1;

	for (size_t i = 0; i < w->in->try_count; i++) {
		if (!addr_same_ip(&w->in->tries[i].addr, a))
			continue;
		n++;
		if (w->in->tries[i].result == TRY_GREETING_4YZ &&
		    HAS_BUG(w->pol->bugs, RECONNECTS))
			enough = 51;
	}
	return n >= enough;
}

/* The answer is to connect, unless the limit is reached. */
static void
answer_connect(struct walk *w, const struct host *h, const struct addr *ip)
{
	size_t limit = (size_t)w->pol->address_limit;

	if (HAS_BUG(w->pol->bugs, IPV6_STARVES))
		limit = 5;
	if (HAS_BUG(w->pol->bugs, RECONNECTS))
		limit = 0;
	if (limit > 0 && w->in->try_count >= limit) {
		w->untried = w->limited = true;
		return;
	}
	w->out->action = PLAN_CONNECT;
	snprintf(w->out->name, NAME_SIZE, "%s", h->name);
	w->out->addr = *ip;
}

static bool
is_target(const struct walk *w, const struct addr *ip)
{
	return !plan_addr_is_nowhere(ip) ||
	    HAS_BUG(w->pol->bugs, SELF_UNKNOWN);
}

/* For one bug: link-local addresses, too. */
static bool
is_this_machine(const struct addr *ip)
{
	return plan_addr_is_nowhere(ip) || (ip->family == AF_INET6 &&
	    ip->ip[0] == 0xfe && ip->ip[1] == 0x80);
}

/* True: the answer is to connect, or the limit is reached. */
static bool
try_host(struct walk *w, const struct host *h, const struct addresses *a)
{
	const struct addr *ip;
	size_t usable = 0;

	for (size_t i = 0; (ip = plan_nth_address(w->pol, a, i)) != NULL; i++) {
		if (is_this_machine(ip) &&
		    HAS_BUG(w->pol->bugs, LOOPBACK_DROPS)) {
			w->out->action = PLAN_DROP;
			return true;
		}
		if (!is_target(w, ip))
			continue;
		usable++;
		if (was_tried(w, ip))
			continue;
		answer_connect(w, h, ip);
		return true;
	}
	if (usable > 0)
		return false;
	if (a->v4->state == FACT_FAILED || a->v6->state == FACT_FAILED)
		w->failed++;
	else
		w->missing++;
	return false;
}

/* The way that mixes the addresses of all hosts of one preference. */
static bool
try_any(struct walk *w, const struct addresses *a, size_t start, size_t end)
{
	const struct addr *ip, *best = NULL;
	char text[ADDR_STRLEN];
	uint64_t rank, least = 0;
	size_t host = start;

	for (size_t i = start; i < end; i++) {
		for (size_t k = 0; (ip = plan_nth_address(w->pol, &a[i], k));
		    k++) {
			rank = plan_rank(w->in->seed, addr_format(ip, text));
			if (!is_target(w, ip) || was_tried(w, ip) ||
			    (best != NULL && rank >= least))
				continue;
			best = ip;
			least = rank;
			host = i;
		}
	}
	if (best == NULL)
		return false;
	answer_connect(w, &w->hosts[host], best);
	return true;
}

/* The way that tries equal hosts in a circle, begun where the seed says. */
static void
rotate(struct walk *w, size_t start, size_t end)
{
	struct host copy[HOSTS_MAX];
	size_t n = end - start, first = w->in->seed % n;

	memcpy(copy, w->hosts + start, n * sizeof *copy);
	for (size_t i = 0; i < n; i++)
		w->hosts[start + i] = copy[(first + i) % n];
}

/*
 * All hosts of one preference.  Their addresses are all looked up before the
 * first of them is tried: one of them might be our own.  Returns the index
 * after the group; *stop: an answer is there or we wait.
 */
static size_t
walk_group(struct walk *w, size_t start, bool *stop)
{
	struct addresses a[HOSTS_MAX];
	size_t end = start;
	const struct addr *ip;

	while (end < w->count &&
	    w->hosts[end].preference == w->hosts[start].preference)
		end++;
	if (HAS_WAY(w->pol->ways, EQUAL_ROTATED))
		rotate(w, start, end);
	for (size_t i = start; i < end && !asks_no_more(w); i++) {
		host_addresses(w, &w->hosts[i], &a[i]);
		if (w->out->action == PLAN_LOOKUP) {
			*stop = true;
			return end;
		}
	}
	if (w->waiting) {
		*stop = true;
		return end;
	}
	for (size_t i = start; i < end; i++) {
		if (HAS_BUG(w->pol->bugs, SELF_UNKNOWN))
			break;
		for (size_t k = 0; (ip = plan_nth_address(w->pol, &a[i], k));
		    k++) {
			if (is_own(w, ip) && HAS_BUG(w->pol->bugs,
			    LOOPBACK_DROPS)) {
				w->out->action = PLAN_DROP;
				*stop = true;
				return end;
			}
			if (is_own(w, ip)) {
				cut_at(w, i);
				return w->count;
			}
		}
	}
	if (HAS_WAY(w->pol->ways, ADDRESSES_SHUFFLED) &&
	    try_any(w, a, start, end)) {
		*stop = true;
		return end;
	}
	for (size_t i = start; i < end; i++) {
		if (try_host(w, &w->hosts[i], &a[i])) {
			*stop = true;
			return end;
		}
	}
	return end;
}

static bool
try_bounces(const struct bugs *bugs, enum try_result result)
{
	static const struct {
		enum try_result	 result;
		enum bug	 bug;
	} table[] = {
		{ TRY_GREETING_5YZ, BUG_GREETING_554_BOUNCES },
		{ TRY_GREETING_4YZ, BUG_GREETING_4YZ_BOUNCES },
		{ TRY_EHLO_4YZ, BUG_EHLO_421_PERMANENT },
		{ TRY_EHLO_5YZ, BUG_EHLO_421_PERMANENT },
		{ TRY_NO_GREETING, BUG_NO_NEXT_AFTER_TCP },
		{ TRY_REFUSED, BUG_REFUSED_CONNECTION },
		{ TRY_UNREACHABLE, BUG_ICMP_PERMANENT },
		{ TRY_NO_ANSWER, BUG_CONNECT_TIMEOUT },
		{ TRY_LOST, BUG_LOST_BOUNCES },
		{ TRY_AMBIGUOUS, BUG_LOST_EOD_BOUNCES },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].result == result && bugs != NULL &&
		    bugs->on[table[i].bug])
			return true;
	return false;
}

/* What the bugs make of single failures: returned at once. */
static bool
bugs_bounce(struct walk *w)
{
	const struct bugs *bugs = w->pol->bugs;

	for (size_t i = 0; i < w->in->try_count; i++) {
		if (try_bounces(bugs, w->in->tries[i].result)) {
			answer_bounce(w, CAUSE_BUG, "5.0.0",
			    "unknown bounce reason");
			return true;
		}
	}
	if ((w->missing > 0 && HAS_BUG(bugs, NODATA_BOUNCES)) ||
	    (w->failed > 0 && HAS_BUG(bugs, HOST_SERVFAIL_BOUNCES))) {
		answer_bounce(w, CAUSE_BUG, "5.4.4",
		    "DNS lookup failure: host not found");
		return true;
	}
	return false;
}

static size_t
count_class(const struct walk *w, const char *class)
{
	size_t n = 0;

	for (size_t i = 0; i < w->in->try_count; i++)
		n += strcmp(try_class(w->in->tries[i].result), class) == 0;
	return n;
}

/* The cycle is over and something is pending: later, or never? */
static void
end_cycle(struct walk *w)
{
	const struct bugs *bugs = w->pol->bugs;
	size_t temporary = count_class(w, "T");
	size_t denied = count_class(w, "H") + count_class(w, "Pr");
	size_t soft = temporary + count_class(w, "Tr") + count_class(w, "A") +
	    w->failed + w->untried;
	bool seed = (denied > 0 && temporary + w->failed > 0) ||
	    (w->failed > 0 && temporary > 0);

	if ((seed && HAS_BUG(bugs, Q267245_DROP)) ||
	    (w->looped && HAS_BUG(bugs, ALIAS_LOOP_DROPS)))
		w->out->action = PLAN_DROP;
	else if (seed && HAS_BUG(bugs, Q267245_NDR))
		answer_bounce(w, CAUSE_BUG, "5.0.0", "No route to the host");
	else if (w->pol->smarthost_count > 0 && w->failed + w->missing > 0 &&
	    HAS_BUG(bugs, SMARTHOST_BOUNCES))
		answer_bounce(w, CAUSE_BUG, "5.4.4", "No route to the host");
	else if (w->missing > 0 && w->failed > 0 && soft == w->failed &&
	    HAS_BUG(bugs, MIXED_LOOKUP_BOUNCES))
		answer_bounce(w, CAUSE_BUG, "5.1.2", "Host unknown");
	else if (soft > 0 && w->in->try_count > 0)
		answer_defer(w, CAUSE_HOST, "4.4.1",
		    "No mail exchanger took the message");
	else if (soft > 0)
		answer_defer(w, CAUSE_DNS, "4.4.3",
		    "No mail exchanger's address could be looked up");
	else if (w->pol->smarthost_count > 0 && w->missing > 0)
		answer_defer(w, CAUSE_DNS, "4.4.4",
		    "The smarthost has no address");
	else if (denied > 0 && HAS_WAY(w->pol->ways, DENIED_WAITS))
		answer_defer(w, CAUSE_HOST, "4.4.1",
		    "Every mail exchanger denies this sender for now");
	else if (denied > 0)
		answer_bounce(w, CAUSE_HOST, "5.4.0",
		    "Every mail exchanger denies this sender");
	else if (w->self)
		answer_bounce(w, CAUSE_SELF, "5.4.6",
		    "This host is the domain's best mail exchanger but does "
		    "not accept its mail: a loop");
	else if (HAS_BUG(bugs, NO_ADDRESS_DROPS))
		w->out->action = PLAN_DROP;
	else
		answer_bounce(w, CAUSE_NO_ADDRESS, "5.4.4",
		    "No mail exchanger of the domain has an address");
}

/* Bug: the domain's own address after all MX hosts failed. */
static bool
fall_back_to_domain(struct walk *w)
{
	struct host h = { w->base, 0, 0 };
	struct addresses a = { &fact_empty, &fact_empty };

	if (!HAS_BUG(w->pol->bugs, A_FALLBACK_DOWN) || w->mx == NULL ||
	    w->mx->state != FACT_OK || w->in->try_count == 0)
		return false;
	a.v4 = resolve(w, w->base, FACT_A);
	if (a.v4 == NULL)
		return true;
	return a.v4->count > 0 && try_host(w, &h, &a) && !w->limited;
}

/* user@[192.0.2.1], user@[IPv6:2001:db8::1]: RFC 5321 4.1.3. */
static void
plan_literal(struct walk *w)
{
	struct fact_rr rr = { 0 };
	struct fact one = { .state = FACT_OK, .rrs = &rr, .count = 1 };
	struct addresses a = { &one, &fact_empty };
	struct host h = { w->in->domain, 0, 0 };
	const char *p = w->in->domain + 1;
	char text[ADDR_STRLEN];

	if (strncasecmp(p, "IPv6:", 5) == 0)
		p += 5;
	snprintf(text, sizeof text, "%.*s", (int)strcspn(p, "]"), p);
	if (!addr_parse(&rr.addr, text)) {
		answer_bounce(w, CAUSE_NXDOMAIN, "5.1.2",
		    "Not an address literal");
		return;
	}
	if (is_own(w, &rr.addr))
		w->self = true;
	else if (try_host(w, &h, &a) && !w->limited)
		return;
	if (!bugs_bounce(w))
		end_cycle(w);
}

/* Bug: begin, and end, with the host that failed last. */
static void
keep_last_host(struct walk *w)
{
	const char *last = w->in->last_host;

	if (!HAS_BUG(w->pol->bugs, STICKY_BACKUP) || last == NULL)
		return;
	for (size_t i = 0; i < w->count; i++) {
		if (strcasecmp(w->hosts[i].name, last) == 0) {
			w->hosts[0] = w->hosts[i];
			w->count = 1;
		}
	}
}

/* The way that gives up when the time is over, without a last attempt. */
static bool
is_untried_expiry(const struct walk *w)
{
	const struct plan_input *in = w->in;

	return HAS_WAY(w->pol->ways, EXPIRES_UNTRIED) && in->attempts > 0 &&
	    in->fact_count == 0 && in->try_count == 0 &&
	    in->now_us >= plan_expiry(in, w->pol) &&
	    !HAS_BUG(w->pol->bugs, NEVER_EXPIRES);
}

/* No other host is asked after what the last one did. */
static bool
cycle_is_over(const struct walk *w)
{
	/* RFC 1047: another host now would only multiply the copies. */
	size_t lost = HAS_WAY(w->pol->ways, LOST_EOD_GOES_ON) ? 1 : 0;

	return count_class(w, "A") > lost || (count_class(w, "Tr") > 0 &&
	    HAS_WAY(w->pol->ways, MAIL_4YZ_ENDS_CYCLE));
}

/* The way that knows all addresses before the first connection. */
static bool
looked_up_first(struct walk *w)
{
	struct addresses a;

	if (!HAS_WAY(w->pol->ways, HOSTS_LOOKED_UP_FIRST))
		return true;
	for (size_t i = 0; i < w->count && !asks_no_more(w); i++) {
		host_addresses(w, &w->hosts[i], &a);
		if (w->out->action == PLAN_LOOKUP)
			return false;
	}
	return !w->waiting;
}

void
plan_next(const struct plan_input *in, const struct plan_policy *pol,
    struct plan *out)
{
	struct walk w = { .in = in, .pol = pol, .out = out };
	bool stop = false;

	memset(out, 0, sizeof *out);
	out->action = PLAN_WAIT;
	if (in->pending == 0) {
		out->action = PLAN_DONE;
		return;
	}
	if (pol->hop_limit > 0 && in->hops > pol->hop_limit) {
		answer_bounce(&w, CAUSE_HOPS, "5.4.6",
		    "Too many Received lines: a mail loop");
		return;
	}
	if (in->domain[0] == '[' && pol->smarthost_count == 0) {
		plan_literal(&w);
		return;
	}
	if (in->null_sender && in->try_count > 0 &&
	    HAS_BUG(pol->bugs, REPORT_ONCE)) {
		out->action = PLAN_DROP;
		return;
	}
	if (is_untried_expiry(&w)) {
		answer_defer(&w, CAUSE_NONE, NULL, NULL);
		return;
	}
	if (cycle_is_over(&w)) {
		if (!bugs_bounce(&w))
			end_cycle(&w);
		return;
	}
	if (pol->smarthost_count > 0 && !goes_direct(in, pol))
		take_smarthosts(&w);
	else if (!find_hosts(&w))
		return;
	cut_own_name(&w);
	keep_last_host(&w);
	if (HAS_BUG(pol->bugs, ONLY_FIRST_MX) && w.count > 1)
		w.count = 1;
	if (bugs_bounce(&w) || !looked_up_first(&w))
		return;
	for (size_t i = 0; i < w.count; ) {
		i = walk_group(&w, i, &stop);
		if (w.waiting && out->action != PLAN_LOOKUP)
			out->action = PLAN_WAIT;
		if (stop && !w.limited)
			return;
		if (stop || bugs_bounce(&w))
			break;
	}
	if (out->action == PLAN_BOUNCE)
		return;
	if (fall_back_to_domain(&w))
		return;
	end_cycle(&w);
}
