/* Lines in, outputs out: the session's loop and its life. */
#include "fake_smtp/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fake_smtp/session_impl.h"
#include "harness/base/timers.h"
#include "harness/base/xalloc.h"

#define COMMAND_TEXT_MAX 200
/* Nobody loses patience so soon. */
#define HASTE_US	USEC_PER_SEC

struct fsmtp_session *
fsmtp_session_new(void)
{
	return xcalloc(1, sizeof(struct fsmtp_session));
}

static void
txn_free_all(struct fsmtp_txn *t)
{
	struct fsmtp_txn *next;

	for (; t != NULL; t = next) {
		next = t->next;
		sbuf_fini(&t->text);
		free(t->rcpts);
		free(t);
	}
}

void
fsmtp_session_free(struct fsmtp_session *s)
{
	if (s == NULL)
		return;
	txn_free_all(s->txn);
	txn_free_all(s->pending);
	txn_free_all(s->unused);
	sbuf_fini(&s->in);
	sbuf_fini(&s->reply);
	sbuf_fini(&s->healthy);
	sbuf_fini(&s->content);
	free(s->told);
	free(s->met);
	free(s);
}

void
fsmtp_session_open(struct fsmtp_session *s,
    const struct fsmtp_session_config *c)
{
	struct fsmtp_session old = *s;

	assert(s->pending == NULL);
	memset(s, 0, sizeof *s);
	s->in = old.in;
	s->reply = old.reply;
	s->healthy = old.healthy;
	s->content = old.content;
	s->told = old.told;
	s->told_cap = old.told_cap;
	s->met = old.met;
	s->met_cap = old.met_cap;
	s->unused = old.unused;
	if (old.txn != NULL) {
		old.txn->next = s->unused;
		s->unused = old.txn;
	}
	sbuf_clear(&s->in);
	sbuf_clear(&s->content);
	s->pending_tail = &s->pending;
	s->c = *c;
	session_rules_open(s);
}

bool
session_offers(const struct fsmtp_session *s, unsigned ext)
{
	return (s->offered & ext) != 0;
}

void
session_violation(struct fsmtp_session *s, const char *id, const char *text)
{
	struct event ev = { .kind = EV_SMTP_VIOLATION };

	if (s->c.sink == NULL)
		return;
	ev.host = s->c.host->name;
	ev.conn = (int64_t)s->c.conn;
	ev.name = id;
	ev.text = text;
	event_emit(s->c.sink, &ev);
}

static void
command_event(struct fsmtp_session *s, struct span line, enum smtp_verb verb)
{
	struct event ev = { .kind = EV_SMTP_COMMAND };
	char text[COMMAND_TEXT_MAX + 1];
	size_t len = line.len < COMMAND_TEXT_MAX ? line.len : COMMAND_TEXT_MAX;

	if (s->c.sink == NULL)
		return;
	memcpy(text, line.at, len);
	text[len] = '\0';
	ev.host = s->c.host->name;
	ev.conn = (int64_t)s->c.conn;
	ev.stage = fsmtp_stage_word(session_verb_stage(verb));
	ev.text = text;
	event_emit(s->c.sink, &ev);
}

/*
 * A client that has waited for a slow reply long enough leaves with a QUIT
 * (RFC 5321 section 4.1.1.10 asks for one also after errors), whatever it had
 * sent on before.  That is no pipelining: it comes in a breath of its own.
 */
static bool
leaves(const struct fsmtp_session *s, const char *bytes, size_t len)
{
	return (s->out.delay_us > 0 || s->out.drip_us > 0) && len == 6 &&
	    strncasecmp(bytes, "QUIT\r\n", len) == 0;
}

/* Is nothing left but the QUIT of a client that has left? */
bool
session_is_farewell(const struct fsmtp_session *s)
{
	return s->left && s->in.len - s->in_pos == 6;
}

void
fsmtp_session_input(struct fsmtp_session *s, const char *bytes, size_t len)
{
	if (len == 0 || s->state == STATE_MUTE || s->state == STATE_OVER)
		return;
	if (s->state == STATE_CONNECT)
		session_violation(s, "R-5321-4.3.1-a",
		    "octets before the greeting");
	if (s->awaiting_sent && leaves(s, bytes, len))
		s->left = true;
	else if (s->awaiting_sent && !s->out_early)
		s->ahead = true;
	sbuf_add(&s->in, bytes, len);
}

