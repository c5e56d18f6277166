#include "reference_impl/session.h"

#include "harness/base/xalloc.h"
#include "reference_impl/convert.h"
#include "reference_impl/session_ways.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINGER_US	INT64_C(2000000)

static const int step_secs[] = {
#define X(sym, secs) secs,
	STEPS(X)
#undef X
};

static const char *const step_names[] = {
	"the greeting", "the reply to EHLO", "the reply to HELO",
	"the reply to MAIL", "the reply to RCPT", "the reply to DATA",
	"sending the message", "the reply to the message",
	"the reply to RSET", "the reply to NOOP", "the reply to QUIT",
};

static void begin_transaction(struct session *);

/* --- small things ---------------------------------------------------- */

static bool
has_bug(const struct session *s, enum bug bug)
{
	return s->mail->bugs != NULL && s->mail->bugs->on[bug];
}

static enum step
current_step(const struct session *s)
{
	if (s->sending)
		return STEP_CONTENT;
	return s->head < s->tail ? s->queue[s->head].step : STEP_QUIT;
}

int64_t
session_patience_us(enum step step, const struct ways *ways)
{
	int64_t us = (int64_t)step_secs[step] * 1000000;

	return HAS_WAY(ways, LONG_TIMEOUTS) ? 2 * us : us;
}

static void
arm(struct session *s)
{
	enum step step = current_step(s);

	s->timeout_us = session_patience_us(step, s->mail->ways);
	if (step == STEP_EOD && has_bug(s, BUG_EOD_TIMEOUT_60))
		s->timeout_us = 60 * 1000000;
	if (s->lingering)
		s->timeout_us = LINGER_US;
	if (has_bug(s, BUG_WAITS_LONG))
		s->timeout_us *= 40;
	s->armed++;
}

static void
expect(struct session *s, enum step step, size_t rcpt)
{
	if (s->tail == s->cap) {
		s->cap = s->cap == 0 ? 16 : s->cap * 2;
		s->queue = xreallocarray(s->queue, s->cap, sizeof *s->queue);
	}
	s->queue[s->tail++] = (struct expected){ step, rcpt };
}

void
reply_status(const struct reply *r, char out[12])
{
	const char *p = r->text + strcspn(r->text, " ");
	int n = 0, dots = 0;

	p += strspn(p, " ");
	while (isdigit((unsigned char)p[n]) || p[n] == '.')
		dots += p[n++] == '.';
	if (dots == 2 && n >= 5 && n < 12 && strchr("245", p[0]) != NULL &&
	    p[0] == '0' + r->code / 100 && p[1] == '.' && p[n - 1] != '.')
		snprintf(out, 12, "%.*s", n, p);
	else if (r->code == 550)
		snprintf(out, 12, "5.0.0");
	else
		snprintf(out, 12, "%d.0.0", r->code / 100 == 5 ? 5 : 4);
}

static void
set_verdict(struct session_rcpt *r, enum verdict v, const struct reply *why)
{
	r->verdict = v;
	r->code = why->code;
	/* "250" where another was due is no success: RFC 3463 X.5.0. */
	snprintf(r->status, sizeof r->status, "%s", v != VERDICT_OK &&
	    why->status[0] == '2' ? "4.5.0" : why->status);
	snprintf(r->text, sizeof r->text, "%.511s", why->text);
}

/*
 * `hard`: the bug that makes a 4yz at this stage final, or BUG_COUNT.  It
 * spares null senders, or its own report would be lost to it.
 */
static enum verdict
verdict_of(const struct session *s, int code, enum bug hard)
{
	const char *status = s->reply.text + 4;

	if (code / 100 == 2)
		return VERDICT_OK;
	if (has_bug(s, BUG_STATUS_DECIDES) && strlen(s->reply.text) > 5 &&
	    status[1] == '.')
		return status[0] == '5' ? VERDICT_PERMANENT
		    : VERDICT_TEMPORARY;
	if (code / 100 == 5)
		return has_bug(s, BUG_REFUSAL_RETRIED) ? VERDICT_TEMPORARY
		    : VERDICT_PERMANENT;
	return hard != BUG_COUNT && has_bug(s, hard) &&
	    s->mail->from[0] != '\0' ? VERDICT_PERMANENT
	    : VERDICT_TEMPORARY;
}

