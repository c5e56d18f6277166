/* The lookups between two sessions in one line. */
#include "harness/report/timeline_int.h"

#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/names.h"
#include "harness/base/timers.h"
#include "harness/report/text.h"

/* Of an answer no more than that is quoted, in columns. */
#define ANSWER_MOST	60
/*
 * Lookups further apart belong to two cycles: no resolver waits that long
 * between two tries, no MTA comes back so soon.
 */
#define CYCLE_GAP_US	(60 * USEC_PER_SEC)

/*
 * Names of the lab itself: the control message's domain, the sender's, the
 * MTA's own, reverse lookups.  Answered well they have no part in the story.
 */
static bool
is_background(const char *qname)
{
	static const char *const ours[] = { "good.test", "s.test",
	    "sut.test", "in-addr.arpa", "ip6.arpa" };
	size_t len, n;

	if (qname == NULL)
		return false;
	len = strlen(qname);
	if (len > 0 && qname[len - 1] == '.')
		len--;
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
		n = strlen(ours[i]);
		if (len >= n && strncasecmp(qname + len - n, ours[i], n) == 0 &&
		    (len == n || qname[len - n - 1] == '.'))
			return true;
	}
	return false;
}

static bool
answered(const struct event *ev)
{
	return ev->rcode != NULL && (strcmp(ev->rcode, "NOERROR") == 0 ||
	    strcmp(ev->rcode, "NXDOMAIN") == 0);
}

static void
describe(struct sbuf *b, const struct event *ev)
{
	size_t start, n;
	const char *text = ev->text;

	if (ev->kind == EV_DATAGRAM) {
		sbuf_puts(b, "lost: ");
		text_clean(b, ev->state);
		return;
	}
	if (ev->rcode == NULL) {
		sbuf_puts(b, "no reply");
		return;
	}
	if (strcmp(ev->rcode, "NOERROR") != 0) {
		text_clean(b, ev->rcode);
		return;
	}
	if (ev->text == NULL) {
		sbuf_puts(b, "NODATA");
		return;
	}
	if (ev->rule == NULL && ev->qtype != NULL &&
	    (strcmp(ev->qtype, "A") == 0 || strcmp(ev->qtype, "AAAA") == 0)) {
		sbuf_puts(b, "ok");	/* the session names the address */
		return;
	}
	/* The type was said with the question. */
	n = ev->qtype != NULL ? strlen(ev->qtype) : 0;
	if (n > 0 && strncmp(text, ev->qtype, n) == 0 && text[n] == ' ')
		text += n + 1;
	start = b->len;
	text_clean(b, text);
	text_cut(b, start, ANSWER_MOST);
}

/* Neither having a rule is the same rule: none. */
static bool
is_of(const struct lookup *l, const char *name, const char *rule)
{
	return (l->name == name || same_name(l->name, name)) &&
	    (l->rule == rule || same_text(l->rule, rule));
}

static bool
has_type(const struct lookup *l, const char *type)
{
	size_t n = strlen(type);
	const char *p = sbuf_str(&l->types);

	while (*p != '\0') {
		if (strncmp(p, type, n) == 0 &&
		    (p[n] == '\0' || p[n] == '+'))
			return true;
		p += strcspn(p, "+");
		p += *p == '+';
	}
	return false;
}

static void
add_type(struct lookup *l, const char *type)
{
	if (has_type(l, type)) {
		l->times++;
		return;
	}
	if (l->types.len > 0)
		sbuf_putc(&l->types, '+');
	sbuf_puts(&l->types, type);
}

static void
keep_lookup(struct teller *t, struct item *it, const struct event *ev)
{
	const char *name = ev->kind == EV_DATAGRAM ? ev->addr : ev->qname;
	struct sbuf answer = { 0 }, type = { 0 };
	struct lookup *l = NULL;

	describe(&answer, ev);
	text_clean(&type, ev->qtype != NULL ? ev->qtype : "");
	for (size_t i = 0; i < it->lookup_count && l == NULL; i++) {
		l = &it->lookups[i];
		if (!is_of(l, name, ev->rule) || strcmp(sbuf_str(&l->answer),
		    sbuf_str(&answer)) != 0)
			l = NULL;
	}
	if (l == NULL) {
		l = arena_push(t->arena, &it->lookups, &it->lookup_count,
		    sizeof *l);
		l->name = name;
		l->rule = ev->rule;
		sbuf_add(&l->answer, answer.data, answer.len);
	}
	add_type(l, sbuf_str(&type));
	sbuf_fini(&answer);
	sbuf_fini(&type);
}

void
teller_lookup(struct teller *t, const struct event *ev)
{
	struct item *it;

	if (ev->kind == EV_DNS_REPLY && ev->rule == NULL && answered(ev) &&
	    is_background(ev->qname) && !t->all && ev->seq != t->decisive)
		return;
	if (t->lookups == 0 || (t->items[t->lookups - 1].t_us < 0) !=
	    (ev->t_us < 0) || ev->t_us - t->items[t->lookups - 1].last_us >
	    CYCLE_GAP_US) {
		it = item_new(t, ev, ITEM_LOOKUPS);
		sbuf_puts(&it->who, "DNS");
		t->lookups = t->count;
	}
	it = &t->items[t->lookups - 1];
	keep_lookup(t, it, ev);
	it->last_us = ev->t_us;
}

void
lookups_tell(struct item *it)
{
	const struct lookup *l;

	for (size_t i = 0; i < it->lookup_count; i++) {
		l = &it->lookups[i];
		if (it->what.len > 0)
			sbuf_puts(&it->what, "; ");
		text_clean(&it->what, l->name != NULL ? l->name :
		    "a malformed query");
		if (l->types.len > 0) {
			sbuf_putc(&it->what, ' ');
			sbuf_add(&it->what, l->types.data, l->types.len);
		}
		sbuf_putc(&it->what, ' ');
		sbuf_puts(&it->what, sbuf_str(&l->answer));
		if (l->times > 0)
			sbuf_printf(&it->what, " x%u", l->times + 1);
		item_rule(it, l->rule);
	}
}
