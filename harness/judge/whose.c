#include "harness/judge/whose.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/judge/answers.h"

/* --- senders --- */

bool
whose_sender(const char *command, char sender[static SENDER_SIZE])
{
	const char *lt = command != NULL ? strchr(command, '<') : NULL;
	const char *p;
	bool quoted = false;
	size_t n;

	if (lt == NULL)
		return false;
	for (p = lt + 1; *p != '\0' && (quoted || *p != '>'); p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '\\' && p[1] != '\0')
			p++;
	}
	n = (size_t)(p - lt - 1);
	if (n >= SENDER_SIZE)
		return false;
	memcpy(sender, lt + 1, n);
	sender[n] = '\0';
	return true;
}

/* The message that "a+KEY@s.test" or "a+KEY-RUN@s.test" is tagged with. */
static struct mail *
tagged(const struct ledger *l, const char *address)
{
	const char *at = strrchr(address, '@'), *plus = at;
	struct mail *m;
	char key[64], *dash;
	size_t n;

	while (plus != NULL && plus > address && *plus != '+')
		plus--;
	if (plus == NULL || *plus != '+')
		return NULL;
	n = strcspn(plus + 1, "\"@");
	if (n == 0 || n >= sizeof key)
		return NULL;
	memcpy(key, plus + 1, n);
	key[n] = '\0';
	m = ledger_mail(l, key);
	if (m == NULL && (dash = strrchr(key, '-')) != NULL) {
		*dash = '\0';
		m = ledger_mail(l, key);
	}
	return m != NULL && whose_sender_is(l, m, address) ? m : NULL;
}

/*
 * The address less its tag is the sender; quotes are of no account.  What its
 * domain is an alias of may stand in its place (RFC 5321 2.3.5).
 */
static bool
is_tagged_sender(const struct ledger *l, const char *from,
    const char *address)
{
	const char *at = strrchr(from, '@'), *plus = strrchr(address, '+');
	const char *to = strrchr(address, '@');
	size_t local = at != NULL ? (size_t)(at - from) : 0;

	if (at == NULL || plus == NULL || to == NULL || plus > to ||
	    !answers_is_name(l, at + 1, to + 1))
		return false;
	if (local > 1 && from[local - 1] == '"')
		local--;
	return (size_t)(plus - address) == local &&
	    strncasecmp(from, address, local) == 0;
}

bool
whose_sender_is(const struct ledger *l, const struct mail *m,
    const char *address)
{
	const char *from = m->message->from;

	if (address == NULL || from == NULL || *from == '\0')
		return address != NULL && *address == '\0';
	return same_name(address, from) || is_tagged_sender(l, from, address);
}

struct mail *
whose_mail(const struct ledger *l, const char *sender)
{
	struct mail *m, *only = NULL;

	if (sender == NULL || *sender == '\0')
		return NULL;
	if ((m = tagged(l, sender)) != NULL)
		return m;
	if (strchr(sender, '@') == NULL)
		return NULL;
	/* Without a tag only if one message alone has that sender. */
	for (size_t i = 0; i < l->mail_count; i++) {
		m = &l->mails[i];
		if (!same_name(m->message->from, sender))
			continue;
		if (only != NULL)
			return NULL;
		only = m;
	}
	return only;
}

/* --- recipients --- */

static bool
same_local(const char *a, const char *b, size_t n)
{
	return strncmp(a, b, n) == 0;
}

/* The address less a "+tag" of its own is the unit's, or the reverse. */
static bool
differs_by_tag(const char *rcpt, const char *to)
{
	const char *at = strrchr(rcpt, '@'), *plus = strchr(rcpt, '+');
	size_t n = plus != NULL ? (size_t)(plus - rcpt) : 0;

	return at != NULL && plus != NULL && plus < at &&
	    strncasecmp(rcpt, to, n) == 0 && same_name(to + n, at);
}