static bool
is_open(const struct session_rcpt *r)
{
	return r->verdict == VERDICT_NONE || r->verdict == VERDICT_OFFERED ||
	    r->verdict == VERDICT_CROWDED;
}

static size_t
count_verdict(const struct session *s, enum verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < s->mail->count; i++)
		n += s->mail->rcpts[i].verdict == v;
	return n;
}

static void
commit(struct session *s)
{
	if (s->mail->commit != NULL)
		s->mail->commit(s->mail->ctx);
}

/* Bugs: nothing is delivered before QUIT was answered. */
static bool
waits_for_quit(const struct session *s)
{
	return has_bug(s, BUG_QUIT_DUPLICATES) || has_bug(s, BUG_QUIT_LOOP);
}

/* --- the end --------------------------------------------------------- */

static void
say_quit(struct session *s)
{
	s->lingering = false;
	session_put_verb(s, "QUIT\r\n");
	expect(s, STEP_QUIT, 0);
	arm(s);
}

/* The verdicts stand; say goodbye (RFC 5321 4.1.1.10). */
static void
finish(struct session *s, enum try_result result)
{
	s->result = result;
	s->finished = !waits_for_quit(s);
	if (has_bug(s, BUG_NO_QUIT)) {
		s->closing = true;
		return;
	}
	if (s->finished && session_has_way(s, WAY_QUIT_LATE) &&
	    s->head == s->tail) {
		s->lingering = true;
		arm(s);
		return;
	}
	say_quit(s);
}

/* Bug: one permanent refusal decides for those refused for now, too. */
static void
bounce_mixed(struct session *s)
{
	if (!has_bug(s, BUG_MIXED_ALL_BOUNCED) ||
	    count_verdict(s, VERDICT_PERMANENT) == 0)
		return;
	for (size_t i = 0; i < s->mail->count; i++)
		if (s->mail->rcpts[i].verdict == VERDICT_TEMPORARY)
			s->mail->rcpts[i].verdict = VERDICT_PERMANENT;
}

static enum try_result
mail_result(const struct session *s)
{
	if (count_verdict(s, VERDICT_TEMPORARY) > 0)
		return TRY_MAIL_4YZ;
	return count_verdict(s, VERDICT_PERMANENT) > 0 ? TRY_MAIL_5YZ : TRY_OK;
}

static void
all_open_to(struct session *s, enum verdict v)
{
	for (size_t i = 0; i < s->mail->count; i++)
		if (is_open(&s->mail->rcpts[i]))
			set_verdict(&s->mail->rcpts[i], v, &s->why);
}

static void
broken(struct session *s, const char *why)
{
	enum step step = current_step(s);
	bool ambiguous = step == STEP_EOD && !s->empty_dot;

	s->why.code = 0;
	snprintf(s->why.status, sizeof s->why.status, "4.4.2");
	snprintf(s->why.text, sizeof s->why.text, "%s during %s", why,
	    step_names[step]);
	s->finished = s->closing = true;
	s->sending = false;
	if ((ambiguous && has_bug(s, BUG_LOST_EOD_SUCCESS)) ||
	    has_bug(s, BUG_RCPT_250_DELIVERED)) {
		for (size_t i = 0; i < s->mail->count; i++)
			if (s->mail->rcpts[i].verdict == VERDICT_OFFERED)
				s->mail->rcpts[i].verdict = VERDICT_OK;
	}
	if (step == STEP_GREETING)
		s->result = TRY_NO_GREETING;
	else if (count_verdict(s, VERDICT_NONE) == 0 &&
	    count_verdict(s, VERDICT_OFFERED) == 0 &&
	    count_verdict(s, VERDICT_CROWDED) == 0)
		s->result = mail_result(s);
	else
		s->result = ambiguous ? TRY_AMBIGUOUS : TRY_LOST;
	all_open_to(s, VERDICT_TEMPORARY);
	commit(s);
}

