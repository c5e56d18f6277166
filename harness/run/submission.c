#include "harness/run/submission.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/bev.h"
#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"
#include "harness/run/compose.h"

#define SUBMISSION_MAGIC	0x73756272	/* "subr" */
#define RETRY_US	INT64_C(10000)
#define SLOW_US		INT64_C(10000000)
#define MAX_LINE	4096

/* X(symbol, "stage as in the inject event") */
#define STATES(X)							\
	X(CONNECT, "connect") X(GREETING, "connect") X(EHLO, "ehlo")	\
	X(MAIL, "mail") X(RCPT, "rcpt") X(DATA, "data") X(EOD, "eod")	\
	X(QUIT, "quit")

enum state {
#define X(sym, word) ST_##sym,
	STATES(X)
#undef X
};

static const char *const state_words[] = {
#define X(sym, word) word,
	STATES(X)
#undef X
};

struct submission {
	uint32_t	 magic;
	struct submission_spec spec;
	struct sbuf	 content;
	char		*tag;
	struct bufferevent *bev;
	struct timer	*retry;
	enum state	 state;
	size_t		 next_rcpt, accepted;
	int64_t		 started_us;
	bool		 ext_dsn, ext_8bit, ext_size, ext_utf8;
	bool		 ext_pipelining;
	bool		 refused;	/* further replies are not told */
	int		 eod_code;
	bool		 ended;
};

static struct submission *
submission_of(void *arg)
{
	struct submission *s = arg;

	assert(s->magic == SUBMISSION_MAGIC);
	return s;
}

static void try_connect(struct submission *);

static void
end(struct submission *s, const char *error)
{
	if (s->ended)
		return;
	s->ended = true;
	s->spec.done(s->spec.ctx, s, s->eod_code, error);
}

static void
drop_connection(struct submission *s)
{
	if (s->bev != NULL)
		bufferevent_free(s->bev);
	s->bev = NULL;
}

static void
retry_now(void *arg)
{
	struct submission *s = submission_of(arg);

	s->retry = NULL;
	try_connect(s);
}

/* Not greeted yet: again when the lab is quiet, until the patience ends. */
static void
retry_later(struct submission *s)
{
	int64_t waited = timers_now(s->spec.timers) - s->started_us;

	drop_connection(s);
	if (waited >= s->spec.give_up_us) {
		end(s, "the MTA does not answer on its submission port");
		return;
	}
	s->state = ST_CONNECT;
	/* Exact for an MTA that starts slowly, few for one that never does. */
	s->retry = timers_in(s->spec.timers, waited < SLOW_US ? RETRY_US :
	    waited / 16, retry_now, s);
}

static void
emit_reply(struct submission *s, int code, const char *text)
{
	const struct message *m = s->spec.message;
	struct event ev = { .kind = EV_INJECT };

	ev.msg = m->key;
	ev.from = m->from;
	ev.stage = state_words[s->state];
	ev.code = code;
	ev.text = text;
	if (s->state == ST_RCPT)
		ev.rcpt = m->to[s->next_rcpt];
	event_emit(s->spec.sink, &ev);
}

static void
send_text(struct submission *s, struct sbuf *b)
{
	bev_write(s->bev, b->data, b->len);
	sbuf_fini(b);
}

static bool
is_ascii(const char *s)
{
	while (*s != '\0' && (unsigned char)*s < 128)
		s++;
	return *s == '\0';
}

/* RFC 6531 section 3.4: one address beyond ASCII, or a header, asks for it. */
static bool
needs_utf8(const struct message *m)
{
	bool ascii = is_ascii(m->from) &&
	    (m->header == NULL || is_ascii(m->header));

	for (size_t i = 0; i < m->to_count; i++)
		ascii &= is_ascii(m->to[i]);
	return !ascii;
}