/* Knows the unit by its address alone? */
static bool
is_named(const struct ledger *l, const struct entry *e, const char *to,
    enum identity *how)
{
	const char *at = strrchr(to, '@');
	size_t n = strlen(e->rcpt) - strlen(e->domain);

	if (same_name(e->rcpt, to)) {
		*how = strncmp(e->rcpt, to, n) == 0 ? ID_NAMED : ID_CASED;
		return true;
	}
	if (at != NULL && (size_t)(at + 1 - to) == n &&
	    same_local(to, e->rcpt, n)) {
		*how = same_name(at + 1, answers_end(l, e->domain)) ?
		    ID_ALIAS_END : ID_ELSEWHERE;
		return true;
	}
	if (differs_by_tag(e->rcpt, to)) {
		*how = ID_UNTAGGED;
		return true;
	}
	return false;
}

static struct entry *
find_named(const struct ledger *l, const struct mail *m, const char *to,
    enum identity *how)
{
	struct entry *e = ledger_find(l, m->key, to);

	if (e != NULL && is_named(l, e, to, how))
		return e;
	for (size_t i = 0; i < m->count; i++) {
		e = &l->entries[m->first + i];
		if (is_named(l, e, to, how))
			return e;
	}
	return NULL;
}

static int
hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : c >= 'A' && c <= 'F' ?
	    c - 'A' + 10 : -1;
}

/* The address of "... ORCPT=rfc822;a+2Bb@r.test ..." (RFC 3461 4, xtext). */
static bool
read_orcpt(const char *command, char room[static SENDER_SIZE])
{
	const char *p = command != NULL ? strcasestr(command, " ORCPT=") :
	    NULL;
	size_t n = 0;

	if (p == NULL || (p = strchr(p, ';')) == NULL)
		return false;
	for (p++; *p != '\0' && *p != ' ' && n < SENDER_SIZE - 1; p++)
		if (*p == '+' && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
			room[n++] = (char)(hex(p[1]) * 16 + hex(p[2]));
			p += 2;
		} else
			room[n++] = *p;
	room[n] = '\0';
	return n > 0;
}

/* Has the unit had its part of this event's transaction already? */
static bool
is_served(const struct ledger *l, size_t nr, const struct event *ev)
{
	const struct session *s = ledger_session_of(l, ev->conn);
	const struct entry *e = &l->entries[nr];

	if (ev->kind == EV_SMTP_COPY)
		return e->copy_count > 0 &&
		    e->copies[e->copy_count - 1].ev->conn == ev->conn &&
		    e->copies[e->copy_count - 1].ev != ev;
	for (size_t i = 0; s != NULL && ev->kind == EV_SMTP_RCPT &&
	    i < s->offer_count; i++)
		if (s->offers[i].entry == nr &&
		    s->offers[i].seq != ev->seq)
			return true;
	return false;
}

/* Two recipients may have become one mailbox: each has its turn. */
static const struct binding *
find_binding(const struct ledger *l, const struct mail *m,
    const struct event *ev)
{
	const struct binding *any = NULL;

	for (size_t i = 0; i < m->binding_count; i++) {
		if (!same_name(m->bindings[i].address, ev->rcpt))
			continue;
		any = &m->bindings[i];
		if (!is_served(l, any->entry, ev))
			break;
	}
	return any;
}

static struct entry *
bind_to(struct ledger *l, struct mail *m, struct entry *e, enum identity how,
    const struct event *ev, const char *address)
{
	struct binding *b = arena_push(l->arena, &m->bindings,
	    &m->binding_count, sizeof *b);

	b->address = address;
	b->entry = (size_t)(e - l->entries);
	b->how = how;
	b->ev = ev;
	if (e->rewritten == NULL) {
		e->rewritten = ev;
		e->rewrite = how;
	}
	if (how == ID_PRESUMED)
		e->presumed = true;
	else
		e->named = true;
	return e;
}

