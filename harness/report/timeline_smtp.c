/* An SMTP session, from the first packet to the last, in one line. */
#include "harness/report/timeline_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/names.h"
#include "harness/base/timers.h"
#include "harness/report/text.h"

/* Of a reply no more than that is quoted, in columns. */
#define QUOTE_MOST	72
/* A pause that is worth a word. */
#define PAUSE_US	(2 * USEC_PER_SEC)

bool
teller_is_control(const struct teller *t, const char *msg)
{
	const struct scenario *sc = t->scenario;

	for (size_t i = 0; sc != NULL && i < sc->message_count; i++)
		if (sc->messages[i].control &&
		    same_text(sc->messages[i].key, msg))
			return true;
	return false;
}

struct item *
teller_session(struct teller *t, int64_t conn)
{
	for (size_t i = t->count; conn != 0 && i > 0; i--)
		if (t->items[i - 1].kind == ITEM_SESSION &&
		    t->items[i - 1].conn == conn)
			return &t->items[i - 1];
	return NULL;
}

/* The contact that this connection came from. */
static struct item *
contact_of(struct teller *t, const struct event *ev)
{
	for (size_t i = t->count; i > 0; i--) {
		struct item *it = &t->items[i - 1];

		if (it->kind == ITEM_SESSION && it->conn == 0 &&
		    same_text(it->addr, ev->addr) &&
		    same_text(it->peer, ev->peer))
			return it;
	}
	return NULL;
}

void
item_finish(struct item *it)
{
	if (it->kind == ITEM_LOOKUPS) {
		lookups_tell(it);
		return;
	}
	if (it->part.len == 0)
		return;
	item_part(it);
	sbuf_add(&it->what, it->part.data, it->part.len);
	if (it->part_times > 1)
		sbuf_printf(&it->what, " x%u", it->part_times);
	sbuf_clear(&it->part);
	it->part_times = 0;
}

/* Appends a part; the same one again is counted. */
static void
say(struct item *it, const char *text, const char *rule)
{
	struct sbuf b = { 0 };

	sbuf_puts(&b, text);
	if (rule != NULL && *rule != '\0') {
		sbuf_puts(&b, " (rule ");
		text_clean(&b, rule);
		sbuf_putc(&b, ')');
		for (size_t i = 0; i < LINE_RULES; i++) {
			if (it->rules[i] == NULL)
				it->rules[i] = rule;
			if (strcmp(it->rules[i], rule) == 0)
				break;
		}
		it->odd = true;
	}
	if (it->part.len == 0 || strcmp(sbuf_str(&it->part),
	    sbuf_str(&b)) != 0)
		item_finish(it);
	sbuf_clear(&it->part);
	sbuf_add(&it->part, b.data, b.len);
	it->part_times++;
	sbuf_fini(&b);
}

static void
name_peer(struct item *it, const struct event *ev)
{
	sbuf_clear(&it->who);
	text_clean(&it->who, ev->host);
	if (ev->host != NULL && ev->addr != NULL)
		sbuf_putc(&it->who, ' ');
	text_clean(&it->who, ev->addr);
}

static const struct {
	const char *state, *text;
} contacts[] = {
	{ "refuse", "connection refused" },
	{ "reset", "connection reset" },
	{ "blackhole", "no answer to the connection (blackhole)" },
	{ "close", "connected and closed" },
};

static void
tell_contact(struct teller *t, const struct event *ev)
{
	struct item *it = item_new(t, ev, ITEM_SESSION);
	struct sbuf b = { 0 };

	it->conn = 0;
	name_peer(it, ev);
	if (same_text(ev->state, "open")) {
		/* Nothing more of it: the handshake led to nothing. */
		it->dull = ev->rule == NULL;
		return;
	}
	for (size_t i = 0; i < sizeof contacts / sizeof contacts[0]; i++)
		if (same_text(ev->state, contacts[i].state))
			sbuf_puts(&b, contacts[i].text);
	if (b.len == 0) {
		sbuf_puts(&b, "unreachable: ");
		text_clean(&b, ev->state);
	}
	it->odd = true;
	say(it, sbuf_str(&b), ev->rule);
	sbuf_fini(&b);
}

