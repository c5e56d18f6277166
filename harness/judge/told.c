/*
 * What senders and next hops were told: the form of reports, delay warnings,
 * the DSN parameters by value (RFC 3461), and recipients that were sent
 * under another address.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/clauses.h"
#include "harness/judge/finding.h"
#include "harness/judge/legit.h"
#include "harness/judge/report_tries.h"
#include "harness/judge/why.h"

/* --- form --- */

static void
check_form(struct findings *c, const struct event *ev)
{
	finding_raise(c, F_REPORT_FORM, ev->ok == NO ? WEIGHT_BY_THE_WAY :
	    WEIGHT_REMARK, ev->clause, ev, arena_printf(c->j->arena,
	    "the report about %s breaks its format: %s", ev->msg != NULL ?
	    ev->msg : "a message", ev->text != NULL ? ev->text : "?"));
}

/* --- "delayed" --- */

/* When the unit came to its end: delivered, or reported as failed. */
static int64_t
end_of(const struct entry *e)
{
	/* Of a copy whose reply was lost the MTA does not know. */
	for (size_t i = 0; i < e->copy_count; i++)
		if (e->copies[i].counted && !e->copies[i].ambiguous)
			return e->copies[i].ev->t_us;
	return e->first_report != NULL ? e->first_report->t_us : TIME_NEVER;
}

/* Kept off by the sender's own hosts it is no later than its first offer. */
static bool
was_offered_by(const struct entry *e, int64_t by_us, const struct event *ev)
{
	const struct destination *home = e->mail->home;

	if (ev->t_us <= by_us)
		return true;
	for (size_t i = 0; i < e->mail->try_count; i++)
		if (e->mail->tries[i].t_us >= e->t0_us &&
		    e->mail->tries[i].t_us <= by_us)
			return true;
	for (size_t i = 0; home != NULL && i < home->sign_count; i++)
		if (home->signs[i].t_us >= e->t0_us &&
		    home->signs[i].t_us <= by_us)
			return true;
	return false;
}

/* After a kill or a lost reply the MTA cannot know that it was sent. */
static bool
is_sent_again(const struct findings *c, const struct event *last,
    const struct event *ev)
{
	const struct session *s = ledger_session_of(c->l, last->conn);

	if (s != NULL && s->reply_lost)
		return true;
	return ledger_handled_between(c->l, last, ev);
}

static bool
is_failed_lookup(const struct event *ev, const char *domain)
{
	return ev->kind == EV_DNS_REPLY && name_within(ev->qname, domain) &&
	    answer_of(ev) == ANSWER_SOFT;
}

/* Was any report of that mail put off before this one came? */
static bool
was_kept_off(const struct ledger *l, const struct entry *e,
    const struct event *ev)
{
	const struct mail *m = e->mail;

	for (size_t i = 0; i < m->try_count && m->tries[i].seq < ev->seq; i++)
		if (m->tries[i].code / 100 != 2)
			return true;
	for (size_t i = 0; m->home != NULL && i < m->home->sign_count; i++)
		if (m->home->signs[i].addr != NULL &&
		    m->home->signs[i].seq < ev->seq &&
		    m->home->signs[i].t_us >= e->t0_us)
			return true;
	/* A network that breaks shows nothing of whom it kept off. */
	for (uint64_t i = 0; i < ev->seq; i++)
		if (l->trace->events[i].kind == EV_NETWORK ||
		    (m->home != NULL && m->home->domain != NULL &&
		    is_failed_lookup(&l->trace->events[i], m->home->domain)))
			return true;
	return false;
}

/* Those that were put off come together: then their number must do. */
static bool
is_too_soon(const struct findings *c, const struct entry *e,
    const struct event *ev, const struct event *last, int nr)
{
	const int64_t warn = c->l->profile->warn_us;

	if (last == NULL || last->conn == ev->conn ||
	    is_sent_again(c, last, ev))
		return false;
	if (warn > 0 && was_kept_off(c->l, e, ev))
		return nr > (ev->t_us - e->t0_us + bound_eps(warn)) / warn;
	return ev->t_us - last->t_us < warn - bound_eps(warn);
}

