/* The answer to a stage: the octets of its reply, and what follows. */
#include "fake_smtp/session_impl.h"

#include <assert.h>
#include <string.h>

#define OVERSIZED_DEFAULT 65536
#define ENDLESS_BLOCK	  8192

/*
 * The first whole reply counts: of a reply to which a second is glued the
 * second is unsolicited.  A line that goes on ("250-") decides nothing.
 */
int
session_reply_code(const char *b, size_t len)
{
	int code = 0;
	const char *lf;

	for (; len > 0; len -= (size_t)(lf - b) + 1, b = lf + 1) {
		if ((lf = memchr(b, '\n', len)) == NULL)
			return 0;
		code = 0;
		if (lf - b >= 4 && b[0] >= '0' && b[0] <= '9' && b[1] >= '0' &&
		    b[1] <= '9' && b[2] >= '0' && b[2] <= '9' &&
		    (b[3] == ' ' || b[3] == '-' || b[3] == '\r'))
			code = (b[0] - '0') * 100 + (b[1] - '0') * 10 +
			    (b[2] - '0');
		if (code != 0 && b[3] == '-') {
			code = 0;
			continue;
		}
		return code;
	}
	return code;
}

/* The healthy reply or the rule's lines, CRLF after each. */
static void
add_lines(struct sbuf *b, const struct fsmtp_rule *r, const char *healthy)
{
	if (r == NULL || r->line_count == 0) {
		sbuf_puts(b, healthy);
		sbuf_add(b, "\r\n", 2);
		return;
	}
	for (size_t i = 0; i < r->line_count; i++) {
		sbuf_puts(b, r->lines[i]);
		sbuf_add(b, "\r\n", 2);
	}
}

/* The last line stretched to `octets` with its CRLF. */
static void
add_oversized(struct sbuf *b, const struct fsmtp_rule *r, const char *healthy)
{
	static const char pad[] = "0123456789abcdefghijklmnopqrstuvwxyz ";
	size_t octets = r->octets ? r->octets : OVERSIZED_DEFAULT, start, n;

	add_lines(b, r, healthy);
	b->len -= 2;
	for (start = b->len; start > 0 && b->data[start - 1] != '\n'; start--)
		;
	if (b->len - start == 3)
		sbuf_putc(b, ' ');
	while (b->len - start + 2 < octets) {
		n = octets - 2 - (b->len - start);
		sbuf_add(b, pad, n < sizeof pad - 1 ? n : sizeof pad - 1);
	}
	sbuf_add(b, "\r\n", 2);
}

static void
add_endless(struct sbuf *b, const struct fsmtp_rule *r, const char *healthy)
{
	size_t start = b->len, one;

	add_lines(b, r, healthy);
	for (size_t i = start, bol = start; i < b->len; i++)
		if (b->data[i] == '\n') {
			if (i - bol >= 4 && b->data[bol + 3] == ' ')
				b->data[bol + 3] = '-';
			bol = i + 1;
		}
	/* A dripping rule sends it octet by octet: one round is enough. */
	one = b->len - start;
	while (r->drip_us == 0 && one > 0 &&
	    b->len - start + one <= ENDLESS_BLOCK) {
		/* the buffer may move while it grows */
		char line[ENDLESS_BLOCK];

		memcpy(line, b->data + start, one);
		sbuf_add(b, line, one);
	}
}

static void
add_bare_lf(struct sbuf *b, const struct fsmtp_rule *r, const char *healthy)
{
	size_t to = b->len;

	add_lines(b, r, healthy);
	for (size_t i = to; i < b->len; i++)
		if (b->data[i] != '\r')
			b->data[to++] = b->data[i];
	b->len = to;
}

static void
add_garbage(struct sbuf *b, const struct fsmtp_rule *r)
{
	if (r->line_count > 0)
		add_lines(b, r, "");
	else
		sbuf_puts(b, "\001\377%~ no reply at all \200\r\n");
}

/* What a rule does instead of the healthy reply. */
static void
act(struct fsmtp_session *s, struct fsmtp_rule *r, const char *healthy)
{
	struct fsmtp_output *o = &s->out;

	r->rule.fired++;
	s->out_action = r->action;
	o->rule = r->rule.id;
	/* Silence has no first octet: it begins where the reply would. */
	o->delay_us = r->action != FSMTP_DO_SILENCE && r->delay_us > 0 ?
	    r->delay_us : 0;
	o->drip_us = r->drip_us > 0 ? r->drip_us : 0;
	o->pieces = r->pieces;
	o->piece_count = r->piece_count;
	o->pause_us = r->pause_us;
	o->then = s->stay ? FSMTP_THEN_NOTHING : r->then;
	o->rule_made = true;
	switch (r->action) {
	case FSMTP_DO_REPLY:
	case FSMTP_DO_HEALTHY:
		add_lines(&s->reply, r->action == FSMTP_DO_REPLY ? r : NULL,
		    healthy);
		break;
	case FSMTP_DO_SILENCE:
		o->kind = FSMTP_OUT_SILENCE;
		break;
	case FSMTP_DO_CLOSE:
		o->kind = FSMTP_OUT_CLOSE;
		break;
	case FSMTP_DO_RESET:
		o->kind = FSMTP_OUT_RESET;
		break;
	case FSMTP_DO_ENDLESS:
		o->kind = FSMTP_OUT_ENDLESS;
		add_endless(&s->reply, r, healthy);
		break;
	case FSMTP_DO_OVERSIZED:
		add_oversized(&s->reply, r, healthy);
		break;
	case FSMTP_DO_BARE_LF:
		add_bare_lf(&s->reply, r, healthy);
		break;
	case FSMTP_DO_GARBAGE:
		add_garbage(&s->reply, r);
		break;
	case FSMTP_DO_RAW:
		sbuf_add(&s->reply, (const char *)r->raw, r->raw_len);
		break;
	case FSMTP_ACTION_COUNT:
		assert(!"not an action");
	}
	if (r->action != FSMTP_DO_REPLY && r->action != FSMTP_DO_HEALTHY)
		s->odd = true;
}