static void
tell_open(struct teller *t, const struct event *ev)
{
	struct item *it = contact_of(t, ev);

	if (it == NULL)
		it = item_new(t, ev, ITEM_SESSION);
	it->conn = ev->conn;
	it->host = ev->host;
	name_peer(it, ev);
}

/* The address a reply to RCPT is about, if it is known for certain. */
static void
take_recipient(struct item *it, struct sbuf *out)
{
	size_t len;

	if (it->rcpts.len == 0)
		return;
	len = strlen(it->rcpts.data);
	sbuf_puts(out, " <");
	text_clean(out, it->rcpts.data);
	sbuf_putc(out, '>');
	sbuf_consume(&it->rcpts, len + 1);
}

static bool
many_recipients(const struct teller *t)
{
	size_t n = 0;

	for (size_t i = 0; t->scenario != NULL &&
	    i < t->scenario->message_count; i++)
		if (!t->scenario->messages[i].control)
			n += t->scenario->messages[i].to_count;
	return n > 1;
}

static void
stage_word(struct sbuf *b, const char *stage)
{
	size_t start;

	if (stage == NULL || same_text(stage, "greeting"))
		return;
	if (same_text(stage, "eod")) {
		sbuf_puts(b, "message");
		return;
	}
	start = b->len;
	text_clean(b, stage);
	for (size_t i = start; i < b->len; i++)
		b->data[i] = (char)toupper((unsigned char)b->data[i]);
}

static void
reply_text(struct sbuf *b, const struct event *ev, bool good)
{
	size_t start;
	char code[8];

	if (b->len > 0)
		sbuf_putc(b, ' ');
	start = b->len;
	snprintf(code, sizeof code, "%d", (int)ev->code);
	if (good)
		sbuf_puts(b, code);
	else if (ev->text == NULL)
		sbuf_puts(b, ev->code != 0 ? code : "no reply");
	else {
		if (ev->code != 0 && strncmp(ev->text, code, 3) != 0)
			sbuf_printf(b, "%s ", code);
		text_clean(b, ev->text);
		text_cut(b, start, QUOTE_MOST);
	}
	if (ev->action != NULL) {
		sbuf_puts(b, " (");
		text_clean(b, ev->action);
		sbuf_putc(b, ')');
	}
}

/* Healthy replies that every session has say nothing. */
static bool
goes_without_saying(const struct event *ev)
{
	static const char *const stages[] = { "ehlo", "helo", "data", "rset",
	    "noop", "quit", "starttls", "auth", "bdat" };

	for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++)
		if (same_text(ev->stage, stages[i]))
			return true;
	return false;
}

static void
tell_reply(struct teller *t, struct item *it, const struct event *ev)
{
	bool good = (ev->code / 100 == 2 || ev->code / 100 == 3) &&
	    ev->rule == NULL && ev->action == NULL;
	struct sbuf b = { 0 }, rcpt = { 0 };

	it->spoken = true;
	if (same_text(ev->stage, "rcpt"))
		take_recipient(it, &rcpt);
	if (good && goes_without_saying(ev) && !t->all &&
	    ev->seq != t->decisive)
		goto out;
	if (!good)
		it->odd = true;
	stage_word(&b, ev->stage);
	if (many_recipients(t))
		sbuf_puts(&b, sbuf_str(&rcpt));
	reply_text(&b, ev, good);
	say(it, sbuf_str(&b), ev->rule);
out:
	sbuf_fini(&b);
	sbuf_fini(&rcpt);
}

static void
whose(struct teller *t, struct item *it, const struct event *ev)
{
	if (ev->msg != NULL && teller_is_control(t, ev->msg))
		it->control = true;
	else
		it->others = true;
}

