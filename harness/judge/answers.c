/*
 * What DNS told the MTA: the last answer to each question, as fake_dns
 * reports it (rcode, action, a summary "MX 10 mx1.r.test, MX 20 ..." of the
 * answer section).  Only the octets sent count, not what the zone says.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/judge/ledger.h"

/* Actions after which the MTA cannot know; the truth may follow them. */
static bool
undetermined(const char *action)
{
	static const char *const soft[] = { "drop", "servfail", "refused",
	    "formerr", "notimp", "truncate", "truncate-partial", "wrong-id",
	    "wrong-question", "wrong-source", "mutate", "raw", "cut",
	    "close" };

	for (size_t i = 0; i < sizeof soft / sizeof *soft; i++)
		if (same_text(action, soft[i]))
			return true;
	return false;
}

bool
answers_next_mx(const char **at, struct mx *mx)
{
	const char *p = *at;
	char *end;
	size_t n;

	while (p != NULL && (p = strstr(p, "MX ")) != NULL) {
		p += 3;
		if (p[-3] != 'M' || (p - 3 > *at && p[-4] != ' '))
			continue;
		mx->preference = (int)strtol(p, &end, 10);
		if (end == p || *end != ' ')
			continue;
		n = strcspn(end + 1, ", ");
		if (n == 0 || n >= sizeof mx->name)
			continue;
		memcpy(mx->name, end + 1, n);
		mx->name[n] = '\0';
		*at = end + 1 + n;
		return true;
	}
	return false;
}

/* RFC 7505: one MX and its target is the root. */
static bool
is_null_mx(const char *text)
{
	const char *at = text;
	struct mx mx;
	int all = 0, roots = 0;

	while (answers_next_mx(&at, &mx)) {
		all++;
		roots += strcmp(mx.name, ".") == 0;
	}
	return all > 0 && roots == all;
}

static bool
has_type(const char *text, const char *type)
{
	size_t n = strlen(type);

	for (const char *p = text; p != NULL; p = strstr(p, ", ")) {
		p += strncmp(p, ", ", 2) == 0 ? 2 : 0;
		if (strncmp(p, type, n) == 0 && p[n] == ' ')
			return true;
	}
	return false;
}

enum answer
answer_of(const struct event *ev)
{
	const char *text = ev->text != NULL ? ev->text : "";
	const char *type = ev->qtype != NULL ? ev->qtype : "";

	if (undetermined(ev->action) || ev->rcode == NULL)
		return ANSWER_SOFT;
	if (same_name(ev->rcode, "NXDOMAIN"))
		return ANSWER_NXDOMAIN;
	if (!same_name(ev->rcode, "NOERROR") ||
	    strncmp(text, "truncated", 9) == 0)
		return ANSWER_SOFT;
	if (!has_type(text, type))
		return ANSWER_NODATA;	/* nothing, or an alias without it */
	if (same_text(type, "MX") && is_null_mx(text))
		return ANSWER_NULL_MX;
	return ANSWER_RECORDS;
}

static void
take_aliases(struct ledger *l, const struct event *ev)
{
	const char *from = ev->qname, *p = ev->text;
	struct alias *a;

	while (p != NULL && (p = strstr(p, "CNAME ")) != NULL) {
		p += 6;
		a = arena_push(l->arena, &l->aliases, &l->alias_count,
		    sizeof *a);
		a->from = from;
		a->to = from = arena_strndup(l->arena, p, strcspn(p, ", "));
	}
}

const struct asked *
answers_last(const struct ledger *l, const char *qname, const char *qtype)
{
	for (size_t i = 0; i < l->asked_count; i++)
		if (same_text(l->asked[i].qtype, qtype) &&
		    same_name(l->asked[i].qname, qname))
			return &l->asked[i];
	return NULL;
}

void
answers_take(struct ledger *l, const struct event *ev)
{
	struct asked *q;

	if (ev->kind != EV_DNS_REPLY || ev->qname == NULL ||
	    ev->qtype == NULL)
		return;
	q = (struct asked *)answers_last(l, ev->qname, ev->qtype);
	if (q == NULL) {
		q = arena_push(l->arena, &l->asked, &l->asked_count,
		    sizeof *q);
		q->qname = ev->qname;
		q->qtype = ev->qtype;
	}
	q->answer = answer_of(ev);
	q->ev = ev;
	if (q->answer != ANSWER_SOFT)
		take_aliases(l, ev);
}

const char *
answers_end(const struct ledger *l, const char *name)
{
	for (int depth = 0; depth < 8; depth++) {
		const char *next = NULL;

		for (size_t i = l->alias_count; i-- > 0 && next == NULL;)
			if (same_name(l->aliases[i].from, name))
				next = l->aliases[i].to;
		if (next == NULL)
			break;
		name = next;
	}
	return name;
}