/*
 * RFC 2920 section 3.1: octets that follow a command before its reply need
 * the keyword, and the command must not be one that ends a group.  A chunk
 * of BDAT and the content after 354 are not commands.
 */
static void
check_pipelining(struct fsmtp_session *s)
{
	if (!s->ahead)
		return;
	s->ahead = false;
	if (session_is_farewell(s))
		return;
	if (!session_offers(s, EXT(PIPELINING)))
		session_violation(s, "R-2920-3.1-a",
		    "pipelined, but PIPELINING was not offered");
	else if (s->group_ended)
		session_violation(s, "R-2920-3.1-a",
		    "sent on after a command that ends a group");
}

static void
consume(struct fsmtp_session *s, size_t len)
{
	s->in_pos += len;
	if (s->in_pos == s->in.len) {
		sbuf_clear(&s->in);
		s->in_pos = 0;
	}
}

/* Takes a line; a bare LF ends none, RFC 5321 section 2.3.8 -- but waiting
 * for a CRLF that never comes would hide the violation behind a timeout. */
static bool
take_line(struct fsmtp_session *s)
{
	struct span line, args;
	const char *lf;
	size_t avail = s->in.len - s->in_pos, raw;
	enum smtp_verb verb;

	if (avail == 0)
		return false;
	line.at = s->in.data + s->in_pos;
	lf = memchr(line.at, '\n', avail);
	if (lf == NULL) {
		if (avail > LINE_MAX_OCTETS) {
			s->skip_line = true;
			consume(s, avail);
			return true;
		}
		return false;
	}
	check_pipelining(s);
	raw = (size_t)(lf - line.at) + 1;
	line.len = raw - 1;
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	else
		session_violation(s, "R-5321-2.3.8-a", "bare LF in a command");
	if (memchr(line.at, '\r', line.len) != NULL)
		session_violation(s, "R-5321-2.3.8-a", "bare CR in a command");
	verb = smtp_verb_parse(line, &args);
	command_event(s, line, verb);
	if (s->skip_line) {
		s->skip_line = false;
		raw = LINE_MAX_OCTETS;
	}
	session_line(s, args, verb, raw);
	consume(s, (size_t)(lf - line.at) + 1);
	if (s->in.len > s->in_pos &&
	    (s->state == STATE_COMMAND || s->state == STATE_CONTENT))
		s->ahead = true;
	return true;
}

static bool
advance(struct fsmtp_session *s)
{
	switch (s->state) {
	case STATE_CONNECT:
		session_greet(s);
		return true;
	case STATE_COMMAND:
	case STATE_AUTH:
		if (s->any_early && session_answer_early(s))
			return true;
		return take_line(s);
	case STATE_CONTENT:
		if (s->any_early && session_answer_early(s))
			return true;
		return session_content(s);
	case STATE_CHUNK:
		return session_chunk(s);
	case STATE_TLS:
		/* The handshake is cut: no TLS is spoken behind this seam. */
		if (s->in.len == s->in_pos)
			return false;
		session_cut_off(s);
		return true;
	case STATE_MUTE:
		s->quit = s->quit || fsmtp_session_quit_ahead(s);
		/* FALLTHROUGH */
	case STATE_OVER:
		sbuf_clear(&s->in);
		s->in_pos = 0;
		return false;
	}
	return false;
}

bool
fsmtp_session_quit_ahead(const struct fsmtp_session *s)
{
	struct span line, args;
	const char *lf;
	size_t at = s->in_pos;

	for (; at < s->in.len; at = (size_t)(lf - s->in.data) + 1) {
		lf = memchr(s->in.data + at, '\n', s->in.len - at);
		if (lf == NULL)
			break;
		line.at = s->in.data + at;
		line.len = (size_t)(lf - line.at);
		if (line.len > 0 && line.at[line.len - 1] == '\r')
			line.len--;
		if (smtp_verb_parse(line, &args) == SMTP_QUIT)
			return true;
	}
	return false;
}