void
session_lost(struct session *s, const char *why)
{
	if (s->finished)
		s->closing = true;
	else
		broken(s, why);
}

void
session_timeout(struct session *s)
{
	bool sending = s->sending;

	if (s->lingering) {
		say_quit(s);
		return;
	}
	if (s->finished) {
		s->closing = true;
		return;
	}
	broken(s, "timed out");
	if (sending)
		sbuf_clear(&s->out);
	else
		session_put_verb(s, "QUIT\r\n");
}

/*
 * What cannot be a reply here: nothing that follows can be trusted.  Where no
 * reply is due QUIT may be said, and must be (RFC 5321 section 4.1.1.10).
 */
static void
out_of_step(struct session *s, const char *why)
{
	bool due = s->sending || s->head < s->tail;

	if (s->lingering) {
		say_quit(s);
		return;
	}
	if (s->finished) {
		s->closing = true;
		return;
	}
	broken(s, why);
	sbuf_clear(&s->out);
	if (!due)
		session_put_verb(s, "QUIT\r\n");
}

/* 421, or another reply that ends the session for everybody. */
static void
session_refused(struct session *s, enum try_result result, bool quit)
{
	s->why = s->reply;
	all_open_to(s, s->reply.code / 100 == 5 ? VERDICT_PERMANENT
	    : VERDICT_TEMPORARY);
	/* A host's refusal is no verdict on the mail: the planner decides. */
	for (size_t i = 0; i < s->mail->count; i++)
		if (result != TRY_LOST &&
		    s->mail->rcpts[i].verdict == VERDICT_PERMANENT)
			s->mail->rcpts[i].verdict = VERDICT_TEMPORARY;
	if (quit || session_has_way(s, WAY_QUIT_AFTER_421)) {
		finish(s, result);
		s->finished = true;
	} else {
		s->result = result;
		s->finished = s->closing = true;
	}
	commit(s);
}

/* --- sending --------------------------------------------------------- */

/* Nothing may be unread when a new exchange begins (RFC 5321 4.2). */
static bool
in_step(struct session *s)
{
	if (s->in.len == 0)
		return true;
	out_of_step(s, "more replies than commands");
	return false;
}

static void
send_helo(struct session *s, const char *verb, enum step step)
{
	if (!in_step(s))
		return;
	session_put_verb(s, verb);
	sbuf_printf(&s->out, " %s\r\n", s->mail->helo);
	expect(s, step, 0);
	arm(s);
}

static void
send_mail(struct session *s)
{
	const struct session_mail *m = s->mail;
	size_t local = strcspn(m->from, "@");
	bool tells = s->dsn && !has_bug(s, BUG_DSN_NOT_PASSED);

	session_put_verb(s, "MAIL FROM:");
	/* Bug: of retries only, the first attempt is as it should be. */
	if (has_bug(s, BUG_GREYLIST_ENVELOPE) && m->from[0] != '\0' &&
	    m->attempt > 0)
		sbuf_printf(&s->out, "<%.*s+%d%s>", (int)local,
		    m->from, m->attempt, m->from + local);
	else
		sbuf_printf(&s->out, "<%s>", m->from);
	if (s->size_known && !session_has_way(s, WAY_NO_SIZE))
		sbuf_printf(&s->out, " SIZE=%zu", s->size);
	if (s->mime8 && m->eight_bit)
		sbuf_puts(&s->out, " BODY=8BITMIME");
	else if (s->mime8 && session_has_way(s, WAY_SAYS_7BIT))
		sbuf_puts(&s->out, " BODY=7BIT");
	if (s->utf8 && m->utf8)
		sbuf_puts(&s->out, " SMTPUTF8");
	if (tells && m->ret != NULL)
		sbuf_printf(&s->out, " RET=%s", m->ret);
	if (tells && m->envid != NULL)
		sbuf_printf(&s->out, " ENVID=%s", m->envid);
	sbuf_puts(&s->out, "\r\n");
	expect(s, STEP_MAIL, 0);
}

