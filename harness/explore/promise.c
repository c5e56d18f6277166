/*
 * What a correct MTA must make of a draft.  Of most worlds no more can be
 * said than that nothing gets lost; whatever else is wrong, the judge sees
 * by itself.  Where the world makes more certain, more is asked, and each
 * reason stands beside it.  What is said here must hold for every MTA that
 * keeps to the RFCs: any schedule of retries up to four hours, any lifetime
 * from four days.
 */
#include <string.h>

#include "harness/base/timers.h"
#include "harness/explore/draft.h"

#define HOUR_US		(3600 * USEC_PER_SEC)
#define RETRY_US	(5 * HOUR_US)		/* a retry and its session */
#define PATIENCE_US	(72 * HOUR_US)		/* well within a lifetime */

static bool
has_end(const struct phase *p)
{
	return p->until_us != TIME_NEVER || p->first > 0;
}

/*
 * Can the answer mean that a name or a host is not there, or another one?
 * A reply broken by chance or cut may mean anything to somebody.
 */
static bool
dns_may_condemn(const struct fdns_rule *r)
{
	switch (r->action) {
	case FDNS_NODATA:
	case FDNS_NXDOMAIN:
	case FDNS_RECORDS:
	case FDNS_TRUNCATE_PARTIAL:
	case FDNS_MUTATE:
	case FDNS_RAW:
	case FDNS_CUT:
		return true;
	default:
		return false;
	}
}

/* The truth, and no later than a resolver waits (RFC 1123 6.1.3.3). */
static bool
dns_is_harmless(const struct fdns_rule *r)
{
	return r->action == FDNS_TRUTH && r->delay_us <= USEC_PER_SEC;
}

/* 5yz anywhere, and what is no reply at all. */
static bool
host_may_condemn(const struct draft_fault *f)
{
	const struct fsmtp_rule *h = &f->as.host;

	if (h->stage == FSMTP_CONNECT)
		return false;
	if (h->action != FSMTP_DO_REPLY)
		return h->action == FSMTP_DO_GARBAGE ||
		    h->action == FSMTP_DO_RAW;
	return *f->lines[0] == '5';
}

static bool
may_condemn(const struct draft_fault *f)
{
	return f->table == DRAFT_IN_DNS ? dns_may_condemn(&f->as.dns) :
	    f->table == DRAFT_IN_HOST && host_may_condemn(f);
}

static bool
is_harmless(const struct draft_fault *f)
{
	return f->table == DRAFT_IN_DNS && dns_is_harmless(&f->as.dns);
}

/*
 * Is it over some day?  A greylist lets everybody in in the end; of what is
 * done to the MTA itself a stop is over when it is started again.
 */
static bool
is_bounded(const struct draft_fault *f)
{
	return f->table == DRAFT_IN_GREYLIST || f->table == DRAFT_IN_MTA ||
	    has_end(draft_phase_of(f));
}

/*
 * How long a fault can put off a message, at most: to its end; or, each time
 * that it is met, by one interval between attempts.
 */
static int64_t
delay_of(const struct draft_fault *f)
{
	const struct phase *p = draft_phase_of(f);

	if (f->table == DRAFT_IN_GREYLIST)
		return f->as.greylist.delay_us + RETRY_US;
	if (f->table == DRAFT_IN_MTA)
		return (f->as.mta.verb == MTA_STOP ? f->start_us : 0) +
		    RETRY_US;
	if (p->until_us != TIME_NEVER)
		return p->until_us + RETRY_US;
	return p->first * RETRY_US;
}

bool
draft_has_path(const struct draft *d)
{
	for (int i = 0; i < DRAFT_MX; i++)
		if (d->hosts[i].there && ((d->hosts[i].ipv4 && d->mta_ipv4) ||
		    (d->hosts[i].ipv6 && d->mta_ipv6)))
			return true;
	return false;
}

/*
 * Nothing in this world is final, every fault heals, and all of them
 * together put the message off for less than its life: R-DF-RET-g,
 * R-5321-4.5.4.1.  Faults bounded by a count may come one after the other,
 * so that their delays add up.
 */
static bool
all_heals(const struct draft *d)
{
	int64_t sum = 0;

	if (!draft_has_path(d))
		return false;
	for (size_t i = 0; i < d->fault_count; i++) {
		const struct draft_fault *f = &d->faults[i];

		if (is_harmless(f))
			continue;
		if (may_condemn(f) || !is_bounded(f))
			return false;
		sum += delay_of(f);
	}
	return sum < PATIENCE_US;
}

