/* Which rule of the host decides a contact or a stage of a session. */
#include "fake_smtp/session_impl.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"

static unsigned char
fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* "*" any run, "?" one octet; letters of either case are the same. */
bool
glob_match(const char *p, const char *t)
{
	const char *star = NULL, *retry = NULL;

	while (*t != '\0') {
		if (*p == '*') {
			star = p++;
			retry = t;
		} else if (*p == '?' || (*p != '\0' && fold(*p) == fold(*t))) {
			p++;
			t++;
		} else if (star != NULL) {
			p = star + 1;
			t = ++retry;
		} else
			return false;
	}
	while (*p == '*')
		p++;
	return *p == '\0';
}

static bool
matches_peer(const struct fsmtp_rule *r, const struct addr *client)
{
	if (r->client.family != 0 && !addr_same_ip(&r->client, client))
		return false;
	return r->family == 0 || r->family == client->family;
}

/* Does the rule count its own contacts, as it is not about every one? */
static bool
counts_own(const struct fsmtp_rule *r)
{
	if (r->rule.phase.first == 0 && r->rule.phase.after == 0)
		return false;
	return r->counts != FSMTP_COUNT_CONNECTIONS || r->family != 0 ||
	    r->client.family != 0 || r->sender != NULL ||
	    r->recipient != NULL || r->nth_in_session != 0 ||
	    r->from_nth != 0 || r->after_rcpts != 0;
}

struct fsmtp_rule *
fsmtp_rule_for_contact(struct fsmtp_host *h, const struct addr *client,
    uint32_t contact, int64_t now_us)
{
	struct fsmtp_rule *first = NULL;
	uint32_t number;

	for (size_t i = 0; i < h->rule_count; i++) {
		struct fsmtp_rule *r = &h->rules[i];

		if (r->stage != FSMTP_CONNECT || r->nth_in_session > 1 ||
		    r->from_nth > 1 || r->after_rcpts > 0 ||
		    r->sender != NULL || r->recipient != NULL ||
		    !matches_peer(r, client))
			continue;
		number = counts_own(r) ? ++r->contacts : contact;
		if (first == NULL &&
		    phase_covers(&r->rule.phase, number, now_us))
			first = r;
	}
	return first;
}

void
session_rules_open(struct fsmtp_session *s)
{
	const struct fsmtp_host *h = s->c.host;
	bool own = false;

	for (size_t i = 0; i < h->rule_count; i++) {
		s->stages_ruled |= 1u << h->rules[i].stage;
		s->any_early |= h->rules[i].early;
		own |= counts_own(&h->rules[i]);
	}
	if (!own)
		return;
	if (s->met_cap < h->rule_count) {
		s->met_cap = h->rule_count;
		s->met = xreallocarray(s->met, s->met_cap, sizeof *s->met);
	}
	memset(s->met, 0, h->rule_count * sizeof *s->met);
}

/*
 * The number of this contact as the i-th rule, which matches, counts: once a
 * connection, or once a transaction.  At an early reply to MAIL the
 * transaction is yet to begin.
 */
static uint32_t
contact_of(struct fsmtp_session *s, size_t i, bool early)
{
	struct fsmtp_rule *r = &s->c.host->rules[i];
	uint32_t span = 1;

	if (s->c.contact == 0 || !counts_own(r))
		return s->c.contact;
	if (r->counts == FSMTP_COUNT_TRANSACTIONS)
		span = s->txn_number + (early && r->stage == FSMTP_MAIL);
	if (s->met[i].span != span) {
		s->met[i].span = span;
		s->met[i].number = ++r->contacts;
	}
	return s->met[i].number;
}

/* `rcpt` NULL: any recipient of the open transaction will do. */
static bool
matches_recipient(const struct fsmtp_session *s, const char *glob,
    const char *rcpt)
{
	const struct fsmtp_txn *t = s->txn;

	if (glob == NULL)
		return true;
	if (rcpt != NULL)
		return glob_match(glob, rcpt);
	for (size_t i = 0; t != NULL && i < t->count; i++)
		if (glob_match(glob, t->text.data + t->rcpts[i].address))
			return true;
	return false;
}

static bool
matches_sender(const struct fsmtp_session *s, const char *glob)
{
	const char *from = session_txn_from(s);

	return glob == NULL || (from != NULL && glob_match(glob, from));
}

/* What only the session's own past can tell. */
static bool
matches_count(const struct fsmtp_session *s, const struct fsmtp_rule *r,
    int nth)
{
	size_t rcpts = s->txn != NULL ? s->txn->count : 0;

	if (r->nth_in_session != 0 && r->nth_in_session != nth)
		return false;
	if (nth < r->from_nth)
		return false;
	return r->after_rcpts <= 0 || rcpts >= (size_t)r->after_rcpts;
}

struct fsmtp_rule *
session_rule(struct fsmtp_session *s, enum fsmtp_stage stage, const char *rcpt,
    bool early)
{
	int nth = s->reached[stage] + (early ? 1 : 0);
	struct fsmtp_rule *first = NULL;
	uint32_t number;

	if ((s->stages_ruled & 1u << stage) == 0)
		return NULL;
	for (size_t i = 0; i < s->c.host->rule_count; i++) {
		struct fsmtp_rule *r = &s->c.host->rules[i];

		if (r->stage != stage)
			continue;
		if (stage == FSMTP_BODY && r->octets != s->body_mark)
			continue;
		if (early && !r->early)
			continue;
		if (!matches_count(s, r, nth) ||
		    !matches_peer(r, &s->c.client) ||
		    !matches_sender(s, r->sender) ||
		    !matches_recipient(s, r->recipient, rcpt))
			continue;
		number = contact_of(s, i, early);
		if (first == NULL &&
		    phase_covers(&r->rule.phase, number, s->now_us))
			first = r;
	}
	return first;
}