static const char *
wrong_warning(const struct findings *c, const struct entry *e,
    const struct event *ev, const struct event *last, int nr)
{
	const char *notify = e->message->notify;
	const int64_t end = end_of(e);

	if (notify != NULL && strcasestr(notify, "DELAY") == NULL)
		return arena_printf(c->j->arena, "although NOTIFY is %s",
		    notify);
	if (end != TIME_NEVER && !was_offered_by(e, end +
	    profile_dsn_max(c->l->profile), ev))
		return "although it had come to its end";
	if (is_too_soon(c, e, ev, last, nr))
		return arena_printf(c->j->arena, "only %s after another",
		    why_duration(c->j->arena, ev->t_us - last->t_us));
	return NULL;
}

static void
check_warnings(struct findings *c, const struct entry *e)
{
	const struct event *last = NULL;
	const char *wrong;
	int nr = 0;

	for (size_t i = 0; i < e->told_count; i++) {
		const struct event *ev = e->told[i];

		if (!same_name(ev->action, "delayed"))
			continue;
		wrong = wrong_warning(c, e, ev, last, ++nr);
		if (wrong != NULL)
			finding_raise(c, F_DELAY_WARNING, WEIGHT_BY_THE_WAY,
			    "R-3461-5.2.5-a", ev, arena_printf(c->j->arena,
			    "%s for %s was reported as delayed after %s, %s",
			    e->key, e->rcpt, why_duration(c->j->arena,
			    ev->t_us - e->t0_us), wrong));
		last = ev;
	}
}

/* --- a report for ever --- */

static void
check_reoffers(struct findings *c, const struct mail *m)
{
	const struct event *ev = m->refused != NULL ? m->refused :
	    m->home != NULL ? m->home->refused : NULL;

	if (ev != NULL && report_tries_go_on(c->l, m))
		finding_raise(c, F_REPORT_RETRIED, WEIGHT_CLAUSE,
		    "R-DF-DB-a", ev, arena_printf(c->j->arena, "the report "
		    "about %s was refused for good at %s by %s, and is "
		    "offered again and again", m->key,
		    why_duration(c->j->arena, ev->t_us), ev->host != NULL ?
		    ev->host : "a host"));
}

/* --- parameters (RFC 3461) --- */

static int
hex(char ch)
{
	return isdigit((unsigned char)ch) ? ch - '0' : ch >= 'A' &&
	    ch <= 'F' ? ch - 'A' + 10 : -1;
}

/* Compares a value in xtext, up to a blank, with what it should mean. */
static bool
xtext_is(const char *xtext, const char *value)
{
	while (*xtext != '\0' && *xtext != ' ' && *value != '\0') {
		char ch = *xtext++;

		if (ch == '+' && hex(xtext[0]) >= 0 && hex(xtext[1]) >= 0) {
			ch = (char)(hex(xtext[0]) * 16 + hex(xtext[1]));
			xtext += 2;
		}
		if (ch != *value++)
			return false;
	}
	return (*xtext == '\0' || *xtext == ' ') && *value == '\0';
}

static const char *
parameter(const char *command, const char *name)
{
	const char *p = strcasestr(command, name);

	return p != NULL ? p + strlen(name) : NULL;
}

static bool
offers_dsn(const struct findings *c, const char *host)
{
	const struct scenario *s = c->l->scenario;
	const struct fsmtp_host *h = NULL;

	for (size_t i = 0; i < s->host_count && h == NULL; i++)
		if (same_name(s->hosts[i].name, host))
			h = &s->hosts[i];
	if (h == NULL || h->keywords == NULL)
		return true;	/* the default set has it */
	for (size_t i = 0; i < h->keyword_count; i++)
		if (strcasecmp(h->keywords[i], "DSN") == 0)
			return true;
	return false;
}

static void
blame(struct findings *c, const struct event *ev, const char *what,
    const char *want)
{
	finding_raise(c, F_REPORT_FIELDS, WEIGHT_BY_THE_WAY, "R-3461-5.2.1-a",
	    ev, arena_printf(c->j->arena, "%s of %s was \"%s\"; %s was told "
	    "\"%s\"", what, ev->msg, want, ev->host != NULL ? ev->host :
	    "the next hop", ev->text));
}

/* What the next hop was told of the message by MAIL. */
static void
check_mail(struct findings *c, const struct event *ev)
{
	const struct mail *m = ledger_mail(c->l, ev->msg);
	const struct session *s = ledger_session_of(c->l, ev->conn);
	const char *got;

	if (m == NULL || m->message->control || ev->text == NULL ||
	    s == NULL || !s->got_mail || !offers_dsn(c, ev->host))
		return;
	got = parameter(ev->text, " ENVID=");
	if (m->message->envid != NULL && (got == NULL ||
	    !xtext_is(got, m->message->envid)))
		blame(c, ev, "ENVID", m->message->envid);
	got = parameter(ev->text, " RET=");
	if (m->message->ret != NULL && (got == NULL || strncasecmp(got,
	    m->message->ret, strlen(m->message->ret)) != 0))
		blame(c, ev, "RET", m->message->ret);
}

