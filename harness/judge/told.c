/*
 * What senders and next hops were told: the form of reports, the DSN
 * parameters by value (RFC 3461), and recipients that were sent under another
 * address.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/clauses.h"
#include "harness/judge/finding.h"
#include "harness/judge/legit.h"
#include "harness/judge/report_tries.h"
#include "harness/judge/warnings.h"
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
		warnings_check(c, &c->l->entries[i]);
		check_rewriting(c, &c->l->entries[i]);
		check_unclear(c, &c->l->entries[i]);
	}
	for (size_t i = 0; i < c->l->mail_count; i++)
		check_reoffers(c, &c->l->mails[i]);
}