/* For one bug: xtext undone. */
static void
put_decoded(struct sbuf *b, const char *x)
{
	for (; *x != '\0'; x++) {
		unsigned c;

		if (*x == '+' && sscanf(x + 1, "%2X", &c) == 1 && c > 32) {
			sbuf_putc(b, (char)c);
			x += 2;
		} else
			sbuf_putc(b, *x);
	}
}

static void
send_rcpt(struct session *s, size_t i)
{
	struct session_rcpt *r = &s->mail->rcpts[i];

	session_put_verb(s, "RCPT TO:");
	session_put_rcpt(s, r);
	if (s->dsn && r->notify != NULL && !has_bug(s, BUG_DSN_NOT_PASSED))
		sbuf_printf(&s->out, " NOTIFY=%s", r->notify);
	if (s->dsn && r->orcpt != NULL) {
		sbuf_puts(&s->out, " ORCPT=");
		if (has_bug(s, BUG_ORCPT_RAW))
			put_decoded(&s->out, r->orcpt);
		else
			sbuf_puts(&s->out, r->orcpt);
	} else if (s->dsn)
		session_add_orcpt(s, r);
	sbuf_puts(&s->out, "\r\n");
	expect(s, STEP_RCPT, i);
}

static void
send_content(struct session *s)
{
	const char *p = s->content, *end = p + s->size;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *next = nl == NULL ? end : nl + 1;

		if (*p == '.' && !has_bug(s, BUG_NO_DOT_STUFFING))
			sbuf_putc(&s->out, '.');
		sbuf_add(&s->out, p, (size_t)(next - p));
		p = next;
	}
	if (s->size > 0 && end[-1] != '\n')
		sbuf_puts(&s->out, "\r\n");
	sbuf_puts(&s->out, ".\r\n");
	expect(s, STEP_EOD, 0);
	s->sending = true;
	arm(s);
}

/* RFC 3030: a chunk is the content as it is, and its reply that to all. */
static void
send_chunk(struct session *s)
{
	session_put_verb(s, "BDAT");
	sbuf_printf(&s->out, " %zu LAST\r\n", s->size);
	sbuf_add(&s->out, s->content, s->size);
	expect(s, STEP_EOD, 0);
	s->sending = true;
}

static void
send_data(struct session *s)
{
	if (session_sends_chunks(s)) {
		send_chunk(s);
		return;
	}
	session_put_verb(s, "DATA\r\n");
	expect(s, STEP_DATA, 0);
}

/* This server cannot take this message at all: RFC 1870, 6152, 6531. */
static bool
server_is_fit(struct session *s)
{
	const struct session_mail *m = s->mail;
	bool zero = s->size_limit == 0 && !has_bug(s, BUG_SIZE_ZERO);
	bool must_convert = m->eight_bit && !s->mime8;
	enum verdict v = VERDICT_PERMANENT;
	const char *status, *text;

	if (must_convert && session_convert(s))
		must_convert = false;
	if (s->size_known && !zero && s->size > s->size_limit) {
		status = "5.3.4";
		text = "the message is larger than the server takes";
	} else if (m->utf8 && !s->utf8) {
		status = "5.6.7";
		text = "the server does not offer SMTPUTF8";
	} else if (must_convert) {
		status = "5.6.3";
		text = "the server does not offer 8BITMIME";
		if (session_has_way(s, WAY_EIGHT_BIT_WAITS))
			v = VERDICT_TEMPORARY;
	} else
		return true;
	s->why.code = 0;
	snprintf(s->why.status, sizeof s->why.status, "%s", status);
	snprintf(s->why.text, sizeof s->why.text, "%s", text);
	all_open_to(s, v);
	commit(s);
	finish(s, mail_result(s));
	return false;
}

/* The next recipient that waits for a transaction, at or after `i`. */
static size_t
next_rcpt(const struct session *s, size_t i)
{
	while (i < s->mail->count && s->mail->rcpts[i].verdict != VERDICT_NONE)
		i++;
	return i;
}