static void
tell_copy(struct teller *t, struct item *it, const struct event *ev)
{
	struct sbuf b = { 0 };

	whose(t, it, ev);
	if (ev->msg == NULL || (ev->stored != YES && ev->acked != YES))
		return;
	text_clean(&b, ev->msg);
	if (many_recipients(t)) {
		sbuf_puts(&b, " for ");
		text_clean(&b, ev->rcpt);
	}
	sbuf_puts(&b, ev->stored == YES ? " stored" :
	    " acknowledged, not stored");
	if (ev->stored == YES && ev->acked == NO)
		sbuf_puts(&b, ", the reply lost");
	if (same_text(ev->hash, "bad"))
		sbuf_puts(&b, ", damaged");
	if (ev->acked == NO || same_text(ev->hash, "bad"))
		it->odd = true;
	say(it, sbuf_str(&b), NULL);
	sbuf_fini(&b);
}

static void
tell_close(struct teller *t, struct item *it, const struct event *ev)
{
	bool client = same_text(ev->by, "client");
	struct sbuf b = { 0 };

	it->closed = true;
	if (client && it->quit && same_text(ev->state, "fin") && !t->all &&
	    ev->seq != t->decisive)
		return;
	if (!client && it->quit && ev->rule == NULL && !t->all &&
	    ev->seq != t->decisive)
		return;
	sbuf_puts(&b, client ? "client " : "server ");
	sbuf_puts(&b, same_text(ev->state, "fin") ? "closes" :
	    same_text(ev->state, "reset") ? "resets" : "is cut off: ");
	if (!same_text(ev->state, "fin") && !same_text(ev->state, "reset"))
		text_clean(&b, ev->state);
	if (ev->t_us - it->last_us >= PAUSE_US) {
		sbuf_puts(&b, " after ");
		text_clock(&b, ev->t_us - it->last_us);
	}
	it->odd = true;
	say(it, sbuf_str(&b), ev->rule);
	sbuf_fini(&b);
}

static void
tell_violation(struct item *it, const struct event *ev)
{
	struct sbuf b = { 0 };

	sbuf_puts(&b, "the client breaks ");
	text_clean(&b, ev->name);
	sbuf_puts(&b, ": ");
	text_clean(&b, ev->text);
	it->odd = true;
	say(it, sbuf_str(&b), NULL);
	sbuf_fini(&b);
}

/* A session whose beginning is not in the trace. */
static struct item *
late_session(struct teller *t, const struct event *ev)
{
	struct item *it = item_new(t, ev, ITEM_SESSION);

	name_peer(it, ev);
	return it;
}

void
teller_smtp(struct teller *t, const struct event *ev)
{
	struct item *it;

	t->lookups = 0;		/* the next lookups are another line */
	if (ev->kind == EV_SYN) {
		tell_contact(t, ev);
		return;
	}
	if (ev->kind == EV_SMTP_OPEN) {
		tell_open(t, ev);
		return;
	}
	if ((it = teller_session(t, ev->conn)) == NULL)
		it = late_session(t, ev);
	if (ev->kind == EV_SMTP_COMMAND) {
		if (same_text(ev->stage, "quit"))
			it->quit = true;
	} else if (ev->kind == EV_SMTP_REPLY)
		tell_reply(t, it, ev);
	else if (ev->kind == EV_SMTP_RCPT) {
		whose(t, it, ev);
		if (ev->rcpt != NULL)
			sbuf_add(&it->rcpts, ev->rcpt, strlen(ev->rcpt) + 1);
	} else if (ev->kind == EV_SMTP_COPY)
		tell_copy(t, it, ev);
	else if (ev->kind == EV_SMTP_VIOLATION)
		tell_violation(it, ev);
	else if (ev->kind == EV_SMTP_CLOSE)
		tell_close(t, it, ev);
	it->last_us = ev->t_us;
}

bool
item_is_dull(const struct item *it)
{
	if (it->dull && it->what.len == 0)
		return true;
	if (it->kind != ITEM_SESSION)
		return it->dull;
	/* The report has a line of its own. */
	if (it->carried_report && !it->odd)
		return true;
	return it->control && !it->others;
}

void
item_fini(struct item *it)
{
	for (size_t i = 0; i < it->lookup_count; i++) {
		sbuf_fini(&it->lookups[i].types);
		sbuf_fini(&it->lookups[i].answer);
	}
	sbuf_fini(&it->who);
	sbuf_fini(&it->what);
	sbuf_fini(&it->rcpts);
	sbuf_fini(&it->part);
}
