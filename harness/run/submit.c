#include "harness/run/submit.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/sbuf.h"
#include "harness/base/xalloc.h"

#define SUBMIT_MAGIC	0x7375626du
#define RETRY_REAL_US	2000
#define LINE_MAX_OCTETS	8192

enum stage { AT_CONNECT, AT_EHLO, AT_MAIL, AT_RCPT, AT_DATA, AT_EOD };

static const char *const stage_words[] = {
	"connect", "ehlo", "mail", "rcpt", "data", "eod",
};

struct submit {
	unsigned	 magic;
	struct submit_want want;
	struct event_base *base;
	struct bufferevent *bev;
	struct event	*retry;
	enum stage	 stage;
	size_t		 rcpt;		/* the one that was asked last */
	int		*codes;
	bool		 any_rcpt, greeted;
	bool		 has_dsn, has_8bit, has_utf8, has_size;
};

static void	try_connect(evutil_socket_t, short, void *);

void
submit_cancel(struct submit *s)
{
	assert(s->magic == SUBMIT_MAGIC);
	if (s->bev != NULL)
		bufferevent_free(s->bev);
	event_free(s->retry);
	free(s->codes);
	s->magic = 0;
	free(s);
}

static void
finish(struct submit *s, int code, const char *why)
{
	if (s->want.on_done != NULL)
		s->want.on_done(s->want.ctx, code, s->codes, why);
	submit_cancel(s);
}

static void
record(struct submit *s, int code, const char *text)
{
	struct event ev = {
		.kind = EV_INJECT, .msg = s->want.key, .from = s->want.from,
		.stage = stage_words[s->stage], .code = code, .text = text,
	};

	if (s->stage == AT_RCPT)
		ev.rcpt = s->want.to[s->rcpt];
	event_emit(s->want.sink, &ev);
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text > 127)
			return false;
	return true;
}

static void
xtext(struct sbuf *b, const char *text)		/* RFC 3461 section 4 */
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < '!' || c > '~' || c == '+' || c == '=')
			sbuf_printf(b, "+%02X", c);
		else
			sbuf_putc(b, (char)c);
	}
}

static void
send_line(struct submit *s, struct sbuf *line)
{
	sbuf_puts(line, "\r\n");
	bufferevent_write(s->bev, line->data, line->len);
	sbuf_fini(line);
}

static void
send_mail(struct submit *s)
{
	const struct submit_want *w = &s->want;
	struct sbuf b = { 0 };
	bool ascii = is_ascii(w->from);

	for (size_t i = 0; i < w->to_count; i++)
		ascii = ascii && is_ascii(w->to[i]);
	s->stage = AT_MAIL;
	sbuf_printf(&b, "MAIL FROM:<%s>", w->from);
	if (s->has_size)
		sbuf_printf(&b, " SIZE=%zu", w->content_len);
	if (s->has_8bit && w->eight_bit)
		sbuf_puts(&b, " BODY=8BITMIME");
	if (s->has_utf8 && !ascii)
		sbuf_puts(&b, " SMTPUTF8");
	if (s->has_dsn && w->ret != NULL)
		sbuf_printf(&b, " RET=%s", w->ret);
	if (s->has_dsn && w->envid != NULL) {
		sbuf_puts(&b, " ENVID=");
		xtext(&b, w->envid);
	}
	send_line(s, &b);
}

static void
send_rcpt(struct submit *s)
{
	const char *to = s->want.to[s->rcpt];
	struct sbuf b = { 0 };

	s->stage = AT_RCPT;
	sbuf_printf(&b, "RCPT TO:<%s>", to);
	if (s->has_dsn && s->want.notify != NULL) {
		sbuf_printf(&b, " NOTIFY=%s", s->want.notify);
		if (is_ascii(to)) {
			sbuf_puts(&b, " ORCPT=rfc822;");
			xtext(&b, to);
		}
	}
	send_line(s, &b);
}

static void
send_content(struct submit *s)
{
	const char *p = s->want.content, *end = p + s->want.content_len, *nl;
	struct sbuf b = { 0 };

	s->stage = AT_EOD;
	while (p < end) {
		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl + 1 : end;
		if (*p == '.')			/* RFC 5321 4.5.2 */
			sbuf_putc(&b, '.');
		sbuf_add(&b, p, (size_t)(nl - p));
		p = nl;
	}
	sbuf_puts(&b, ".");
	send_line(s, &b);
}

