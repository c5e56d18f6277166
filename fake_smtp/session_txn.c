/* Transactions: what they gather, their end and their fate. */
#include "fake_smtp/session_impl.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"

struct fsmtp_txn *
session_txn_new(struct fsmtp_session *s)
{
	struct fsmtp_txn *t = s->unused;

	if (t == NULL)
		return xcalloc(1, sizeof *t);
	s->unused = t->next;
	t->next = NULL;
	sbuf_clear(&t->text);
	t->count = 0;
	t->code = 0;
	t->stored = false;
	memset(&t->delivery, 0, sizeof t->delivery);
	return t;
}

static void
txn_recycle(struct fsmtp_session *s, struct fsmtp_txn *t)
{
	t->next = s->unused;
	s->unused = t;
}

size_t
session_txn_text(struct fsmtp_txn *t, struct span text)
{
	size_t at = t->text.len;

	sbuf_add(&t->text, text.at, text.len);
	sbuf_putc(&t->text, '\0');
	return at;
}

void
session_txn_add(struct fsmtp_txn *t, size_t address, size_t params, int code)
{
	if (t->count == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 8;
		t->rcpts = xreallocarray(t->rcpts, t->cap, sizeof *t->rcpts);
	}
	t->rcpts[t->count++] = (struct txn_rcpt){ address, params, code };
}

const char *
session_txn_from(const struct fsmtp_session *s)
{
	return s->txn ? s->txn->text.data + s->txn->from : NULL;
}

void
session_txn_reset(struct fsmtp_session *s)
{
	if (s->txn != NULL) {
		if (s->out.txn == s->txn)
			s->out.txn = NULL;
		txn_recycle(s, s->txn);
		s->txn = NULL;
	}
	s->mail_open = s->bdat_used = s->bdat_failed = false;
	s->body_8bit = s->utf8 = s->too_big = false;
	s->rcpt_seen = 0;
	s->content_len = s->content_octets = 0;
	sbuf_clear(&s->content);
}

static void
tell_message(struct fsmtp_session *s, const struct fsmtp_txn *t)
{
	struct fsmtp_message m = { .conn = s->c.conn };

	if (s->c.on_message == NULL)
		return;
	if (s->told_cap < t->count) {
		s->told_cap = t->count;
		s->told = xreallocarray(s->told, s->told_cap, sizeof *s->told);
	}
	for (size_t i = 0; i < t->count; i++) {
		s->told[i].address = t->text.data + t->rcpts[i].address;
		s->told[i].params = t->text.data + t->rcpts[i].params;
		s->told[i].code = t->rcpts[i].code;
	}
	m.host = s->c.host->name;
	m.server = s->c.server;
	m.client = s->c.client;
	m.from = t->text.data + t->from;
	m.params = t->text.data + t->params;
	m.rcpts = s->told;
	m.rcpt_count = t->count;
	m.content = sbuf_str(&s->content);
	m.len = s->content.len;
	m.stored = t->stored;
	m.offers_8bit = session_offers(s, EXT(8BITMIME));
	s->c.on_message(s->c.ctx, &m);
}

static void
eod_event(struct fsmtp_session *s, const struct fsmtp_txn *t)
{
	struct event ev = { .kind = EV_SMTP_EOD };
	struct addr ip = s->c.server;
	char addr[ADDR_STRLEN];

	if (s->c.sink == NULL)
		return;
	ip.port = 0;
	ev.host = s->c.host->name;
	ev.addr = addr_format(&ip, addr);
	ev.conn = (int64_t)s->c.conn;
	ev.from = t->text.data + t->from;
	ev.bytes = (int64_t)s->content_len;
	ev.stored = t->stored ? YES : NO;
	event_emit(s->c.sink, &ev);
}

static bool
is_stored(const struct fsmtp_txn *t, const struct fsmtp_rule *r)
{
	if (t->count == 0)
		return false;
	if (r != NULL && r->keep != FSMTP_KEEP_BY_REPLY)
		return r->keep == FSMTP_KEEP_STORE;
	return t->code / 100 == 2;
}

void
session_end_of_data(struct fsmtp_session *s, enum fsmtp_stage stage)
{
	struct fsmtp_txn *t = s->txn;
	struct fsmtp_rule *r;

	if (t->count == 0 && s->content_len > 0)
		session_violation(s, "R-2920-3.1-b",
		    "content without an accepted recipient");
	s->state = STATE_COMMAND;
	s->group_ended = false;
	t->code = session_answer(s, stage, NULL,
	    t->count == 0 ? "554 5.5.1 no valid recipients" :
	    s->too_big ? "552 5.3.4 message too big" : "250 2.0.0 stored", &r);
	t->stored = is_stored(t, r);
	eod_event(s, t);
	tell_message(s, t);
	s->txn = NULL;
	if (t->count > 0 && s->c.sink != NULL) {
		*s->pending_tail = t;
		s->pending_tail = &t->next;
		if (s->have_out)
			s->out.txn = t;
	} else
		txn_recycle(s, t);
	session_txn_reset(s);
	if (s->in.len > s->in_pos)
		s->ahead = true;
}

void
fsmtp_txn_settle(struct fsmtp_session *s, struct fsmtp_txn *t, bool replied,
    bool acked)
{
	struct event ev = { .kind = EV_SMTP_COPY };
	struct fsmtp_txn **link = &s->pending;
	struct addr ip = s->c.server;
	char addr[ADDR_STRLEN];

	while (*link != t) {
		assert(*link != NULL);
		link = &(*link)->next;
	}
	*link = t->next;
	if (*link == NULL)
		s->pending_tail = link;
	ip.port = 0;
	ev.host = s->c.host->name;
	ev.addr = addr_format(&ip, addr);
	ev.conn = (int64_t)s->c.conn;
	ev.from = t->text.data + t->from;
	ev.code = replied ? t->code : 0;
	ev.acked = replied && acked ? YES : NO;
	ev.stored = t->stored ? YES : NO;
	for (size_t i = 0; i < t->count; i++) {
		struct event one = ev;

		one.rcpt = t->text.data + t->rcpts[i].address;
		event_emit(s->c.sink, &one);
	}
	if (s->out.txn == t)
		s->out.txn = NULL;
	txn_recycle(s, t);
}

struct fsmtp_txn *
fsmtp_session_unsettled(const struct fsmtp_session *s)
{
	return s->pending;
}

struct fsmtp_txn *
fsmtp_txn_next(const struct fsmtp_txn *t)
{
	return t->next;
}

struct fsmtp_delivery *
fsmtp_txn_delivery(struct fsmtp_txn *t)
{
	return &t->delivery;
}
