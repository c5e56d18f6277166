/*
 * Each event is told by the item it belongs to: a session, the lookups since
 * the last session, or an item of its own.  An item is dull until something
 * in it is worth a line.
 */
#include "harness/report/timeline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/names.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/report/text.h"
#include "harness/report/timeline_int.h"

struct item *
item_new(struct teller *t, const struct event *ev, enum item_kind kind)
{
	struct item *it = arena_push(t->arena, &t->items, &t->count,
	    sizeof *it);

	it->kind = kind;
	it->t_us = it->last_us = ev->t_us;
	it->addr = ev->addr;
	it->peer = ev->peer;
	it->host = ev->host;
	it->conn = ev->conn;
	return it;
}

void
item_rule(struct item *it, const char *rule)
{
	if (rule == NULL || *rule == '\0')
		return;
	sbuf_puts(&it->what, " (rule ");
	text_clean(&it->what, rule);
	sbuf_putc(&it->what, ')');
	for (size_t i = 0; i < LINE_RULES; i++) {
		if (it->rules[i] == NULL)
			it->rules[i] = rule;
		if (strcmp(it->rules[i], rule) == 0)
			break;
	}
}

void
item_part(struct item *it)
{
	if (it->what.len > 0)
		sbuf_puts(&it->what, ", ");
}

/* An item that is one event: who, then what by printf of clean text. */
static struct item *
single(struct teller *t, const struct event *ev, const char *who)
{
	struct item *it = item_new(t, ev, ITEM_SINGLE);

	text_clean(&it->who, who);
	if (ev->kind != EV_QUEUE)
		t->lookups = 0;		/* later lookups come after it */
	return it;
}

static void
pair(struct item *it, const char *before, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	sbuf_puts(&it->what, before);
	text_clean(&it->what, text);
}

static void
tell_inject(struct teller *t, const struct event *ev)
{
	struct item *it;

	if (!teller_is_control(t, ev->msg))
		t->injected = true;
	/* Accepted steps before the last one are no news. */
	if ((ev->code / 100 == 2 || ev->code / 100 == 3) &&
	    !same_text(ev->stage, "eod") && !same_text(ev->stage, "exit") &&
	    ev->seq != t->decisive)
		return;
	it = single(t, ev, "submission");
	it->dull = teller_is_control(t, ev->msg) && ev->code / 100 == 2;
	text_clean(&it->what, ev->msg);
	pair(it, " from ", ev->from != NULL && *ev->from == '\0' ? "<>" :
	    ev->from);
	pair(it, " to ", ev->rcpt);
	if (ev->code == 0)
		sbuf_puts(&it->what, " failed");
	else
		sbuf_puts(&it->what, ev->code / 100 == 2 ? " accepted" :
		    " refused");
	pair(it, ": ", ev->text);
}

static void
tell_report(struct teller *t, const struct event *ev)
{
	struct item *it = single(t, ev, "report");
	struct item *session = teller_session(t, ev->conn);

	if (session != NULL)
		session->carried_report = true;
	pair(it, "", ev->msg);
	pair(it, " for ", ev->rcpt);
	pair(it, " ", ev->action);
	pair(it, " ", ev->status);
	pair(it, ", sent to ", ev->to);
	if (ev->ok == NO)
		pair(it, ", malformed: ", ev->defect != NULL ? ev->defect :
		    "no reason given");
	pair(it, "; ", ev->text);
}

/*
 * Is this reading other than the last of the same unit?  The first is no
 * news if it finds the message where it must be.
 */
static bool
queue_changed(struct teller *t, const struct event *ev)
{
	struct reading *r;

	for (size_t i = 0; i < t->reading_count; i++) {
		r = &t->readings[i];
		if (!same_text(r->msg, ev->msg) || (r->rcpt != ev->rcpt &&
		    !same_text(r->rcpt, ev->rcpt)))
			continue;
		if (same_text(r->state, ev->state))
			return false;
		r->state = ev->state;
		return true;
	}
	r = arena_push(t->arena, &t->readings, &t->reading_count, sizeof *r);
	r->msg = ev->msg;
	r->rcpt = ev->rcpt;
	r->state = ev->state;
	return !same_text(ev->state, "yes");
}

static void
tell_queue(struct teller *t, const struct event *ev)
{
	struct item *it;

	if (!queue_changed(t, ev) && ev->seq != t->decisive && !t->all)
		return;
	it = single(t, ev, "queue");
	pair(it, "", ev->msg);
	pair(it, " for ", ev->rcpt);
	sbuf_puts(&it->what, same_text(ev->state, "yes") ? " is queued" :
	    same_text(ev->state, "no") ? " is no longer queued" :
	    ": not known");
}

static void
tell_mta(struct teller *t, const struct event *ev)
{
	struct item *it = single(t, ev, "MTA");

	/* That it was started is no news until there is mail in it. */
	it->dull = !t->injected && (same_text(ev->verb, "start") ||
	    same_text(ev->verb, "ready"));
	if (same_text(ev->state, "signal")) {
		pair(it, "", ev->text);
		sbuf_printf(&it->what, " died of signal %d", (int)ev->num);
	} else {
		pair(it, "", ev->verb);
		if (same_text(ev->verb, "exit"))
			sbuf_printf(&it->what, " status %d", (int)ev->num);
	}
	item_rule(it, ev->rule);
}

