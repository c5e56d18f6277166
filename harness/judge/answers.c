#include "harness/judge/answers.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"

#define MOST_ALIASES	16

bool
answer_is_garbled(const struct event *ev)
{
	return (same_text(ev->action, "mutate") || same_text(ev->action,
	    "raw")) && (same_name(ev->rcode, "NOERROR") ||
	    same_name(ev->rcode, "NXDOMAIN"));
}

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

bool
answers_names_mx(const struct event *ev, const char *host)
{
	const char *at = ev->text;
	struct mx mx;

	while (answers_next_mx(&at, &mx))
		if (same_name(mx.name, host))
			return true;
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

static const char *
next_alias(const struct ledger *l, const char *name)
{
	const struct indexed *x = index_find(l->by_alias, name);

	return x != NULL ? l->aliases[x->items[x->count - 1]].to : NULL;
}

const char *
answers_end(const struct ledger *l, const char *name)
{
	const char *next;

	for (int depth = 0; depth < MOST_ALIASES && (next = next_alias(l,
	    name)) != NULL; depth++)
		name = next;
	return name;
}

bool
answers_is_told_alias(const struct ledger *l, const char *name)
{
	const struct indexed *x = index_find(l->by_alias, name);

	for (size_t i = 0; x != NULL && i < x->count; i++)
		if (l->aliases[x->items[i]].told)
			return true;
	return false;
}

bool
answers_is_name(const struct ledger *l, const char *name, const char *other)
{
	return same_name(name, other) ||
	    same_name(answers_end(l, name), other);
}

static void
take_aliases(struct ledger *l, const struct event *ev)
{
	const char *from = ev->qname, *p = ev->text;
	struct alias *a;

	while (p != NULL && (p = strstr(p, "CNAME ")) != NULL) {
		p += 6;
		index_add(l, &l->by_alias, from, l->alias_count);
		a = arena_push(l->arena, &l->aliases, &l->alias_count,
		    sizeof *a);
		a->told = same_text(ev->action, "records");
		a->from = from;
		a->to = from = arena_strndup(l->arena, p, strcspn(p, ", "));
	}
}

static const char *
question(char room[static 300], const char *qname, const char *qtype)
{
	snprintf(room, 300, "%s %s", qtype, qname);
	return room;
}

const struct asked *
answers_last(const struct ledger *l, const char *qname, const char *qtype)
{
	const struct indexed *x;
	char room[300];

	if (qname == NULL || qtype == NULL)
		return NULL;
	x = index_find(l->by_question, question(room, qname, qtype));
	return x != NULL ? &l->asked[x->items[0]] : NULL;
}

static struct asked *
asked_of(struct ledger *l, const struct event *ev)
{
	struct asked *q = (struct asked *)answers_last(l, ev->qname,
	    ev->qtype);
	char room[300];

	if (q != NULL)
		return q;
	index_add(l, &l->by_question, question(room, ev->qname, ev->qtype),
	    l->asked_count);
	q = arena_push(l->arena, &l->asked, &l->asked_count, sizeof *q);
	q->qname = ev->qname;
	q->qtype = ev->qtype;
	return q;
}

static void
take_query(struct ledger *l, const struct event *ev)
{
	if (ev->peer == NULL)
		return;
	index_add(l, &l->by_peer, ev->peer, l->query_count);
	*(int64_t *)arena_push(l->arena, &l->queries_us, &l->query_count,
	    sizeof *l->queries_us) = ev->t_us;
}

static bool
is_slow(const struct ledger *l, const struct event *reply)
{
	const struct indexed *x = reply->peer != NULL ?
	    index_find(l->by_peer, reply->peer) : NULL;

	return x != NULL && reply->t_us - l->queries_us[x->items[x->count -
	    1]] >= ANSWER_PATIENCE_US;
}

void
answers_take(struct ledger *l, const struct event *ev)
{
	struct asked *q;

	if (ev->kind == EV_DNS_QUERY)
		take_query(l, ev);
	if (ev->kind != EV_DNS_REPLY || ev->qname == NULL ||
	    ev->qtype == NULL)
		return;
	q = asked_of(l, ev);
	q->slow = is_slow(l, ev);
	q->before = q->ev != NULL ? q->answer : ANSWER_UNASKED;
	q->before_us = q->ev != NULL ? q->ev->t_us : 0;
	q->answer = answer_of(ev);
	q->ev = ev;
	if (q->answer != ANSWER_SOFT)
		take_aliases(l, ev);
}

/* That aliases are a loop shows only when all of them are known. */
enum answer
answers_mean(const struct ledger *l, const struct asked *q)
{
	if (q == NULL)
		return ANSWER_UNASKED;
	return q->answer == ANSWER_NODATA && next_alias(l, answers_end(l,
	    q->qname)) != NULL ? ANSWER_LOOP : q->answer;
}

bool
answers_next_addr(const char **at, char addr[static 64])
{
	const char *p = *at;
	size_t n;

	while (p != NULL && *p != '\0') {
		p += strspn(p, ", ");
		n = strcspn(p, " ");
		if ((n == 1 && p[0] == 'A') || (n == 4 &&
		    memcmp(p, "AAAA", 4) == 0)) {
			p += n + (p[n] == ' ');
			n = strcspn(p, ", ");
			snprintf(addr, 64, "%.*s", (int)n, p);
			*at = p + n;
			return true;
		}
		p = strstr(p, ", ");
	}
	return false;
}

bool
answers_has_addr(const char *text, const char *addr)
{
	char one[64];

	while (answers_next_addr(&text, one))
		if (same_ip(one, addr))
			return true;
	return false;
}

static bool
is_own4(const unsigned char ip[static 4])
{
	return ip[0] == 127 || ip[0] == 0 || (ip[0] == 169 && ip[1] == 254);
}

bool
addr_is_own(const char *addr)
{
	static const unsigned char zero[15];
	unsigned char ip[16];
	char room[64];

	addr = index_addr(addr, room);
	if (addr == NULL)
		return false;
	if (inet_pton(AF_INET, addr, ip) == 1)
		return is_own4(ip);
	if (inet_pton(AF_INET6, addr, ip) != 1)
		return false;
	if (memcmp(ip, zero, 10) == 0 && ip[10] == 0xff && ip[11] == 0xff)
		return is_own4(ip + 12);
	return (memcmp(ip, zero, 15) == 0 && ip[15] <= 1) ||
	    (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80);
}