static void
begin_transaction(struct session *s)
{
	size_t i, n = 0, most = session_chunk(s);

	if (!in_step(s) || !server_is_fit(s))
		return;
	s->accepted = 0;
	s->rejected = s->empty_dot = false;
	s->from_rcpt = next_rcpt(s, 0);
	send_mail(s);
	if (s->pipelining) {
		for (i = s->from_rcpt; i < s->mail->count && n < most;
		    i = next_rcpt(s, i + 1), n++)
			send_rcpt(s, i);
		if (!session_data_waits(s))
			send_data(s);
	}
	s->next = s->from_rcpt;
	arm(s);
}

/* A transaction is over: another one, or goodbye. */
static void
end_transaction(struct session *s, bool reset)
{
	bool some = count_verdict(s, VERDICT_OK) > 0;

	for (size_t i = 0; i < s->mail->count; i++) {
		struct session_rcpt *r = &s->mail->rcpts[i];

		if (r->verdict == VERDICT_CROWDED)
			r->verdict = some ? VERDICT_NONE : VERDICT_TEMPORARY;
	}
	bounce_mixed(s);
	if (!waits_for_quit(s))
		commit(s);
	if (next_rcpt(s, 0) == s->mail->count) {
		finish(s, mail_result(s));
	} else if (!reset && !session_has_way(s, WAY_RSET_BETWEEN)) {
		begin_transaction(s);
	} else if (in_step(s)) {
		session_put_verb(s, "RSET\r\n");
		expect(s, STEP_RSET, 0);
		arm(s);
	}
}

/* Without PIPELINING: the command after a RCPT or MAIL reply. */
static void
next_command(struct session *s, size_t after)
{
	size_t i = next_rcpt(s, after);
	size_t offered = count_verdict(s, VERDICT_OFFERED);

	if (!in_step(s))
		return;
	if (i < s->mail->count && offered < session_chunk(s)) {
		send_rcpt(s, i);
	} else if (s->accepted > 0) {
		send_data(s);
	} else {
		end_transaction(s, true);
		return;
	}
	arm(s);
}

/* --- replies --------------------------------------------------------- */

static void
on_greeting(struct session *s)
{
	int code = s->reply.code;

	if (code / 100 == 2 || (code / 100 == 5 && has_bug(s,
	    BUG_MAIL_AFTER_554)))
		send_helo(s, "EHLO", STEP_EHLO);
	else
		session_refused(s, code / 100 == 5 ? TRY_GREETING_5YZ
		    : TRY_GREETING_4YZ, code != 421);
}

static void
on_helo(struct session *s, enum step step)
{
	int code = s->reply.code;

	if (code / 100 == 2 && session_has_way(s, WAY_NOOP_FIRST) &&
	    in_step(s)) {
		session_put_verb(s, "NOOP\r\n");
		expect(s, STEP_NOOP, 0);
		return;
	}
	if (code / 100 == 2) {
		begin_transaction(s);
		return;
	}
	/* RFC 5321 3.2: a server that does not know EHLO. */
	if (step == STEP_EHLO && code >= 500 && code <= 504 &&
	    !has_bug(s, BUG_NO_HELO)) {
		s->pipelining = s->size_known = s->dsn = false;
		s->mime8 = s->utf8 = s->chunking = false;
		send_helo(s, "HELO", STEP_HELO);
		return;
	}
	session_refused(s, code / 100 == 5 ? TRY_EHLO_5YZ : TRY_EHLO_4YZ,
	    code != 421);
}

static void
on_mail(struct session *s)
{
	size_t n = 0;

	if (s->reply.code / 100 == 2) {
		if (!s->pipelining)
			next_command(s, s->from_rcpt);
		return;
	}
	s->why = s->reply;
	s->rejected = true;
	for (size_t i = s->from_rcpt; i < s->mail->count; i++, n++)
		if (s->mail->rcpts[i].verdict == VERDICT_NONE)
			set_verdict(&s->mail->rcpts[i],
			    verdict_of(s, s->reply.code,
			    BUG_MAIL_4YZ_BOUNCES), &s->reply);
	if (!s->pipelining)
		end_transaction(s, true);
}