static void
tell_network(struct teller *t, const struct event *ev)
{
	struct item *it = single(t, ev, "network");

	if (ev->kind == EV_CONNECT_FAILED) {
		pair(it, "connect to ", ev->addr);
		pair(it, " failed at once: ", ev->state);
		pair(it, " in ", ev->text);
		it->attempt = true;
	} else {
		pair(it, "", ev->host);
		pair(it, " ", ev->state);
	}
	item_rule(it, ev->rule);
}

/* What has no words of its own: its name and whatever it says. */
static void
tell_plainly(struct teller *t, const struct event *ev)
{
	struct item *it = single(t, ev, "harness");

	sbuf_puts(&it->what, event_name(ev->kind));
	pair(it, " ", ev->name);
	pair(it, " ", ev->host);
	pair(it, " ", ev->msg);
	pair(it, " ", ev->from);
	pair(it, " to ", ev->to != NULL ? ev->to : ev->rcpt);
	pair(it, ": ", ev->text);
	item_rule(it, ev->rule);
}

static bool
is_news(const struct teller *t, const struct event *ev)
{
	if (ev->seq == t->decisive)
		return true;
	if (ev->kind == EV_DNS_QUERY)
		return false;		/* its reply says all of it */
	if (t->all)
		return true;
	switch (ev->kind) {
	case EV_RUN_START:
		return false;
	case EV_FLAG:
		return !same_text(ev->name, "legit") &&
		    !same_text(ev->name, "rule");
	default:
		return true;
	}
}

static void
tell(struct teller *t, const struct event *ev)
{
	switch (ev->kind) {
	case EV_DNS_REPLY:
	case EV_DATAGRAM:
		teller_lookup(t, ev);
		break;
	case EV_SYN:
	case EV_SMTP_OPEN:
	case EV_SMTP_COMMAND:
	case EV_SMTP_REPLY:
	case EV_SMTP_RCPT:
	case EV_SMTP_EOD:
	case EV_SMTP_COPY:
	case EV_SMTP_VIOLATION:
	case EV_SMTP_CLOSE:
		teller_smtp(t, ev);
		break;
	case EV_INJECT:
		tell_inject(t, ev);
		break;
	case EV_DSN:
		tell_report(t, ev);
		break;
	case EV_QUEUE:
		tell_queue(t, ev);
		break;
	case EV_MTA:
		tell_mta(t, ev);
		break;
	case EV_NETWORK:
	case EV_CONNECT_FAILED:
		tell_network(t, ev);
		break;
	case EV_RUN_END:
		pair(single(t, ev, "harness"), "the run ended: ", ev->text);
		break;
	default:
		tell_plainly(t, ev);
	}
}

/* Marks the item that the decisive event went into. */
static void
mark_decisive(struct teller *t, const struct event *ev, size_t before)
{
	struct item *it = NULL;

	if (ev->seq != t->decisive)
		return;
	if (t->count > before)
		it = &t->items[t->count - 1];
	else if (ev->kind == EV_DNS_REPLY || ev->kind == EV_DATAGRAM) {
		assert(t->lookups > 0);
		it = &t->items[t->lookups - 1];
	} else if (ev->conn != 0)
		it = teller_session(t, ev->conn);
	if (it != NULL)
		it->decisive = true;
}

static uint64_t
shape_of(const struct item *it)
{
	uint64_t h = UINT64_C(14695981039346656037);
	const struct sbuf *parts[] = { &it->who, &it->what };

	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < parts[k]->len; i++)
			h = (h ^ (unsigned char)parts[k]->data[i]) *
			    UINT64_C(1099511628211);
		h = (h ^ 0x100) * UINT64_C(1099511628211);
	}
	/* Sums of shapes are compared: spread them once more. */
	h ^= h >> 31;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return it->decisive ? ~h ^ (h >> 7) : h ^ (h >> 29);
}

static void
add_line(struct timeline *tl, const struct teller *t, const struct item *it)
{
	struct timeline_line *line;

	if (!it->decisive && !t->all && (item_is_dull(it) ||
	    (it->t_us < 0 && !it->fault)))
		return;
	if (it->what.len == 0 && !it->decisive)
		return;
	line = arena_push(tl->arena, &tl->lines, &tl->count, sizeof *line);
	line->t_us = it->t_us;
	line->who = arena_strdup(tl->arena, sbuf_str(&it->who));
	line->what = arena_strdup(tl->arena, sbuf_str(&it->what));
	memcpy(line->rules, it->rules, sizeof line->rules);
	line->decisive = it->decisive;
	line->attempt = it->attempt || it->kind != ITEM_SINGLE;
	line->shape = shape_of(it);
}

void
timeline_build(struct timeline *tl, const struct scenario *sc,
    const struct trace *trace, uint64_t decisive, bool all)
{
	struct teller t = { .scenario = sc, .decisive = decisive,
	    .all = all };
	const struct event *ev;
	size_t before;

	memset(tl, 0, sizeof *tl);
	tl->arena = t.arena = arena_new();
	for (size_t i = 0; trace != NULL && i < trace->count; i++) {
		ev = &trace->events[i];
		before = t.count;
		if (!is_news(&t, ev))
			continue;
		tell(&t, ev);
		if (ev->kind == EV_HARNESS_FAULT)
			t.items[t.count - 1].fault = true;
		mark_decisive(&t, ev, before);
	}
	for (size_t i = 0; i < t.count; i++) {
		item_finish(&t.items[i]);
		add_line(tl, &t, &t.items[i]);
		item_fini(&t.items[i]);
	}
}