static void
give_up(struct submit *s, int code, const char *text)
{
	/* Past the buffer, which is empty and dies in finish(). */
	(void)!send(bufferevent_getfd(s->bev), "QUIT\r\n", 6,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	finish(s, code, text);
}

/* The last line of a reply has come.  True: go on reading. */
static bool
on_reply(struct submit *s, int code, const char *text)
{
	record(s, code, text);
	switch (s->stage) {
	case AT_CONNECT:
		if (code != 220)
			break;
		s->stage = AT_EHLO;
		bufferevent_write(s->bev, "EHLO client.test\r\n", 18);
		return true;
	case AT_EHLO:
		if (code != 250)
			break;
		send_mail(s);
		return true;
	case AT_MAIL:
		if (code != 250)
			break;
		s->rcpt = 0;
		send_rcpt(s);
		return true;
	case AT_RCPT:
		s->codes[s->rcpt] = code;
		s->any_rcpt = s->any_rcpt || code / 100 == 2;
		if (++s->rcpt < s->want.to_count) {
			send_rcpt(s);
			return true;
		}
		if (!s->any_rcpt)
			break;
		s->stage = AT_DATA;
		bufferevent_write(s->bev, "DATA\r\n", 6);
		return true;
	case AT_DATA:
		if (code != 354)
			break;
		send_content(s);
		return true;
	case AT_EOD:
		break;
	}
	give_up(s, code, text);
	return false;
}

static void
note_keyword(struct submit *s, const char *line)
{
	size_t n = strcspn(line + 4, " ");
	const char *word = line + 4;

	if (n == 3 && strncasecmp(word, "DSN", n) == 0)
		s->has_dsn = true;
	else if (n == 8 && strncasecmp(word, "8BITMIME", n) == 0)
		s->has_8bit = true;
	else if (n == 8 && strncasecmp(word, "SMTPUTF8", n) == 0)
		s->has_utf8 = true;
	else if (n == 4 && strncasecmp(word, "SIZE", n) == 0)
		s->has_size = true;
}

/* Called by libevent when octets have come. */
static void
on_read(struct bufferevent *bev, void *arg)
{
	struct submit *s = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	char *line;
	size_t len;
	bool more = true;

	assert(s->magic == SUBMIT_MAGIC);
	while (more && (line = evbuffer_readln(in, &len, EVBUFFER_EOL_CRLF))
	    != NULL) {
		s->greeted = true;
		if (len < 3 || strspn(line, "0123456789") < 3) {
			finish(s, 0, "the MTA's reply is no SMTP reply");
			more = false;
		} else {
			if (s->stage == AT_EHLO && len > 4)
				note_keyword(s, line);
			if (line[3] != '-')
				more = on_reply(s, atoi(line), line);
		}
		free(line);
	}
	if (more && evbuffer_get_length(in) > LINE_MAX_OCTETS)
		finish(s, 0, "the MTA's reply has an endless line");
}

static void
retry_soon(struct submit *s)
{
	struct timeval soon = { 0, RETRY_REAL_US };

	if (s->bev != NULL)
		bufferevent_free(s->bev);
	s->bev = NULL;
	evtimer_add(s->retry, &soon);
}

/* Called by libevent on the connection's beginning and end. */
static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct submit *s = arg;

	(void)bev;
	assert(s->magic == SUBMIT_MAGIC);
	if ((what & BEV_EVENT_CONNECTED) != 0)
		return;
	/* Before the greeting the MTA is merely not ready yet. */
	if (!s->greeted) {
		retry_soon(s);
		return;
	}
	record(s, 0, "connection lost");
	finish(s, 0, "connection lost");
}

/* Called by libevent, at the start and again while nobody listens. */
static void
try_connect(evutil_socket_t unused, short what, void *arg)
{
	struct submit *s = arg;
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&s->want.local, &ss);
	int fd;

	(void)unused;
	(void)what;
	fd = socket(s->want.server.family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&ss, len) < 0) {
		if (fd >= 0)
			close(fd);
		finish(s, 0, strerror(errno));
		return;
	}
	s->bev = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(s->bev, on_read, NULL, on_event, s);
	bufferevent_enable(s->bev, EV_READ | EV_WRITE);
	len = addr_to_sockaddr(&s->want.server, &ss);
	if (bufferevent_socket_connect(s->bev, (struct sockaddr *)&ss,
	    (int)len) < 0)
		retry_soon(s);
}

struct submit *
submit_start(struct event_base *base, const struct submit_want *want)
{
	struct submit *s = xcalloc(1, sizeof *s);
	struct timeval now = { 0, 0 };

	assert(want->to_count > 0);
	s->magic = SUBMIT_MAGIC;
	s->want = *want;
	s->base = base;
	s->codes = xcalloc(want->to_count, sizeof *s->codes);
	s->retry = evtimer_new(base, try_connect, s);
	evtimer_add(s->retry, &now);
	return s;
}