/*
 * Nobody has ever been there, and the DNS is as it should be: RFC 5321
 * section 5.1, RFC 7505 section 3.
 */
static bool
is_hopeless(const struct draft *d)
{
	return (d->kind == DRAFT_BY_NULL_MX || d->kind == DRAFT_BY_NOTHING) &&
	    d->fault_count == 0;
}

/*
 * Does the fault do no more than send the MTA on to the next host, since
 * there is no session: R-DF-CON-a to -f?  What a refusal at the greeting
 * means is disputed.
 */
static bool
sends_on(const struct draft_fault *f)
{
	const struct fsmtp_rule *h = &f->as.host;

	return h->stage == FSMTP_CONNECT || (h->stage == FSMTP_GREETING &&
	    (h->action == FSMTP_DO_SILENCE || h->action == FSMTP_DO_CLOSE ||
	    h->action == FSMTP_DO_RESET));
}

/* Is nothing wrong but with single hosts, and with this one nothing? */
static bool
is_spared(const struct draft *d, int host)
{
	for (size_t i = 0; i < d->fault_count; i++) {
		const struct draft_fault *f = &d->faults[i];

		if (is_harmless(f))
			continue;
		if ((f->table != DRAFT_IN_HOST &&
		    f->table != DRAFT_IN_GREYLIST) || f->host == host)
			return false;
		if (f->host != DRAFT_SENDER_MX && (f->table !=
		    DRAFT_IN_HOST || !sends_on(f)))
			return false;
	}
	return true;
}

/* Addresses that may be tried before those of this host. */
static int
addresses_before(const struct draft *d, int host)
{
	const struct draft_host *h = &d->hosts[host];
	int count = 0;

	for (int i = 0; i < DRAFT_MX; i++)
		if (i != host && d->hosts[i].there && (d->kind ==
		    DRAFT_BY_SMART ? i < host :
		    d->hosts[i].preference <= h->preference))
			count += d->hosts[i].ipv4 + d->hosts[i].ipv6;
	return count;
}

/*
 * A host that is well takes the mail although another is dead for ever.  An
 * MTA must try at least two addresses (RFC 5321 section 5.1): no more than
 * one may stand before the good one, which must have no second address that
 * leads nowhere.
 */
static bool
one_works(const struct draft *d)
{
	for (int i = 0; i < DRAFT_MX; i++)
		if (d->hosts[i].there && is_spared(d, i) &&
		    addresses_before(d, i) <= 1 &&
		    (d->hosts[i].ipv4 || d->hosts[i].ipv6) &&
		    (!d->hosts[i].ipv4 || d->mta_ipv4) &&
		    (!d->hosts[i].ipv6 || d->mta_ipv6))
			return true;
	return false;
}

/* May a host have the message although the MTA cannot know? */
static bool
may_duplicate(const struct draft *d)
{
	for (size_t i = 0; i < d->fault_count; i++)
		if (d->faults[i].table != DRAFT_IN_DNS &&
		    d->faults[i].table != DRAFT_IN_GREYLIST)
			return true;
	return false;
}

/*
 * The judge takes the end of the last fault for the time from which there is
 * a way.  Where a fault has none, nobody can say that there ever is.
 */
static bool
never_repaired(const struct draft *d)
{
	if (!draft_has_path(d))
		return true;
	for (size_t i = 0; i < d->fault_count; i++)
		if (!is_harmless(&d->faults[i]) && !is_bounded(&d->faults[i]))
			return true;
	return false;
}

static const char *
outcome(const struct draft *d, const struct draft_message *m)
{
	bool silent = *m->from == '\0' || (m->notify != NULL &&
	    strcmp(m->notify, "NEVER") == 0);

	if (one_works(d))
		return "delivered";
	if (all_heals(d))
		return may_duplicate(d) ? "[delivered, duplicate-excused]" :
		    "delivered";
	if (is_hopeless(d))
		return silent ? "discarded" : "bounced";
	return "any-safe";
}

void
draft_promise(const struct draft *d, struct sbuf *out)
{
	if (never_repaired(d))
		sbuf_puts(out, "repair: never\n");
	sbuf_puts(out, "expect:\n");
	for (size_t i = 0; i < d->message_count; i++)
		sbuf_printf(out, "  - {message: m%zu, outcome: %s}\n", i + 1,
		    outcome(d, &d->messages[i]));
}
