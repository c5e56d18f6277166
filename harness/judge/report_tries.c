#include "harness/judge/report_tries.h"

#include <string.h>
#include <strings.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/answers.h"
#include "harness/judge/legit.h"
#include "harness/judge/replies.h"
#include "harness/judge/sessions.h"
#include "harness/judge/whose.h"

static void
refuse(struct mail *m, const struct event *ev)
{
	if (m->refused == NULL)
		m->refused = ev;
}

/* In the midst of the content, or before a reset, it may have been lost. */
static bool
was_read(const struct ledger *l, const struct event *refusal)
{
	const struct session *s = ledger_session_of(l, refusal->conn);

	return sessions_surely_heard(l, refusal) &&
	    !same_text(refusal->stage, "body") && (s == NULL || !s->reset);
}

/*
 * Whoever offers the same again does so by the next retry; later it is
 * another report, of one more day that the mail has waited.
 */
static bool
is_offered_again(const struct ledger *l, const struct mail *m,
    const struct event *ev)
{
	return ev->t_us - m->tries[m->try_count - 1].t_us <=
	    retry_bound(l->profile);
}

/*
 * Transactions of it that go on at once: whoever tries again has heard what
 * the first came to, and none gives a command up within a second.
 */
static int
at_once(const struct mail *m, const struct session *s,
    const struct event *ev)
{
	int n = 1;

	for (size_t i = m->try_count; s != NULL && i-- > 0;) {
		if (ev->t_us - m->tries[i].t_us > USEC_PER_SEC)
			break;
		n += m->tries[i].conn != ev->conn &&
		    m->tries[i].seq > s->opened;
	}
	return n;
}

/* Reports of failure and of delay that may be under way, one a recipient. */
static int
explained(const struct ledger *l, const struct mail *m, int64_t t_us)
{
	const int64_t warn = l->profile->warn_us;
	int64_t delays = 0;

	for (size_t i = 0; warn > 0 && i < m->count; i++)
		delays += (t_us - l->entries[m->first + i].t0_us) / warn;
	return (int)(m->count + (size_t)delays);
}

void
report_tries_rcpt(struct ledger *l, const struct event *ev)
{
	const struct session *s = ledger_session_of(l, ev->conn);
	struct report_try *try;
	struct mail *m;

	if (ev->from == NULL || *ev->from != '\0' || ev->msg != NULL ||
	    (m = whose_mail(l, ev->rcpt)) == NULL)
		return;
	if (m->refused != NULL && was_read(l, m->refused) &&
	    is_offered_again(l, m, ev))
		m->reoffers++;
	if (at_once(m, s, ev) > explained(l, m, ev->t_us))
		m->doubled = ev;
	try = arena_push(l->arena, &m->tries, &m->try_count, sizeof *try);
	*try = (struct report_try){ .t_us = sessions_begun_us(l, ev),
	    .seq = ev->seq, .conn = ev->conn, .reply = ev,
	    .code = (int)ev->code };
	if (ev->code / 100 == 5)
		refuse(m, ev);
}

/* The one message whose sender lives where no other mail goes. */
static struct mail *
only_sender(const struct ledger *l, const struct destination *d)
{
	if (d->senders != 1 || d->entry_count > 0)
		return NULL;
	for (size_t i = 0; i < l->mail_count; i++)
		if (l->mails[i].home == d)
			return &l->mails[i];
	return NULL;
}

/* Who keeps the MTA may be told as well, and answers to these names. */
static bool
is_keeper(const char *address)
{
	static const char *const names[] = { "postmaster", "root",
	    "mailer-daemon", "abuse" };
	const size_t n = strcspn(address, "+@");

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i]) == n &&
		    strncasecmp(names[i], address, n) == 0)
			return true;
	return false;
}

/* A report for one who lives where its sender does, and is not its sender. */
void
report_tries_command(struct ledger *l, const struct event *ev)
{
	const struct session *s = ledger_session_of(l, ev->conn);
	const struct indexed *x;
	char to[SENDER_SIZE];
	struct mail *m;
	const char *at;

	if (s == NULL || !s->null_sender || !same_text(ev->stage, "rcpt") ||
	    !whose_sender(ev->text, to) || whose_mail(l, to) != NULL ||
	    (at = strrchr(to, '@')) == NULL || is_keeper(to))
		return;
	x = legit_destinations(l, s->host, s->addr);
	for (size_t i = 0; x != NULL && i < x->count; i++) {
		m = only_sender(l, l->dests[x->items[i]]);
		if (m != NULL && m->strayed == NULL &&
		    answers_is_name(l, m->home->domain, at + 1))
			m->strayed = ev;
	}
}

/* Several reports may be under way at once, each in its own session. */
static struct report_try *
last_try(struct mail *m, int64_t conn)
{
	for (size_t i = m->try_count; i-- > 0;)
		if (m->tries[i].conn == conn)
			return &m->tries[i];
	return NULL;
}

/*
 * The words of the reply, and what the transaction came to after RCPT.  What
 * is said to a DATA without a recipient is no word on the report.
 */
static void
note_reply(const struct session *s, struct mail *m, const struct event *ev)
{
	struct report_try *try = last_try(m, ev->conn);

	if (try == NULL || same_text(ev->stage, "quit") ||
	    same_text(ev->stage, "rset") || (s->accepted == 0 &&
	    !same_text(ev->stage, "rcpt")))
		return;
	try->reply = ev;
	try->code = (int)ev->code;
	if (reply_class(ev) != 5)
		return;
	if (m->refused == NULL || m->refused->conn == ev->conn)
		m->refused = ev;
}

void
report_tries_reply(struct ledger *l, const struct event *ev)
{
	const struct session *s = ledger_session_of(l, ev->conn);
	const struct indexed *x;

	if (s == NULL || !s->null_sender)
		return;
	for (size_t i = 0; i < s->report_count; i++)
		note_reply(s, &l->mails[s->reports[i]], ev);
	/* What is said too early is heard as the answer to its RCPT. */
	if (reply_class(ev) != 5 || (!same_text(ev->stage, "mail") &&
	    !(same_text(ev->action, "early") && s->report_count == 0)))
		return;
	/* About what it would have been is not known any more. */
	x = legit_destinations(l, ev->host, s->addr);
	for (size_t i = 0; x != NULL && i < x->count; i++) {
		struct destination *d = l->dests[x->items[i]];

		d->refusals += sessions_surely_heard(l, ev);
		d->refused = ev;
	}
}

/*
 * Each recipient may have a report of its own, and each of those go to a few
 * hosts; what goes on after that goes on for ever.
 */
bool
report_tries_go_on(const struct ledger *l, const struct mail *m)
{
	const struct destination *home = m->home;
	size_t units = 0;

	if (home == NULL)
		return false;
	if (m->reoffers > 2 + 2 * (int)m->count)
		return true;
	for (size_t i = 0; i < l->mail_count; i++)
		if (l->mails[i].home == home)
			units += l->mails[i].count;
	return home->refusals > 3 + 2 * (int)units;
}
