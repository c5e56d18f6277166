/* What each command does, RFC 5321 section 4.1.1. */
#include "fake_smtp/session_impl.h"

#include <string.h>
#include <strings.h>

/* RFC 5321 4.5.3.1.4; extensions allow MAIL and RCPT more (RFC 1870: 26,
 * RFC 3461: 500), RFC 4954 AUTH 12288. */
#define COMMAND_OCTETS	512
#define ENVELOPE_OCTETS	1100
#define AUTH_OCTETS	12288

static const char *const default_keywords[] = { "PIPELINING",
	"SIZE 52428800", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES",
	"CHUNKING" };

enum fsmtp_stage
session_verb_stage(enum smtp_verb verb)
{
	switch (verb) {
#define S(name) case SMTP_##name: return FSMTP_##name
	S(EHLO); S(HELO); S(MAIL); S(RCPT); S(DATA); S(BDAT); S(RSET);
	S(NOOP); S(QUIT); S(STARTTLS); S(AUTH);
#undef S
	default:
		return FSMTP_OTHER;
	}
}

static int
answer(struct fsmtp_session *s, enum fsmtp_stage stage, const char *healthy)
{
	struct fsmtp_rule *r;

	return session_answer(s, stage, NULL, healthy, &r);
}

/* Our own refusal, at which no rule has a say: the client is wrong. */
static void
refuse(struct fsmtp_session *s, enum fsmtp_stage stage, const char *text)
{
	session_apply(s, stage, NULL, text);
}

void
session_greet(struct fsmtp_session *s)
{
	s->state = STATE_COMMAND;
	if (s->c.connect != FSMTP_CONNECT_OPEN) {
		/* Fired was counted when the contact was decided. */
		session_apply(s, FSMTP_CONNECT, NULL, "");
		s->odd = true;
		s->out.len = 0;
		s->out_code = 0;
		s->out.rule_made = true;
		s->out.kind = s->c.connect == FSMTP_CONNECT_CLOSE ?
		    FSMTP_OUT_CLOSE : s->c.connect == FSMTP_CONNECT_BLACKHOLE ?
		    FSMTP_OUT_SILENCE : FSMTP_OUT_RESET;
		s->out_action = s->out.kind == FSMTP_OUT_CLOSE ?
		    FSMTP_DO_CLOSE : s->out.kind == FSMTP_OUT_RESET ?
		    FSMTP_DO_RESET : FSMTP_DO_SILENCE;
		if (s->c.connect_rule != NULL) {
			s->out.rule = s->c.connect_rule->rule.id;
			s->out.delay_us = s->c.connect_rule->delay_us;
		}
		return;
	}
	sbuf_clear(&s->healthy);
	sbuf_puts(&s->healthy, "220 ");
	sbuf_puts(&s->healthy, s->c.host->name);
	sbuf_puts(&s->healthy, " ESMTP");
	s->greeting_code = answer(s, FSMTP_GREETING, sbuf_str(&s->healthy));
}

void
session_cut_off(struct fsmtp_session *s)
{
	session_apply(s, FSMTP_STARTTLS, NULL, "");
	s->out.len = 0;
	s->out_code = 0;
	s->out.kind = FSMTP_OUT_CLOSE;
	s->out_action = FSMTP_DO_CLOSE;
	s->odd = true;
}

/* Is something amiss with DATA?  Who may use BDAT would not meet it. */
static bool
has_data_rule(const struct fsmtp_host *h)
{
	for (size_t i = 0; i < h->rule_count; i++)
		if (h->rules[i].stage == FSMTP_DATA)
			return true;
	return false;
}