static void
on_rcpt(struct session *s, size_t i)
{
	struct session_rcpt *r = &s->mail->rcpts[i];
	int code = s->reply.code;

	if (s->rejected)
		return;
	if (code == 251 && has_bug(s, BUG_RCPT_251_LOST))
		set_verdict(r, VERDICT_OK, &s->reply);
	else if (code / 100 == 2) {
		set_verdict(r, VERDICT_OFFERED, &s->reply);
		s->accepted++;
	} else if ((code == 452 || code == 552) && s->accepted > 0 &&
	    !has_bug(s, BUG_MISCOUNT_552)) {
		/* RFC 5321 4.5.3.1.10: too many for one transaction. */
		set_verdict(r, has_bug(s, BUG_CROWDED_LOST) ? VERDICT_OK
		    : VERDICT_CROWDED, &s->reply);
	} else if (code == 552 && strcmp(s->reply.status, "5.5.3") == 0 &&
	    !has_bug(s, BUG_MISCOUNT_552)) {
		/* The same of a server that counts over transactions. */
		set_verdict(r, VERDICT_TEMPORARY, &s->reply);
	} else {
		set_verdict(r, verdict_of(s, code, BUG_RCPT_4YZ_BOUNCES),
		    &s->reply);
		if (code == 552 && has_bug(s, BUG_MISCOUNT_552)) {
			s->why = s->reply;
			for (size_t k = i; k < s->mail->count; k++)
				set_verdict(&s->mail->rcpts[k],
				    VERDICT_PERMANENT, &s->reply);
			s->rejected = true;
		}
	}
	if (!s->pipelining)
		next_command(s, i + 1);
}

/* The fate of all recipients that were accepted so far. */
static void
decide_offered(struct session *s, enum verdict v)
{
	bool again = has_bug(s, BUG_RESENDS_ALL) &&
	    count_verdict(s, VERDICT_TEMPORARY) > 0;

	if (v == VERDICT_TEMPORARY && has_bug(s, BUG_EOD_4YZ_PERMANENT))
		v = VERDICT_PERMANENT;
	if (v == VERDICT_OK && again)
		v = VERDICT_TEMPORARY;
	if (v == VERDICT_OK && waits_for_quit(s))
		return;
	for (size_t i = 0; i < s->mail->count; i++) {
		struct session_rcpt *r = &s->mail->rcpts[i];

		if (r->verdict != VERDICT_OFFERED)
			continue;
		set_verdict(r, v, &s->reply);
		r->dsn_passed = v == VERDICT_OK && s->dsn;
	}
}

static void
on_data(struct session *s)
{
	if (s->reply.code == 354 && in_step(s) && (s->accepted > 0 ||
	    has_bug(s, BUG_CONTENT_UNWANTED))) {
		send_content(s);
	} else if (s->finished) {
		return;
	} else if (s->reply.code == 354) {
		/* RFC 2920 3.1: nobody wants it, so nothing is sent. */
		sbuf_puts(&s->out, ".\r\n");
		s->empty_dot = true;
		expect(s, STEP_EOD, 0);
		arm(s);
	} else {
		enum verdict v = verdict_of(s, s->reply.code, BUG_COUNT);

		/* A 2yz here is nonsense, and surely no acceptance. */
		decide_offered(s, v == VERDICT_OK ? VERDICT_TEMPORARY : v);
		end_transaction(s, true);
	}
}

static void
on_eod(struct session *s)
{
	if (s->accepted == 0 && s->reply.code / 100 == 2 &&
	    has_bug(s, BUG_CONTENT_UNWANTED))
		for (size_t i = 0; i < s->mail->count; i++)
			set_verdict(&s->mail->rcpts[i], VERDICT_OK,
			    &s->reply);
	if (!s->empty_dot)
		decide_offered(s, verdict_of(s, s->reply.code, BUG_COUNT));
	/* RFC 3030 2: after a failed BDAT only RSET helps. */
	end_transaction(s, session_sends_chunks(s) &&
	    s->reply.code / 100 != 2);
}