static void
check_report(struct findings *c, const struct event *ev)
{
	const struct mail *m = ledger_mail(c->l, ev->msg);
	const char *envid;

	if (m == NULL || ev->ok == NO)
		return;
	envid = m->message->envid;
	if (envid != NULL && !same_text(envid, ev->envid))
		finding_raise(c, F_REPORT_FIELDS, WEIGHT_BY_THE_WAY,
		    "R-3461-6.3-b", ev, arena_printf(c->j->arena, "the report "
		    "about %s has Original-Envelope-Id %s; ENVID was %s",
		    ev->msg, ev->envid != NULL ? ev->envid : "nowhere",
		    envid));
	/* RFC 3461 4.3; the catalogue has no requirement of it. */
	if (m->message->ret != NULL && ev->full == YES &&
	    strcasecmp(m->message->ret, "HDRS") == 0)
		finding_raise(c, F_REPORT_FIELDS, WEIGHT_REMARK, NULL, ev,
		    arena_printf(c->j->arena, "the report about %s returns "
		    "its body; RET was HDRS", ev->msg));
}

/* --- recipients --- */

static void
check_rewriting(struct findings *c, const struct entry *e)
{
	static const struct {
		enum weight weight;
		const char *clause, *words;
	} kinds[] = {
		[ID_CASED] = { WEIGHT_BY_THE_WAY, "R-5321-2.4-a",
		    "in another case" },
		/* No more than a remark: RFC 1123 asked for it. */
		[ID_ALIAS_END] = { WEIGHT_REMARK, "R-5321-5.1-j",
		    "at the end of its domain's aliases" },
		[ID_ELSEWHERE] = { WEIGHT_REMARK, NULL, "at another domain" },
		[ID_TOLD] = { WEIGHT_REMARK, NULL, "under another name" },
		[ID_UNTAGGED] = { WEIGHT_REMARK, NULL, "without its tag" },
		[ID_PRESUMED] = { WEIGHT_REMARK, NULL,
		    "under another name, as it seems" },
		[ID_NAMED] = { WEIGHT_REMARK, NULL, "" },
	};
	const struct event *ev = e->rewritten;
	const char *clause = kinds[e->rewrite].clause;
	enum weight weight = kinds[e->rewrite].weight;

	if (ev == NULL || e->message->control || e->misrouted > 0)
		return;
	if (e->rewrite == ID_ELSEWHERE && clauses_was_completed(ev, e)) {
		weight = WEIGHT_BY_THE_WAY;
		clause = "R-5321-2.3.5-a";
	}
	finding_raise(c, F_REWRITTEN, weight, clause, ev,
	    arena_printf(c->j->arena, "%s for %s was sent to %s: %s",
	    e->key, e->rcpt, ev->rcpt, kinds[e->rewrite].words));
}

/* 552 that could be either: the judge may be wrong, and says so. */
static void
check_unclear(struct findings *c, const struct entry *e)
{
	if (e->unclear_552 != NULL && e->first_report != NULL)
		finding_raise(c, F_DIVERGENT, WEIGHT_REMARK,
		    "R-5321-4.2.1-d", e->unclear_552, arena_printf(
		    c->j->arena, "\"%s\" to %s may mean its mailbox, or too "
		    "many recipients: both endings are right",
		    e->unclear_552->text, e->rcpt));
}

void
told_check(struct findings *c)
{
	for (size_t i = 0; i < c->l->trace->count; i++) {
		const struct event *ev = &c->l->trace->events[i];

		if (BEFORE_RUN(ev))
			continue;
		if (ev->kind == EV_DEFECT)
			check_form(c, ev);
		else if (ev->kind == EV_DSN)
			check_report(c, ev);
		else if (ev->kind == EV_SMTP_COMMAND &&
		    same_text(ev->stage, "mail"))
			check_mail(c, ev);
	}
	for (size_t i = 0; i < c->l->count; i++) {
		check_warnings(c, &c->l->entries[i]);
		check_rewriting(c, &c->l->entries[i]);
		check_unclear(c, &c->l->entries[i]);
	}
	for (size_t i = 0; i < c->l->mail_count; i++)
		check_reoffers(c, &c->l->mails[i]);
}