bool
fsmtp_session_next(struct fsmtp_session *s, int64_t now_us,
    struct fsmtp_output *out)
{
	s->now_us = now_us;
	if (s->awaiting_sent)
		return false;
	while (!s->have_out)
		if (!advance(s))
			break;
	if (s->in_pos > 0) {
		sbuf_consume(&s->in, s->in_pos);
		s->in_pos = 0;
	}
	if (!s->have_out)
		return false;
	*out = s->out;
	s->have_out = false;
	s->awaiting_sent = true;
	return true;
}

void
fsmtp_session_sent(struct fsmtp_session *s)
{
	assert(s->awaiting_sent);
	s->awaiting_sent = false;
	session_reply_event(s);
	if (s->out_code == 421)
		s->said_421 = true;
	if (s->out.txn != NULL) {
		s->out.txn->delivery.replied = s->out.kind == FSMTP_OUT_SEND &&
		    s->out_code != 0 && s->out.len == s->reply.len;
		s->out.txn->delivery.farewell = s->out_code == 421;
	}
	if (s->out.kind == FSMTP_OUT_CLOSE || s->out.kind == FSMTP_OUT_RESET ||
	    s->out.then != FSMTP_THEN_NOTHING)
		s->state = STATE_OVER;
	else if (s->out.kind != FSMTP_OUT_SEND) {
		s->state = STATE_MUTE;
		s->mute_us = s->now_us;
	}
}

void
fsmtp_session_uncount(struct fsmtp_session *s)
{
	s->c.contact = 0;
}

void
fsmtp_session_left_waiting(struct fsmtp_session *s)
{
	s->left_waiting = true;
}

void
fsmtp_session_gone(struct fsmtp_session *s)
{
	if (s->gone)
		return;
	s->gone = true;
	if (s->state == STATE_COMMAND && s->greeting_code / 100 == 2 &&
	    !s->awaiting_sent && !s->have_out && !s->quit && !s->odd &&
	    !s->said_421 && !s->left_waiting)
		session_violation(s, "R-5321-4.1.1.10-b",
		    "closed without QUIT");
	s->state = STATE_OVER;
}

void
fsmtp_session_timeout(struct fsmtp_session *s)
{
	if (s->awaiting_sent || s->have_out || s->state == STATE_OVER)
		return;
	session_apply(s, FSMTP_OTHER, NULL, "421 4.4.2 idle for too long");
}

/* Between two commands, outside a transaction, and all is said. */
static bool
awaits_command(const struct fsmtp_session *s)
{
	return s->state == STATE_COMMAND && s->helo && !s->mail_open &&
	    !s->awaiting_sent && !s->have_out && s->in.len == s->in_pos &&
	    !s->quit && !s->gone;
}

int64_t
fsmtp_session_idle(struct fsmtp_session *s, int64_t now_us)
{
	s->idle = NULL;
	if ((s->stages_ruled & 1u << FSMTP_IDLE) == 0 || !awaits_command(s))
		return -1;
	s->now_us = now_us;
	s->reached[FSMTP_IDLE]++;
	s->idle = session_rule(s, FSMTP_IDLE, NULL, false);
	if (s->idle == NULL)
		return -1;
	return s->idle->delay_us > 0 ? s->idle->delay_us : USEC_PER_SEC;
}

void
fsmtp_session_unasked(struct fsmtp_session *s)
{
	if (s->idle == NULL || !awaits_command(s))
		return;
	session_apply(s, FSMTP_IDLE, s->idle, "421 4.4.2 idle for too long");
	s->out.delay_us = 0;		/* it is over */
	s->odd = true;
	s->idle = NULL;
}

bool
fsmtp_session_stalled(const struct fsmtp_session *s)
{
	return s->awaiting_sent || s->odd || s->state == STATE_MUTE ||
	    s->state == STATE_OVER;
}

bool
fsmtp_session_hushed(const struct fsmtp_session *s, int64_t now_us)
{
	return s->state == STATE_MUTE && s->quit &&
	    now_us - s->mute_us < HASTE_US;
}

bool
fsmtp_session_quit(const struct fsmtp_session *s)
{
	return s->quit;
}
