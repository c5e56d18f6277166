/*
 * What lint would say of a draft, told before it is written down: a fault
 * that an earlier one hides, one for a host that is not there.
 */
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "harness/base/timers.h"
#include "harness/explore/draft.h"

static bool
is_always(const struct phase *p)
{
	return p->first == 0 && p->after == 0 && p->from_us == 0 &&
	    p->until_us == TIME_NEVER;
}

static bool
same_or_any(const char *a, const char *b)
{
	return a == NULL || (b != NULL && strcasecmp(a, b) == 0);
}

static bool
dns_hides(const struct fdns_rule *a, const struct fdns_rule *b)
{
	return same_or_any(a->name, b->name) &&
	    (a->type == 0 || a->type == b->type) &&
	    (a->transport == FDNS_ANY || a->transport == b->transport) &&
	    (a->resolver == 0 || a->resolver == b->resolver);
}

static bool
host_hides(const struct fsmtp_rule *a, const struct fsmtp_rule *b)
{
	return a->stage == b->stage && a->client.family == 0 &&
	    same_or_any(a->sender, b->sender) &&
	    same_or_any(a->recipient, b->recipient) &&
	    (a->nth_in_session == 0 ||
	    a->nth_in_session == b->nth_in_session) &&
	    a->from_nth == 0 && a->after_rcpts == 0 &&
	    (a->family == 0 || a->family == b->family);
}

static bool
hides(const struct draft_fault *a, const struct draft_fault *b)
{
	if (a->table != b->table || !is_always(draft_phase_of(a)))
		return false;
	if (a->table == DRAFT_IN_DNS)
		return dns_hides(&a->as.dns, &b->as.dns);
	return a->table == DRAFT_IN_HOST && a->host == b->host &&
	    host_hides(&a->as.host, &b->as.host);
}

static bool
has_address(const struct draft *d, int host)
{
	return host == DRAFT_SENDER_MX || (d->hosts[host].there &&
	    (d->hosts[host].ipv4 || d->hosts[host].ipv6));
}

/* A host by its name, or something that is no host. */
static bool
name_is_sound(const struct draft *d, const char *name)
{
	for (int i = 0; name != NULL && i < DRAFT_HOSTS; i++)
		if (strcmp(name, draft_host_name(d, i)) == 0)
			return has_address(d, i);
	return true;
}

static bool
family_is_sound(const struct draft *d, int family)
{
	return family == 0 || (family == AF_INET ? d->mta_ipv4 : d->mta_ipv6);
}

/* What is counted must be counted up to something. */
static bool
count_is_sound(const struct fsmtp_rule *h)
{
	return h->counts == FSMTP_COUNT_CONNECTIONS ||
	    h->rule.phase.first + h->rule.phase.after > 0;
}

static bool
fault_is_sound(const struct draft *d, const struct draft_fault *f)
{
	const struct phase *p = draft_phase_of(f);

	if (p->until_us <= p->from_us)
		return false;
	switch (f->table) {
	case DRAFT_IN_DNS:
		return f->as.dns.resolver <= d->resolvers;
	case DRAFT_IN_HOST:
		return has_address(d, f->host) &&
		    family_is_sound(d, f->as.host.family) &&
		    count_is_sound(&f->as.host);
	case DRAFT_IN_GREYLIST:
		return has_address(d, f->host);
	case DRAFT_IN_NETWORK:
		return name_is_sound(d, f->as.network.at) &&
		    (f->as.network.at == NULL || d->resolvers > 1 ||
		    strcmp(f->as.network.at, "resolver2") != 0);
	default:
		return name_is_sound(d, f->as.mta.host);
	}
}

/*
 * The control message goes by the smarthosts, too, before anything breaks:
 * one of them must be within the MTA's reach.
 */
static bool
smarthosts_are_sound(const struct draft *d)
{
	for (int i = 0; i < DRAFT_MX; i++)
		if (d->hosts[i].there && !has_address(d, i))
			return false;
	return draft_has_path(d);
}

/*
 * What is done to an MTA that does not run has no meaning; an event of which
 * nobody knows the time may come while it is stopped.
 */
static bool
events_are_sound(const struct draft_fault *stop, const struct draft_fault *f)
{
	const struct mta_event *e = &f->as.mta;

	if (e->verb == MTA_STOP || e->when == MTA_AFTER_INJECT)
		return false;
	return e->when != MTA_AT_TIME || e->rule.phase.from_us <
	    stop->as.mta.rule.phase.from_us || e->rule.phase.from_us >
	    stop->start_us;
}

static bool
pair_is_sound(const struct draft_fault *a, const struct draft_fault *b)
{
	if (hides(a, b))
		return false;
	if (a->table != b->table)
		return true;
	/* One list a host. */
	if (a->table == DRAFT_IN_GREYLIST)
		return a->host != b->host;
	if (a->table != DRAFT_IN_MTA)
		return true;
	return (a->as.mta.verb != MTA_STOP || events_are_sound(a, b)) &&
	    (b->as.mta.verb != MTA_STOP || events_are_sound(b, a));
}

/* Nobody takes a message while the MTA does not run, or is about to stop. */
static bool
messages_are_sound(const struct draft *d, const struct draft_fault *f)
{
	const struct mta_event *e = &f->as.mta;
	int64_t from = e->rule.phase.from_us;

	if (f->table != DRAFT_IN_MTA || e->when != MTA_AT_TIME ||
	    (e->verb != MTA_STOP && e->verb != MTA_RESTART))
		return true;
	for (size_t i = 0; i < d->message_count; i++)
		if (d->messages[i].at_us >= from && d->messages[i].at_us <=
		    (e->verb == MTA_STOP ? f->start_us : from))
			return false;
	return true;
}

bool
draft_is_sound(const struct draft *d)
{
	const struct draft_fault *f;

	if (d->kind == DRAFT_BY_SMART && !smarthosts_are_sound(d))
		return false;
	for (size_t i = 0; i < d->fault_count; i++) {
		f = &d->faults[i];
		if (!fault_is_sound(d, f) || !messages_are_sound(d, f))
			return false;
		for (size_t k = 0; k < i; k++)
			if (!pair_is_sound(&d->faults[k], f))
				return false;
	}
	return true;
}