/* The server speaks while the message is still leaving. */
static void
on_early_reply(struct session *s)
{
	int class = s->reply.code / 100;

	if (has_bug(s, BUG_MULTILINE_354)) {
		s->sending = false;
		s->head++;
		on_eod(s);
		return;
	}
	if (class != 4 && class != 5) {
		out_of_step(s, "reply before the end of the message");
		return;
	}
	s->why = s->reply;
	decide_offered(s, verdict_of(s, s->reply.code, BUG_COUNT));
	all_open_to(s, VERDICT_TEMPORARY);
	s->sending = false;
	s->finished = s->closing = true;
	s->result = mail_result(s);
	sbuf_clear(&s->out);
	commit(s);
}

static void
on_quit(struct session *s)
{
	if (!s->finished) {	/* the bug that waits for it */
		for (size_t i = 0; i < s->mail->count; i++)
			if (s->mail->rcpts[i].verdict == VERDICT_OFFERED)
				s->mail->rcpts[i].verdict = VERDICT_OK;
		s->finished = true;
		s->result = mail_result(s);
		commit(s);
	}
	s->closing = true;
}

/* PIPELINING with DATA held back until MAIL and every RCPT were answered. */
static void
data_if_answered(struct session *s)
{
	if (!s->pipelining || !session_data_waits(s) || s->head < s->tail ||
	    s->closing || s->finished)
		return;
	if (s->accepted == 0)
		end_transaction(s, true);
	else if (in_step(s))
		send_data(s);
}

static void
on_reply(struct session *s)
{
	struct expected e;

	reply_status(&s->reply, s->reply.status);
	if (s->sending) {
		on_early_reply(s);
		return;
	}
	if (s->head == s->tail) {
		out_of_step(s, "reply without command");
		return;
	}
	e = s->queue[s->head++];
	if (s->reply.code == 421 && e.step > STEP_HELO && e.step < STEP_DATA) {
		session_refused(s, TRY_LOST, false);
		return;
	}
	switch (e.step) {
	case STEP_NOOP:		/* whatever it says */
		begin_transaction(s);
		break;
	case STEP_GREETING:
		on_greeting(s);
		break;
	case STEP_EHLO:
	case STEP_HELO:
		on_helo(s, e.step);
		break;
	case STEP_MAIL:
		on_mail(s);
		data_if_answered(s);
		break;
	case STEP_RCPT:
		on_rcpt(s, e.rcpt);
		data_if_answered(s);
		break;
	case STEP_DATA:
		on_data(s);
		break;
	case STEP_EOD:
		on_eod(s);
		break;
	case STEP_RSET:
		if (s->reply.code / 100 == 2)
			begin_transaction(s);
		else
			session_refused(s, TRY_LOST, s->reply.code != 421);
		break;
	case STEP_QUIT:
		on_quit(s);
		break;
	default:
		break;
	}
	if (!s->closing)
		arm(s);
}

/* One EHLO keyword; case does not matter (RFC 5321 4.1.1.1). */
static void
take_keyword(struct session *s, const char *line)
{
	const char *arg;
	size_t len;

	line += strspn(line, " \t");
	len = strcspn(line, " \t=");
	arg = line + len + strspn(line + len, " \t=");
#define IS(word) (len == sizeof word - 1 && strncasecmp(line, word, len) == 0)
	/* That bug's MTA waits for each reply before it goes on. */
	if (IS("PIPELINING") && !has_bug(s, BUG_RCPT_251_LOST))
		s->pipelining = !session_has_way(s, WAY_NO_PIPELINING);
	else if (IS("CHUNKING"))
		s->chunking = true;
	else if (IS("8BITMIME"))
		s->mime8 = true;
	else if (IS("SMTPUTF8"))
		s->utf8 = true;
	else if (IS("DSN"))
		s->dsn = true;
	else if (IS("SIZE")) {
		s->size_known = true;
		s->size_limit = strtoull(arg, NULL, 10);
	}
#undef IS
}