static void
put_mail(const struct submission *s, struct sbuf *b)
{
	const struct message *m = s->spec.message;

	sbuf_puts(b, "MAIL FROM:<");
	compose_tag(b, m->from, s->tag);
	sbuf_puts(b, ">");
	if (s->ext_size)
		sbuf_printf(b, " SIZE=%zu", s->content.len);
	if (s->ext_8bit && m->eight_bit)
		sbuf_puts(b, " BODY=8BITMIME");
	if (s->ext_dsn && m->ret != NULL)
		sbuf_printf(b, " RET=%s", m->ret);
	if (s->ext_dsn && m->envid != NULL) {
		sbuf_puts(b, " ENVID=");
		compose_xtext(b, m->envid);
	}
	if (s->ext_utf8 && needs_utf8(m))
		sbuf_puts(b, " SMTPUTF8");
	sbuf_puts(b, "\r\n");
}

static void
put_rcpt(const struct submission *s, struct sbuf *b, size_t i)
{
	const struct message *m = s->spec.message;

	sbuf_printf(b, "RCPT TO:<%s>", m->to[i]);
	if (s->ext_dsn && m->notify != NULL)
		sbuf_printf(b, " NOTIFY=%s", m->notify);
	/* Beyond ASCII it would be of type utf-8 (RFC 6533 section 3). */
	if (s->ext_dsn && m->notify != NULL && is_ascii(m->to[i])) {
		sbuf_puts(b, " ORCPT=rfc822;");
		compose_xtext(b, m->to[i]);
	}
	sbuf_puts(b, "\r\n");
}

/* With PIPELINING (RFC 2920) all of the envelope, and DATA, in one go. */
static void
send_mail(struct submission *s)
{
	struct sbuf b = { 0 };

	s->state = ST_MAIL;
	put_mail(s, &b);
	if (s->ext_pipelining) {
		for (size_t i = 0; i < s->spec.message->to_count; i++)
			put_rcpt(s, &b, i);
		sbuf_puts(&b, "DATA\r\n");
	}
	send_text(s, &b);
}

static void
send_rcpt(struct submission *s)
{
	struct sbuf b = { 0 };

	s->state = ST_RCPT;
	if (s->ext_pipelining)
		return;
	put_rcpt(s, &b, s->next_rcpt);
	send_text(s, &b);
}

static void
send_line(struct submission *s, enum state next, const char *line)
{
	s->state = next;
	bev_write(s->bev, line, strlen(line));
}

static void
send_quit(struct submission *s)
{
	send_line(s, ST_QUIT, "QUIT\r\n");
}

/* Dot-stuffed (RFC 5321 section 4.5.2), with the final dot. */
static void
send_content(struct submission *s)
{
	const char *p = s->content.data, *last = p + s->content.len, *nl;
	struct sbuf b = { 0 };

	s->state = ST_EOD;
	while (p < last) {
		nl = memchr(p, '\n', (size_t)(last - p));
		nl = nl != NULL ? nl + 1 : last;
		if (*p == '.')
			sbuf_putc(&b, '.');
		sbuf_add(&b, p, (size_t)(nl - p));
		p = nl;
	}
	sbuf_puts(&b, ".\r\n");
	send_text(s, &b);
}

static void
note_keyword(struct submission *s, const char *line)
{
	const char *word = strlen(line) > 4 ? line + 4 : "";

	s->ext_dsn |= strcasecmp(word, "DSN") == 0;
	s->ext_8bit |= strcasecmp(word, "8BITMIME") == 0;
	s->ext_utf8 |= strcasecmp(word, "SMTPUTF8") == 0;
	s->ext_size |= strncasecmp(word, "SIZE", 4) == 0;
	s->ext_pipelining |= strcasecmp(word, "PIPELINING") == 0;
}

static void
after_mail(struct submission *s, bool good)
{
	s->refused = !good;
	if (good || s->ext_pipelining)
		send_rcpt(s);
	else
		send_quit(s);
}

/* RCPT was answered: the next one, the content, or nothing to send. */
static void
after_rcpt(struct submission *s, bool good)
{
	s->accepted += good && !s->refused;
	if (++s->next_rcpt < s->spec.message->to_count) {
		send_rcpt(s);
		return;
	}
	s->refused = s->accepted == 0;
	if (s->ext_pipelining)
		s->state = ST_DATA;	/* has been sent */
	else if (!s->refused)
		send_line(s, ST_DATA, "DATA\r\n");
	else
		send_quit(s);
}

