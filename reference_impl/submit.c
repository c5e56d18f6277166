#include "reference_impl/submit.h"

#include "reference_impl/received.h"

#include "harness/base/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_MAX_OCTETS	4096	/* room for DSN parameters */
#define RCPTS_MAX	10000

struct submit {
	const struct config *config;
	struct addr	 client;
	submit_fn	*fn;
	void		*ctx;
	struct sbuf	*out;
	struct sbuf	 in;
	char		 helo[256];
	bool		 esmtp;
	bool		 in_data, too_big, bare;	/* of the content */
	bool		 over;
	struct message	*message;	/* from MAIL on */
	struct sbuf	 content;
};

static void reply(struct submit *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
reply(struct submit *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sbuf_vprintf(s->out, fmt, ap);
	va_end(ap);
	sbuf_puts(s->out, "\r\n");
}

static void
reset(struct submit *s)
{
	message_free(s->message);
	s->message = NULL;
	sbuf_fini(&s->content);
	s->in_data = s->too_big = s->bare = false;
}

/* --- who may send where ---------------------------------------------- */

static bool
is_client(const struct submit *s)
{
	for (size_t i = 0; i < s->config->client_count; i++)
		if (addr_same_ip(&s->config->clients[i], &s->client))
			return true;
	return false;
}

static bool
is_relay_domain(const struct submit *s, const char *domain)
{
	for (size_t i = 0; i < s->config->relay_count; i++)
		if (strcasecmp(s->config->relay_domains[i], domain) == 0)
			return true;
	return false;
}

/* --- MAIL and RCPT --------------------------------------------------- */

/*
 * Takes "<path>" apart: a source route goes (RFC 5321 4.1.1.3), quotes may
 * hold anything printable.  Returns what follows '>', or NULL.
 */
static const char *
parse_path(const char *p, struct sbuf *addr)
{
	bool quoted = false;

	p += strspn(p, " ");
	if (*p++ != '<')
		return NULL;
	if (*p == '@') {
		p += strcspn(p, ":>");
		if (*p++ != ':')
			return NULL;
	}
	for (; *p != '\0' && (quoted || *p != '>'); p++) {
		unsigned char c = (unsigned char)*p;

		if (c < 32 || c == 127 || (!quoted && c == ' '))
			return NULL;
		if (quoted && c == '\\' && p[1] != '\0')
			sbuf_putc(addr, *p++);
		else if (c == '"')
			quoted = !quoted;
		sbuf_putc(addr, *p);
	}
	return *p == '>' ? p + 1 : NULL;
}

/* xtext of RFC 3461 4, and what it stands for must be printable too. */
static bool
is_xtext(const char *p)
{
	for (; *p != '\0'; p++) {
		unsigned c;

		if (*p <= 32 || *p >= 127 || *p == '=')
			return false;
		if (*p != '+')
			continue;
		if (strspn(p + 1, "0123456789ABCDEF") < 2 ||
		    sscanf(p + 1, "%2X", &c) != 1 || c < 32 || c > 126)
			return false;
		p += 2;
	}
	return true;
}

/* Cuts the next parameter off; NULL at the end. */
static char *
next_param(char **rest)
{
	char *word;

	while ((word = strsep(rest, " ")) != NULL)
		if (*word != '\0')
			return word;
	return NULL;
}

static bool
mail_param(struct submit *s, const char *word)
{
	struct message *m = s->message;

	if (strncasecmp(word, "SIZE=", 5) == 0)
		s->too_big = strtoull(word + 5, NULL, 10) > SUBMIT_SIZE_MAX;
	else if (strcasecmp(word, "BODY=8BITMIME") == 0)
		m->eight_bit = true;
	else if (strcasecmp(word, "SMTPUTF8") == 0)
		m->utf8 = true;
	else if (strcasecmp(word, "RET=FULL") == 0 ||
	    strcasecmp(word, "RET=HDRS") == 0)
		text_set(&m->ret, word + 4);
	else if (strncasecmp(word, "ENVID=", 6) == 0 && is_xtext(word + 6))
		text_set(&m->envid, word + 6);
	else
		return strcasecmp(word, "BODY=7BIT") == 0;
	return true;
}

static void
on_mail(struct submit *s, const char *arg)
{
	struct sbuf addr = { 0 };
	const char *after;
	char *copy, *rest, *word;

	if (s->helo[0] == '\0') {
		reply(s, "503 5.5.1 Say hello first");
		return;
	}
	if (s->message != NULL) {
		reply(s, "503 5.5.1 One MAIL at a time");
		return;
	}
	after = parse_path(arg, &addr);
	if (after == NULL) {
		reply(s, "501 5.1.7 Bad reverse-path");
		sbuf_fini(&addr);
		return;
	}
	s->message = message_new(sbuf_str(&addr));
	sbuf_fini(&addr);
	copy = rest = xstrdup(after);
	while ((word = next_param(&rest)) != NULL) {
		if (!mail_param(s, word)) {
			reply(s, "555 5.5.4 Parameter not known");
			reset(s);
			break;
		}
	}
	free(copy);
	if (s->message == NULL)
		return;
	if (s->too_big) {
		reply(s, "552 5.3.4 Message too big");
		reset(s);
	} else
		reply(s, "250 2.1.0 Sender taken");
}

static bool
is_notify(const char *v)
{
	if (strcasecmp(v, "NEVER") == 0)
		return true;
	while (*v != '\0') {
		size_t n = strcspn(v, ",");

		if (!(n == 7 && strncasecmp(v, "SUCCESS", n) == 0) &&
		    !(n == 7 && strncasecmp(v, "FAILURE", n) == 0) &&
		    !(n == 5 && strncasecmp(v, "DELAY", n) == 0))
			return false;
		v += n + (v[n] == ',');
	}
	return true;
}

static bool
rcpt_param(struct rcpt *r, const char *word, const struct bugs *bugs)
{
	if (HAS_BUG(bugs, DSN_REFUSED))
		return false;
	if (strncasecmp(word, "NOTIFY=", 7) == 0 && is_notify(word + 7))
		text_set(&r->notify, word + 7);
	else if (strncasecmp(word, "ORCPT=", 6) == 0 &&
	    strchr(word, ';') != NULL && is_xtext(word + 6))
		text_set(&r->orcpt, word + 6);
	else
		return false;
	return true;
}

static void
drop_last_rcpt(struct message *m)
{
	struct rcpt *r = &m->rcpts[--m->count];

	free(r->addr);
	free(r->notify);
	free(r->orcpt);
}

/* The reply to a recipient, or NULL if it is welcome. */
static const char *
judge_rcpt(const struct submit *s, const char *addr)
{
	const char *at = strrchr(addr, '@');

	if (at == NULL || at == addr || at[1] == '\0')
		return "501 5.1.3 Bad recipient address";
	if (strcasecmp(at + 1, s->config->policy.hostname) == 0)
		return "550 5.1.1 No mailboxes here";
	if (!is_client(s) && !is_relay_domain(s, at + 1))
		return "554 5.7.1 Relaying denied";
	if (s->message->count >= RCPTS_MAX)
		return "452 4.5.3 Too many recipients";
	return NULL;
}

static void
on_rcpt(struct submit *s, const char *arg)
{
	struct sbuf addr = { 0 };
	const char *after, *refusal;
	char *copy, *rest, *word;
	struct rcpt *r;
	bool ok = true;

	if (s->message == NULL) {
		reply(s, "503 5.5.1 MAIL first");
		return;
	}
	after = parse_path(arg, &addr);
	refusal = after == NULL ? "501 5.1.3 Bad recipient address"
	    : judge_rcpt(s, sbuf_str(&addr));
	if (refusal != NULL) {
		reply(s, "%s", refusal);
		sbuf_fini(&addr);
		return;
	}
	r = message_add_rcpt(s->message, sbuf_str(&addr));
	sbuf_fini(&addr);
	copy = rest = xstrdup(after);
	while (ok && (word = next_param(&rest)) != NULL)
		ok = rcpt_param(r, word, &s->config->bugs);
	free(copy);
	if (ok) {
		reply(s, "250 2.1.5 Recipient taken");
	} else {
		drop_last_rcpt(s->message);
		reply(s, "555 5.5.4 Parameter not known");
	}
}

/* --- the content ----------------------------------------------------- */

static int
count_received(const struct sbuf *c)
{
	const char *p = sbuf_str(c), *end = p + c->len;
	int n = 0;

	while (p < end && *p != '\r') {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		n += end - p > 9 && strncasecmp(p, "Received:", 9) == 0;
		if (nl == NULL)
			break;
		p = nl + 1;
	}
	return n;
}

static int64_t
first_wait_us(const struct submit *s)
{
	return HAS_WAY(&s->config->ways, FIRST_WAITS) ? 2000000 : 0;
}

static void
end_of_content(struct submit *s)
{
	struct message *m = s->message;
	struct sbuf whole = { 0 };

	if (s->bare) {
		/* RFC 5321 2.3.8: what others may take for a line end. */
		reply(s, "550 5.6.11 Bare CR or LF in the message");
		reset(s);
		return;
	}
	if (s->too_big) {
		reply(s, "552 5.3.4 Message too big");
		reset(s);
		return;
	}
	m->arrival_us = now_us();
	m->hops = count_received(&s->content);
	for (size_t i = 0; i < m->count; i++)
		m->rcpts[i].next_us = m->arrival_us + first_wait_us(s);
	for (size_t i = 0; i < s->content.len; i++)
		if ((unsigned char)s->content.data[i] > 127)
			m->eight_bit = true;
	received_put(&whole, s->config, &(struct received){ .helo = s->helo,
	    .client = s->client, .message = m, .esmtp = s->esmtp });
	fields_add(&whole, s->config, m, &s->content);
	sbuf_add(&whole, sbuf_str(&s->content), s->content.len);
	if (s->fn(s->ctx, m, whole.data, whole.len)) {
		reply(s, "250 2.0.0 Queued as %s", m->id);
		s->message = NULL;	/* the queue's now */
	} else
		reply(s, "451 4.3.0 The queue cannot take it");
	sbuf_fini(&whole);
	reset(s);
}

static void
content_line(struct submit *s, const char *line, size_t len)
{
	/* len includes the CRLF */
	if (len == 3 && line[0] == '.') {
		end_of_content(s);
		return;
	}
	if (line[0] == '.') {
		line++;
		len--;
	}
	for (size_t i = 0; i + 2 < len; i++)
		if (line[i] == '\r' || line[i] == '\n')
			s->bare = true;
	if (s->content.len + len > SUBMIT_SIZE_MAX)
		s->too_big = true;
	else
		sbuf_add(&s->content, line, len);
}

/* --- commands -------------------------------------------------------- */

static void
on_hello(struct submit *s, const char *arg, bool esmtp)
{
	arg += strspn(arg, " ");
	if (*arg == '\0' || strspn(arg, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"
	    "KLMNOPQRSTUVWXYZ0123456789-._:[]") != strlen(arg)) {
		reply(s, "501 5.5.4 Name yourself");
		return;
	}
	reset(s);
	snprintf(s->helo, sizeof s->helo, "%.255s", arg);
	s->esmtp = esmtp;
	if (!esmtp) {
		reply(s, "250 %s", s->config->policy.hostname);
		return;
	}
	reply(s, "250-%s", s->config->policy.hostname);
	reply(s, "250-PIPELINING");
	reply(s, "250-SIZE %d", SUBMIT_SIZE_MAX);
	reply(s, "250-8BITMIME");
	reply(s, "250-SMTPUTF8");
	reply(s, "250-ENHANCEDSTATUSCODES");
	reply(s, "250 DSN");
}

static void
on_data(struct submit *s)
{
	if (s->message == NULL || s->message->count == 0) {
		reply(s, "503 5.5.1 RCPT first");
		return;
	}
	s->in_data = true;
	reply(s, "354 End with a dot on a line of its own");
}

static void
command(struct submit *s, const char *line)
{
#define IS(word) (strncasecmp(line, word, sizeof word - 1) == 0)
	if (IS("EHLO "))
		on_hello(s, line + 5, true);
	else if (IS("HELO "))
		on_hello(s, line + 5, false);
	else if (IS("MAIL FROM:"))
		on_mail(s, line + 10);
	else if (IS("RCPT TO:"))
		on_rcpt(s, line + 8);
	else if (strcasecmp(line, "DATA") == 0)
		on_data(s);
	else if (strcasecmp(line, "RSET") == 0) {
		reset(s);
		reply(s, "250 2.0.0 Forgotten");
	} else if (IS("NOOP")) {
		reply(s, "250 2.0.0 Done");
	} else if (IS("VRFY")) {
		reply(s, "252 2.5.2 Try it");
	} else if (strcasecmp(line, "QUIT") == 0) {
		reply(s, "221 2.0.0 %s bye", s->config->policy.hostname);
		s->over = true;
	} else
		reply(s, "500 5.5.2 Not understood");
#undef IS
}

/* Lines end with CRLF and nothing else; a lone LF is content. */
static const char *
line_end(const char *p, const char *end)
{
	const char *nl = p;

	while ((nl = memchr(nl, '\n', (size_t)(end - nl))) != NULL) {
		if (nl > p && nl[-1] == '\r')
			return nl + 1;
		nl++;
	}
	return NULL;
}

void
submit_input(struct submit *s, const char *bytes, size_t len)
{
	const char *p, *end, *next;

	sbuf_add(&s->in, bytes, len);
	if (s->in.data == NULL)
		return;
	p = s->in.data;
	end = p + s->in.len;
	while (!s->over && (next = line_end(p, end)) != NULL) {
		size_t n = (size_t)(next - p);

		if (s->in_data) {
			content_line(s, p, n);
		} else if (n > LINE_MAX_OCTETS || memchr(p, '\0', n) != NULL) {
			reply(s, "500 5.5.6 Line too long or not text");
		} else {
			char *line = xstrndup(p, n - 2);

			command(s, line);
			free(line);
		}
		p = next;
	}
	sbuf_consume(&s->in, (size_t)(p - s->in.data));
	if (s->in.len > SUBMIT_SIZE_MAX || (!s->in_data &&
	    s->in.len > LINE_MAX_OCTETS)) {
		reply(s, "421 4.7.0 No line end in sight");
		s->over = true;
	}
}

bool
submit_is_over(const struct submit *s)
{
	return s->over;
}

struct submit *
submit_new(const struct config *c, const struct addr *client, submit_fn *fn,
    void *ctx, struct sbuf *out)
{
	struct submit *s = xcalloc(1, sizeof *s);

	s->config = c;
	s->client = *client;
	s->fn = fn;
	s->ctx = ctx;
	s->out = out;
	reply(s, "220 %s ESMTP refmta", c->policy.hostname);
	return s;
}

void
submit_free(struct submit *s)
{
	reset(s);
	sbuf_fini(&s->in);
	free(s);
}
