/* Which rule of the host decides a contact or a stage of a session. */
#include "fake_smtp/session_impl.h"

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

struct fsmtp_rule *
fsmtp_rule_for_contact(struct fsmtp_host *h, const struct addr *client,
    uint32_t contact, int64_t now_us)
{
	for (size_t i = 0; i < h->rule_count; i++) {
		struct fsmtp_rule *r = &h->rules[i];

		if (r->stage == FSMTP_CONNECT && r->nth_in_session <= 1 &&
		    r->from_nth <= 1 && r->after_rcpts <= 0 &&
		    r->sender == NULL && r->recipient == NULL &&
		    matches_peer(r, client) &&
		    phase_covers(&r->rule.phase, contact, now_us))
			return r;
	}
	return NULL;
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
		if (matches_count(s, r, nth) && matches_peer(r, &s->c.client) &&
		    phase_covers(&r->rule.phase, s->c.contact, s->now_us) &&
		    matches_sender(s, r->sender) &&
		    matches_recipient(s, r->recipient, rcpt))
			return r;
	}
	return NULL;
}