/* The keywords are those of the reply as it leaves, whoever wrote it. */
static void
note_offer(struct fsmtp_session *s)
{
	const char *p = s->out.bytes, *end = p + s->out.len, *lf;
	bool first = true;

	s->offered = 0;
	s->size_limit = 0;
	for (; (lf = memchr(p, '\n', (size_t)(end - p))) != NULL; p = lf + 1) {
		struct span w = { p + 4, 0 }, n;

		if (first || lf - p < 5) {
			first = false;
			continue;
		}
		while (w.at + w.len < lf && strchr(" =\r\n",
		    w.at[w.len]) == NULL)
			w.len++;
#define X(name)								\
		if (span_is(w, #name))					\
			s->offered |= EXT(name);
		SMTP_EXTENSIONS(X)
#undef X
		if (span_is(w, "MT-PRIORITY"))
			s->offered |= EXT(MT_PRIORITY);
		n = (struct span){ w.at + w.len + 1, 0 };
		while (n.at + n.len < lf && n.at[n.len] != '\r' &&
		    n.at[n.len] != ' ')
			n.len++;
		if (span_is(w, "SIZE") && w.at[w.len] == ' ' &&
		    !smtp_number_parse(n, &s->size_limit))
			s->size_limit = 0;
	}
}

static void
look_at_name(struct fsmtp_session *s, struct span name)
{
	if (!smtp_domain_qualified(name))
		session_violation(s, "R-5321-4.1.1.1-a", "EHLO or HELO "
		    "argument is no fully qualified name and no address "
		    "literal");
}

static void
do_ehlo(struct fsmtp_session *s, struct span args)
{
	const char *const *k = s->c.host->keywords;
	size_t count = s->c.host->keyword_count;

	if (!smtp_domain_valid(args)) {
		session_violation(s, "R-5321-4.1.1.1-a",
		    "EHLO argument is no domain or address literal");
		refuse(s, FSMTP_EHLO, "501 5.5.4 domain expected");
		return;
	}
	look_at_name(s, args);
	if (k == NULL) {
		k = default_keywords;
		count = sizeof default_keywords / sizeof *default_keywords;
		if (has_data_rule(s->c.host))
			count--;	/* the last is CHUNKING */
	}
	sbuf_clear(&s->healthy);
	sbuf_puts(&s->healthy, count > 0 ? "250-" : "250 ");
	sbuf_puts(&s->healthy, s->c.host->name);
	for (size_t i = 0; i < count; i++) {
		sbuf_puts(&s->healthy, i + 1 < count ? "\r\n250-" : "\r\n250 ");
		sbuf_puts(&s->healthy, k[i]);
	}
	if (answer(s, FSMTP_EHLO, sbuf_str(&s->healthy)) / 100 != 2)
		return;
	session_txn_reset(s);
	s->helo = s->esmtp = true;
	note_offer(s);
}

static void
do_helo(struct fsmtp_session *s, struct span args)
{
	if (!smtp_domain_valid(args)) {
		session_violation(s, "R-5321-4.1.1.1-a",
		    "HELO argument is no domain");
		refuse(s, FSMTP_HELO, "501 5.5.4 domain expected");
		return;
	}
	look_at_name(s, args);
	sbuf_clear(&s->healthy);
	sbuf_puts(&s->healthy, "250 ");
	sbuf_puts(&s->healthy, s->c.host->name);
	if (answer(s, FSMTP_HELO, sbuf_str(&s->healthy)) / 100 != 2)
		return;
	session_txn_reset(s);
	s->helo = true;
	s->esmtp = false;
	s->offered = 0;
	s->size_limit = 0;
}

/* "FROM:" or "TO:" and its path; a 501 is the client's violation. */
static bool
parse_path(struct fsmtp_session *s, struct span args, const char *word,
    bool mail, struct smtp_path *p, struct span *params)
{
	size_t n = strlen(word);

	if (args.len < n || strncasecmp(args.at, word, n) != 0 ||
	    !smtp_path_parse((struct span){ args.at + n, args.len - n }, mail,
	    !mail, p, params)) {
		session_violation(s, "R-5321-3.3-c", mail ?
		    "malformed MAIL FROM" : "malformed RCPT TO");
		refuse(s, mail ? FSMTP_MAIL : FSMTP_RCPT,
		    mail ? "501 5.1.7 malformed reverse-path" :
		    "501 5.1.3 malformed forward-path");
		return false;
	}
	if (p->route)
		session_violation(s, "R-5321-3.3-c", "source route");
	if (p->utf8 && !session_offers(s, EXT(SMTPUTF8)))
		session_violation(s, "R-6531-3.2-a",
		    "address with octets over 127, SMTPUTF8 not offered");
	return true;
}

static struct span
after_space(struct span t)
{
	return t.len == 0 ? t : (struct span){ t.at + 1, t.len - 1 };
}

static void
do_mail(struct fsmtp_session *s, struct span args)
{
	struct smtp_path p;
	struct span params;
	const char *err;

	if (!s->helo) {
		session_violation(s, "R-5321-4.1.1.1-a",
		    "MAIL before EHLO or HELO");
		refuse(s, FSMTP_MAIL, "503 5.5.1 EHLO first");
		return;
	}
	if (s->mail_open) {
		session_violation(s, "R-5321-4.1.4-a", "nested MAIL");
		refuse(s, FSMTP_MAIL, "503 5.5.1 nested MAIL");
		return;
	}
	if (!parse_path(s, args, "FROM:", true, &p, &params))
		return;
	session_txn_reset(s);
	s->txn = session_txn_new(s);
	s->txn_number++;
	s->txn->from = session_txn_text(s->txn, p.mailbox);
	s->txn->params = session_txn_text(s->txn, after_space(params));
	err = session_check_params(s, params, true);
	if (answer(s, FSMTP_MAIL, err ? err : "250 2.1.0 sender ok") / 100 ==
	    2)
		s->mail_open = true;
	else
		session_txn_reset(s);
}

static const char *
greylisted(struct fsmtp_session *s, const char *rcpt)
{
	struct fsmtp_greylist *g = &s->c.host->greylist;
	const char *id = g->rule.id;
	int64_t first;

	if (id == NULL || id[0] == '\0' || s->c.greys == NULL ||
	    !phase_covers(&g->rule.phase, s->c.contact, s->now_us))
		return NULL;
	first = fsmtp_greys_seen(s->c.greys, &s->c.client,
	    session_txn_from(s), rcpt, s->now_us);
	if (first != TIME_NEVER && s->now_us - first >= g->delay_us)
		return NULL;
	g->rule.fired++;
	return g->reply ? g->reply : "450 4.7.1 greylisted, try again later";
}

static void
rcpt_event(struct fsmtp_session *s, const char *rcpt, int code,
    const char *rule)
{
	struct event ev = { .kind = EV_SMTP_RCPT };

	if (s->c.sink == NULL)
		return;
	ev.host = s->c.host->name;
	ev.conn = (int64_t)s->c.conn;
	ev.from = session_txn_from(s);
	ev.rcpt = rcpt;
	ev.code = code;
	ev.rule = rule;
	event_emit(s->c.sink, &ev);
}

static void
do_rcpt(struct fsmtp_session *s, struct span args)
{
	struct fsmtp_txn *t = s->txn;
	struct fsmtp_rule *r;
	struct smtp_path p;
	struct span params;
	const char *text, *grey = NULL, *err;
	size_t mark, at, par;
	int code;

	if (!s->mail_open) {
		refuse(s, FSMTP_RCPT, "503 5.5.1 MAIL first");
		return;
	}
	if (!parse_path(s, args, "TO:", false, &p, &params))
		return;
	s->rcpt_seen++;
	mark = t->text.len;
	at = session_txn_text(t, p.mailbox);
	par = session_txn_text(t, after_space(params));
	text = t->text.data + at;
	err = session_check_params(s, params, false);
	/* A rule goes before the greylist: it was written for this case. */
	if (err == NULL && s->early[FSMTP_RCPT] == NULL) {
		s->reached[FSMTP_RCPT]++;
		r = session_rule(s, FSMTP_RCPT, text, false);
		s->reached[FSMTP_RCPT]--;
		if (r == NULL)
			err = grey = greylisted(s, text);
	}
	code = session_answer(s, FSMTP_RCPT, text,
	    err ? err : "250 2.1.5 recipient ok", &r);
	if (grey != NULL && r == NULL) {
		s->out.rule = s->c.host->greylist.rule.id;
		s->out.rule_made = true;
	}
	rcpt_event(s, text, code, r ? r->rule.id : grey ?
	    s->c.host->greylist.rule.id : NULL);
	if (code / 100 != 2) {
		t->text.len = mark;
		return;
	}
	session_txn_add(t, at, par, code);
}

static void
do_data(struct fsmtp_session *s, struct span args)
{
	const char *healthy = "354 end with a dot";

	if (args.len > 0) {
		refuse(s, FSMTP_DATA, "501 5.5.4 no argument wanted");
		return;
	}
	/* With MAIL or RCPT refused before, a pipelined DATA is no fault of
	 * the client's; a rule may answer even that with 354. */
	if (s->bdat_used)
		healthy = "503 5.5.1 BDAT has begun";
	else if (!s->mail_open)
		healthy = "503 5.5.1 MAIL first";
	else if (s->txn->count == 0)
		healthy = "554 5.5.1 no valid recipients";
	if (answer(s, FSMTP_DATA, healthy) == 354) {
		if (s->txn == NULL) {
			s->txn = session_txn_new(s);
			s->txn->from = s->txn->params = session_txn_text(
			    s->txn, (struct span){ "", 0 });
		}
		session_content_begin(s);
	} else
		s->refused_data = true;
}

static void
do_bdat(struct fsmtp_session *s, struct span args)
{
	struct span size = { args.at, 0 };
	unsigned long long n;
	bool last;

	while (size.len < args.len && args.at[size.len] != ' ')
		size.len++;
	last = size.len < args.len;
	if (!session_offers(s, EXT(CHUNKING)))
		session_violation(s, "R-3030-2-a",
		    "BDAT, CHUNKING not offered");
	if (!smtp_number_parse(size, &n) || (last && !span_is(
	    (struct span){ args.at + size.len + 1, args.len - size.len - 1 },
	    "LAST"))) {
		refuse(s, FSMTP_BDAT, "501 5.5.4 chunk size expected");
		return;
	}
	if (s->bdat_failed)
		session_violation(s, "R-3030-2-a",
		    "BDAT after a failed chunk");
	session_chunk_begin(s, n, last, !s->mail_open || s->bdat_failed ||
	    s->txn->count == 0);
}

static void
do_auth(struct fsmtp_session *s, struct span args)
{
	int code;

	(void)args;
	if (!session_offers(s, EXT(AUTH)))
		session_violation(s, "R-4954-4-a", "AUTH not offered");
	code = answer(s, FSMTP_AUTH, "502 5.5.1 not offered");
	s->state = code == 334 ? STATE_AUTH : STATE_COMMAND;
}

static void
do_starttls(struct fsmtp_session *s)
{
	if (answer(s, FSMTP_STARTTLS, "502 5.5.1 not offered") == 220)
		s->state = STATE_TLS;
}

static void
do_quit(struct fsmtp_session *s)
{
	s->quit = true;
	answer(s, FSMTP_QUIT, "221 2.0.0 bye");
	if (s->have_out && s->out.kind == FSMTP_OUT_SEND &&
	    s->out.then == FSMTP_THEN_NOTHING && !s->stay)
		s->out.then = FSMTP_THEN_CLOSE;
	else if (!s->have_out) {
		/* Answered early: only the end is left. */
		session_cut_off(s);
		s->out_stage = FSMTP_QUIT;
	}
}

static void
do_unknown(struct fsmtp_session *s)
{
	if (s->refused_data) {
		session_violation(s, "R-5321-3.3-a", "content without a 354");
		s->refused_data = false;
	}
	answer(s, FSMTP_OTHER, "500 5.5.2 unknown command");
}

static size_t
octets_allowed(enum smtp_verb verb)
{
	if (verb == SMTP_MAIL || verb == SMTP_RCPT)
		return ENVELOPE_OCTETS;
	return verb == SMTP_AUTH ? AUTH_OCTETS : COMMAND_OCTETS;
}

/* True: the line was refused, whatever its command means. */
static bool
refused(struct fsmtp_session *s, enum smtp_verb verb, size_t octets)
{
	if (octets > octets_allowed(verb)) {
		session_violation(s, "R-5321-4.5.3.1.4-a",
		    "command line too long");
		refuse(s, session_verb_stage(verb), "500 5.5.2 line too long");
		return true;
	}
	if (s->greeting_code / 100 == 5 && verb == SMTP_MAIL)
		session_violation(s, "R-5321-3.1-a",
		    "MAIL after a permanent refusal in the greeting");
	/* 503 (RFC 5321 3.1), but EHLO is answered: who overlooked the greeting
	 * then goes on to MAIL and is seen. */
	if (s->greeting_code / 100 == 5 && verb != SMTP_QUIT &&
	    verb != SMTP_EHLO && verb != SMTP_HELO) {
		refuse(s, session_verb_stage(verb), "503 5.5.1 no service");
		return true;
	}
	return false;
}

void
session_line(struct fsmtp_session *s, struct span args, enum smtp_verb verb,
    size_t octets)
{
	s->group_ended = verb != SMTP_MAIL && verb != SMTP_RCPT &&
	    verb != SMTP_RSET && verb != SMTP_BDAT;
	if (s->state == STATE_AUTH) {
		do_auth(s, args);
		return;
	}
	if (refused(s, verb, octets))
		return;
	if (verb != SMTP_UNKNOWN && verb != SMTP_DATA)
		s->refused_data = false;
	switch (verb) {
	case SMTP_EHLO:
		do_ehlo(s, args);
		break;
	case SMTP_HELO:
		do_helo(s, args);
		break;
	case SMTP_MAIL:
		do_mail(s, args);
		break;
	case SMTP_RCPT:
		do_rcpt(s, args);
		break;
	case SMTP_DATA:
		do_data(s, args);
		break;
	case SMTP_BDAT:
		do_bdat(s, args);
		break;
	case SMTP_RSET:
		session_txn_reset(s);
		answer(s, FSMTP_RSET, "250 2.0.0 reset");
		break;
	case SMTP_NOOP:
		answer(s, FSMTP_NOOP, "250 2.0.0 ok");
		break;
	case SMTP_VRFY:
		answer(s, FSMTP_OTHER, "252 2.1.5 send it and see");
		break;
	case SMTP_EXPN:
		answer(s, FSMTP_OTHER, "502 5.5.1 not implemented");
		break;
	case SMTP_HELP:
		answer(s, FSMTP_OTHER, "214 2.0.0 see RFC 5321");
		break;
	case SMTP_QUIT:
		do_quit(s);
		break;
	case SMTP_STARTTLS:
		do_starttls(s);
		break;
	case SMTP_AUTH:
		do_auth(s, args);
		break;
	case SMTP_UNKNOWN:
		do_unknown(s);
		break;
	}
}