void
session_apply(struct fsmtp_session *s, enum fsmtp_stage stage,
    struct fsmtp_rule *r, const char *healthy)
{
	struct fsmtp_output *o = &s->out;

	memset(o, 0, sizeof *o);
	sbuf_clear(&s->reply);
	s->have_out = true;
	s->out_early = s->out_cut = false;
	s->stay = r != NULL && r->then == FSMTP_THEN_STAY;
	s->out_stage = stage;
	s->out_action = FSMTP_DO_REPLY;
	o->kind = FSMTP_OUT_SEND;
	if (r == NULL)
		add_lines(&s->reply, NULL, healthy);
	else
		act(s, r, healthy);
	o->bytes = sbuf_str(&s->reply);
	o->len = s->reply.len;
	s->out_code = o->kind == FSMTP_OUT_SEND &&
	    s->out_action != FSMTP_DO_GARBAGE ?
	    session_reply_code(o->bytes, o->len) : 0;
	if (r != NULL && r->cut != 0 && r->cut < o->len) {
		o->len = r->cut;
		s->odd = s->out_cut = true;
		/*
		 * A line without its end is no reply, whatever it would say;
		 * at the end of data it decides whether the message is kept.
		 */
		if (stage != FSMTP_EOD && stage != FSMTP_BDAT)
			s->out_code = session_reply_code(o->bytes, o->len);
	} else if (s->out_code == 421 && o->then == FSMTP_THEN_NOTHING &&
	    !s->stay)
		o->then = FSMTP_THEN_CLOSE;	/* RFC 5321 section 3.8 */
}

int
session_answer(struct fsmtp_session *s, enum fsmtp_stage stage,
    const char *rcpt, const char *healthy, struct fsmtp_rule **decided)
{
	struct fsmtp_rule *r;

	s->reached[stage]++;
	if ((r = s->early[stage]) != NULL) {
		/* The reply is out already; the command gets no other. */
		s->early[stage] = NULL;
		*decided = r;
		return s->early_code[stage];
	}
	*decided = r = session_rule(s, stage, rcpt, false);
	session_apply(s, stage, r, healthy);
	return s->out_code;
}

/* The stage that a client enters next, as far as that can be told. */
static bool
expected(const struct fsmtp_session *s, enum fsmtp_stage stage)
{
	bool rcpts = s->txn != NULL && s->txn->count > 0;

	switch (stage) {
	case FSMTP_EHLO:
	case FSMTP_HELO:
		return s->state == STATE_COMMAND && !s->helo;
	case FSMTP_MAIL:
	case FSMTP_STARTTLS:
	case FSMTP_AUTH:
	case FSMTP_RSET:
	case FSMTP_NOOP:
	case FSMTP_OTHER:
		return s->state == STATE_COMMAND && s->helo && !s->mail_open;
	case FSMTP_RCPT:
		return s->state == STATE_COMMAND && s->mail_open;
	case FSMTP_DATA:
	case FSMTP_BDAT:
		return s->state == STATE_COMMAND && rcpts;
	case FSMTP_EOD:
		return s->state == STATE_CONTENT;
	case FSMTP_QUIT:
		return s->state == STATE_COMMAND && s->reached[FSMTP_EOD] +
		    s->reached[FSMTP_BDAT] > 0 && !s->mail_open;
	default:
		return false;
	}
}

bool
session_answer_early(struct fsmtp_session *s)
{
	struct fsmtp_rule *r;

	for (int i = 0; i < FSMTP_STAGE_COUNT; i++) {
		if ((s->stages_ruled & 1u << i) == 0 || s->early[i] != NULL ||
		    !expected(s, (enum fsmtp_stage)i))
			continue;
		r = session_rule(s, (enum fsmtp_stage)i, NULL, true);
		if (r == NULL)
			continue;
		session_apply(s, (enum fsmtp_stage)i, r, i == FSMTP_DATA ?
		    "354 go ahead" : "250 2.0.0 ok");
		s->out_early = true;
		if (i == FSMTP_EOD)
			s->out.txn = s->txn;
		s->early[i] = r;
		s->early_code[i] = s->out_code;
		return true;
	}
	return false;
}

void
session_reply_event(struct fsmtp_session *s)
{
	struct event ev = { .kind = EV_SMTP_REPLY };
	char text[256];
	size_t len, lines = 0;

	if (s->c.sink == NULL)
		return;
	for (size_t i = 0; i < s->out.len; i++)
		lines += s->out.bytes[i] == '\n';
	len = strcspn(s->out.bytes, "\r\n");
	if (len > s->out.len)
		len = s->out.len;
	if (len > 200)
		len = 200;
	snprintf(text, sizeof text, lines > 1 ? "%.*s (+%zu)" : "%.*s",
	    (int)len, s->out.bytes, lines > 1 ? lines - 1 : 0);
	ev.host = s->c.host->name;
	ev.conn = (int64_t)s->c.conn;
	ev.stage = fsmtp_stage_word(s->out_stage);
	ev.code = s->out_code;
	ev.text = s->out.len > 0 ? text : NULL;
	ev.rule = s->out.rule;
	if (s->out_action != FSMTP_DO_REPLY)
		ev.action = fsmtp_action_word(s->out_action);
	else if (s->out_early)
		ev.action = "early";
	else if (s->out_cut)
		ev.action = "cut";
	event_emit(s->c.sink, &ev);
}