static void
add_reply_text(struct reply *r, const char *line, size_t len)
{
	size_t at = strlen(r->text);

	if (at > 0 && at + 3 < sizeof r->text) {
		memcpy(r->text + at, "; ", 3);
		at += 2;
	}
	for (size_t i = 0; i < len && at + 1 < sizeof r->text; i++) {
		unsigned char c = (unsigned char)line[i];

		r->text[at++] = c >= 32 && c < 127 ? (char)c : '?';
	}
	r->text[at] = '\0';
}

/* One line without its end.  Only the code counts (RFC 5321 4.2). */
static void
on_line(struct session *s, char *line, size_t len)
{
	enum step step = current_step(s);
	bool last;

	if (s->lines == 0)
		memset(&s->reply, 0, sizeof s->reply);
	if (len < 3 || !isdigit((unsigned char)line[0]) ||
	    !isdigit((unsigned char)line[1]) ||
	    !isdigit((unsigned char)line[2]) ||
	    (len > 3 && line[3] != ' ' && line[3] != '-')) {
		s->lines = 0;
		out_of_step(s, "malformed reply");
		return;
	}
	s->reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 +
	    (line[2] - '0');
	if (len == 3 && has_bug(s, BUG_CODE_ALONE))
		s->reply.code = 500;
	last = len == 3 || line[3] == ' ';
	if (step == STEP_EHLO && s->lines > 0 && len > 4 &&
	    s->reply.code / 100 == 2)
		take_keyword(s, line + 4);
	if (s->lines++ == 0)
		add_reply_text(&s->reply, line, len);
	else if (len > 4)
		add_reply_text(&s->reply, line + 4, len - 4);
	if ((s->reply.code == 354 && has_bug(s, BUG_MULTILINE_354)) ||
	    (step == STEP_GREETING && has_bug(s, BUG_GREETING_LINE)))
		last = true;
	if (last) {
		if (s->reply.text[3] == '-')
			s->reply.text[3] = ' ';
		/* On conflict the last line's code is the reply's. */
		memcpy(s->reply.text, line, 3);
		s->lines = 0;
		on_reply(s);
	} else if (s->lines > REPLY_LINES_MAX) {
		s->lines = 0;
		out_of_step(s, "endless reply");
	}
}

void
session_input(struct session *s, const char *bytes, size_t len)
{
	char line[REPLY_LINE_MAX + 1];

	sbuf_add(&s->in, bytes, len);
	while (!s->closing && s->in.len > 0) {
		char *nl = memchr(s->in.data, '\n', s->in.len);
		size_t n;

		if (nl == NULL) {
			/* The head of an oversized line is enough. */
			if (s->in.len > REPLY_LINE_MAX)
				s->in.len = REPLY_LINE_MAX;
			s->in.data[s->in.len] = '\0';
			return;
		}
		n = (size_t)(nl - s->in.data);
		while (n > 0 && s->in.data[n - 1] == '\r')
			n--;
		if (n > REPLY_LINE_MAX)
			n = REPLY_LINE_MAX;
		memcpy(line, s->in.data, n);
		line[n] = '\0';
		sbuf_consume(&s->in, (size_t)(nl - s->in.data) + 1);
		on_line(s, line, n);
	}
}

void
session_drained(struct session *s)
{
	if (s->sending) {
		s->sending = false;
		arm(s);
	}
}

void
session_init(struct session *s, struct session_mail *mail)
{
	memset(s, 0, sizeof *s);
	s->mail = mail;
	s->content = mail->content;
	s->size = mail->size;
	expect(s, STEP_GREETING, 0);
	arm(s);
}

void
session_fini(struct session *s)
{
	sbuf_fini(&s->in);
	sbuf_fini(&s->out);
	sbuf_fini(&s->converted);
	free(s->queue);
}