/* A 354 although nobody is to get it: RFC 2920 section 3.1 has the remedy. */
static void
after_data(struct submission *s, int code)
{
	if (code != 354)
		send_quit(s);
	else if (s->refused)
		send_line(s, ST_EOD, ".\r\n");
	else
		send_content(s);
}

static void
tell_reply(struct submission *s, int code, const char *text)
{
	if (s->refused || s->state < ST_MAIL || s->state == ST_QUIT)
		return;
	emit_reply(s, code, text);
	if (s->state == ST_EOD)
		s->eod_code = code;
}

static void
handle_reply(struct submission *s, int code, const char *text)
{
	bool good = code / 100 == 2;

	tell_reply(s, code, text);
	switch (s->state) {
	case ST_GREETING:
		if (good)
			send_line(s, ST_EHLO, "EHLO client.sut.test\r\n");
		else
			retry_later(s);
		break;
	case ST_EHLO:
		if (good)
			send_mail(s);
		else
			send_quit(s);
		break;
	case ST_MAIL:
		after_mail(s, good);
		break;
	case ST_RCPT:
		after_rcpt(s, good);
		break;
	case ST_DATA:
		after_data(s, code);
		break;
	case ST_EOD:
		send_quit(s);
		break;
	case ST_CONNECT:
	case ST_QUIT:
		drop_connection(s);
		end(s, NULL);
		break;
	}
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct submission *s = submission_of(arg);
	char *line;

	while (s->bev == bev && (line = evbuffer_readln(
	    bufferevent_get_input(bev), NULL, EVBUFFER_EOL_CRLF)) != NULL) {
		if (s->state == ST_EHLO)
			note_keyword(s, line);
		if (strlen(line) >= 3 && line[3] != '-')
			handle_reply(s, atoi(line), line);
		free(line);
	}
	if (s->bev == bev && evbuffer_get_length(bufferevent_get_input(bev)) >
	    MAX_LINE)
		end(s, "the MTA answers with an endless line");
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct submission *s = submission_of(arg);

	(void)bev;
	if (what & BEV_EVENT_CONNECTED) {
		s->state = ST_GREETING;
		return;
	}
	if (s->state <= ST_GREETING) {
		retry_later(s);
		return;
	}
	drop_connection(s);
	if (s->state == ST_QUIT)
		end(s, NULL);
	else
		end(s, "the MTA closed the submission connection");
}

static void
try_connect(struct submission *s)
{
	struct sockaddr_storage from, to;
	socklen_t from_len = s->spec.from.family == 0 ? 0 :
	    addr_to_sockaddr(&s->spec.from, &from);
	socklen_t to_len = addr_to_sockaddr(&s->spec.to, &to);
	int fd, one = 1;

	fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (fd < 0 || (s->spec.from.family != 0 &&
	    bind(fd, (struct sockaddr *)&from, from_len) < 0)) {
		end(s, strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	s->bev = bufferevent_socket_new(s->spec.base, fd,
	    BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(s->bev, on_read, NULL, on_event, s);
	bufferevent_enable(s->bev, EV_READ);
	bufferevent_socket_connect(s->bev, (struct sockaddr *)&to,
	    (int)to_len);
}

struct submission *
submission_new(const struct submission_spec *spec)
{
	struct submission *s = xcalloc(1, sizeof *s);

	s->magic = SUBMISSION_MAGIC;
	s->spec = *spec;
	s->tag = xstrdup(spec->tag != NULL ? spec->tag : spec->message->key);
	sbuf_add(&s->content, spec->content, spec->len);
	s->started_us = timers_now(spec->timers);
	/* Never from here: the caller does not have the handle yet. */
	s->retry = timers_in(spec->timers, 0, retry_now, s);
	return s;
}

void
submission_free(struct submission *s)
{
	if (s == NULL)
		return;
	s->ended = true;
	timers_cancel(s->spec.timers, s->retry);
	drop_connection(s);
	sbuf_fini(&s->content);
	free(s->tag);
	s->magic = 0;
	free(s);
}