/* The first of the message's recipients that nobody has seen yet. */
static struct entry *
find_unseen(const struct ledger *l, const struct mail *m)
{
	for (size_t i = 0; i < m->count; i++) {
		struct entry *e = &l->entries[m->first + i];

		if (!e->named && !e->presumed)
			return e;
	}
	return NULL;
}

static struct entry *
told_by_orcpt(struct ledger *l, struct mail *m, const struct event *ev)
{
	const struct session *s = ledger_session_of(l, ev->conn);
	char orcpt[SENDER_SIZE];
	enum identity how;

	return ev->kind == EV_SMTP_RCPT && s != NULL &&
	    read_orcpt(s->rcpt, orcpt) ? find_named(l, m, orcpt, &how) : NULL;
}

struct entry *
whose_unit(struct ledger *l, const struct event *ev, enum identity *how)
{
	struct mail *m = ledger_mail(l, ev->msg);
	const struct binding *b;
	struct entry *e;

	*how = ID_NAMED;
	if (m == NULL || ev->rcpt == NULL)
		return NULL;
	e = find_named(l, m, ev->rcpt, how);
	if (e != NULL && *how == ID_NAMED) {
		e->named = true;
		return e;
	}
	b = find_binding(l, m, ev);
	if (b != NULL && is_served(l, b->entry, ev) &&
	    ev->kind == EV_SMTP_RCPT && (e = find_unseen(l, m)) != NULL) {
		*how = ID_PRESUMED;
		return bind_to(l, m, e, *how, ev, ev->rcpt);
	}
	if (b != NULL) {
		*how = b->how;
		return &l->entries[b->entry];
	}
	if (e == NULL && (e = told_by_orcpt(l, m, ev)) != NULL)
		*how = ID_TOLD;
	/* Its own sender is the one to whom a report goes. */
	if (e == NULL && !whose_sender_is(l, m, ev->rcpt) &&
	    (e = find_unseen(l, m)) != NULL)
		*how = m->count == 1 ? ID_TOLD : ID_PRESUMED;
	return e != NULL ? bind_to(l, m, e, *how, ev, ev->rcpt) : NULL;
}

void
whose_take(struct ledger *l, const struct event *ev)
{
	enum identity how;

	if (ev->kind == EV_SMTP_RCPT || ev->kind == EV_SMTP_COPY)
		whose_unit(l, ev, &how);
}

/* --- reports --- */

/* Of those that became this address, the first of which none has told. */
static const struct binding *
find_reported(const struct ledger *l, const struct mail *m,
    const char *address)
{
	const struct binding *any = NULL;

	for (size_t i = 0; i < m->binding_count; i++) {
		if (!same_name(m->bindings[i].address, address))
			continue;
		if (any == NULL || l->entries[any->entry].reports > 0)
			any = &m->bindings[i];
	}
	return any;
}

struct entry *
whose_report(struct ledger *l, const struct event *ev, const char **defect)
{
	struct mail *m = ledger_mail(l, ev->msg);
	const struct binding *b;
	enum identity how = ID_NAMED;
	struct entry *e = NULL;

	if (m == NULL || m->count == 0)
		return NULL;
	if (ev->orcpt != NULL)
		e = find_named(l, m, ev->orcpt, &how);
	if (e != NULL)
		return e;
	if (ev->rcpt != NULL && (e = find_named(l, m, ev->rcpt, &how)) !=
	    NULL) {
		if (how == ID_CASED)
			*defect = "the recipient is not written as it was";
		return e;
	}
	if (ev->rcpt != NULL && (b = find_reported(l, m, ev->rcpt)) != NULL)
		return &l->entries[b->entry];
	if (ev->rcpt != NULL && m->count > 1) {
		e = find_unseen(l, m);
		return e == NULL ? NULL : bind_to(l, m, e, ID_PRESUMED, ev,
		    ev->rcpt);
	}
	*defect = ev->rcpt == NULL ? "it names no recipient" :
	    "it names another recipient";
	return m->count == 1 ? &l->entries[m->first] : NULL;
}
