#include "harness/judge/build.h"

#include "harness/judge/answers.h"
#include "harness/judge/attempts.h"
#include "harness/judge/downtimes.h"
#include "harness/judge/evidence.h"
#include "harness/judge/faults.h"
#include "harness/judge/legit.h"
#include "harness/judge/report_state.h"
#include "harness/judge/reports.h"
#include "harness/judge/sessions.h"
#include "harness/judge/storms.h"
#include "harness/judge/units.h"
#include "harness/judge/whose.h"

/*
 * The order is that of who asks whom: each may ask what stands above it
 * about this very event, and writes its own block of the ledger only.
 */
static void (*const takers[])(struct ledger *, const struct event *) = {
	answers_take,		/* what was DNS's last word */
	legit_take,		/* where may it go: asks answers */
	whose_take,		/* who is it: asks the session's last RCPT */
	sessions_take,		/* what was said: asks whose */
	downtimes_take,		/* was it held down */
	attempts_take,		/* who was tried: asks answers, legit */
	evidence_take,		/* what entitles: asks all above */
	reports_note,		/* the sender's side: asks whose, legit */
	units_take,		/* what became of it: asks the last refusal */
	faults_take,
	storms_take
};

void
build_open(struct ledger *l, struct arena *arena, const struct scenario *s,
    const struct trace *t, const struct profile *p)
{
	ledger_list(l, arena, s, p);
	l->trace = t;
}

void
build_take(struct ledger *l, const struct event *ev)
{
	for (size_t i = 0; i < sizeof takers / sizeof *takers; i++)
		takers[i](l, ev);
	l->end_us = ev->t_us;
}

static void
note_company(struct ledger *l, const struct indexed *x)
{
	size_t used = 0;

	for (size_t i = 0; i < x->count; i++)
		used += l->dests[x->items[i]]->entry_count > 0 ||
		    l->dests[x->items[i]]->senders > 0;
	for (size_t i = 0; i < x->count && used > 1; i++)
		l->dests[x->items[i]]->company = true;
}

/* Does mail for another domain use an address, or a host, of this one? */
static void
find_company(struct ledger *l)
{
	for (const struct indexed *x = l->by_addr; x != NULL; x = x->hh.next)
		note_company(l, x);
	for (const struct indexed *x = l->by_host; x != NULL; x = x->hh.next)
		note_company(l, x);
}

/* Attempts say for certain whose they are if none but one can be meant. */
static void
find_alone(struct ledger *l)
{
	for (size_t i = 0; i < l->count; i++) {
		struct entry *e = &l->entries[i];
		const struct destination *d = e->dest;

		/* Smarthosts take everybody's mail, and the reports. */
		e->alone = !ledger_is_smart(l) && d->mails <= 1 &&
		    d->senders == 0 && !d->company;
		e->sole = e->alone && d->entry_count <= 1;
	}
}

/*
 * A recipient that nobody saw, of a message whose others were seen under
 * names that nobody knows: one of those may be it.
 */
static void
find_twins(struct ledger *l)
{
	for (size_t i = 0; i < l->mail_count; i++) {
		const struct mail *m = &l->mails[i];
		const struct entry *known = NULL;

		for (size_t k = 0; k < m->count && known == NULL; k++)
			if (l->entries[m->first + k].presumed)
				known = &l->entries[m->first + k];
		for (size_t k = 0; known != NULL && k < m->count; k++) {
			struct entry *e = &l->entries[m->first + k];

			if (!e->named && !e->presumed && e->reports == 0)
				e->twin = known;
		}
	}
}

static void
copy_report(struct entry *e, const struct entry *from)
{
	e->reports = 1;
	e->first_report = from->first_report;
	e->bad_report = from->bad_report;
	e->report_defect = from->report_defect;
	e->defect_clause = from->defect_clause;
}

/* One report about a mailbox is about all who became it. */
static void
share_reports(struct ledger *l, struct mail *m)
{
	struct indexed *reported = NULL;
	const struct indexed *x;

	for (size_t i = 0; i < m->binding_count; i++)
		if (l->entries[m->bindings[i].entry].reports > 0)
			index_add(l, &reported, m->bindings[i].address,
			    m->bindings[i].entry);
	for (size_t i = 0; i < m->binding_count; i++) {
		struct entry *e = &l->entries[m->bindings[i].entry];

		x = index_find(reported, m->bindings[i].address);
		if (x != NULL && e->reports == 0)
			copy_report(e, &l->entries[x->items[0]]);
	}
	index_free(&reported);
}

void
build_end(struct ledger *l)
{
	find_twins(l);
	for (size_t i = 0; i < l->mail_count; i++)
		share_reports(l, &l->mails[i]);
	find_company(l);
	find_alone(l);
	attempts_end(l);
	report_state_signs(l);
}

/*
 * What the runner tells of a time before: the control message has gone when
 * the scenario's hosts are told, and the MTA may be ahead of its own reply.
 */
static bool
is_told_late(const struct event *ev)
{
	return ev->kind == EV_INJECT || (ev->kind == EV_FLAG &&
	    same_text(ev->name, "legit"));
}

void
build(struct ledger *l, struct arena *arena, const struct scenario *s,
    const struct trace *t, const struct profile *p)
{
	build_open(l, arena, s, t, p);
	for (size_t i = 0; i < t->count; i++)
		if (is_told_late(&t->events[i]))
			build_take(l, &t->events[i]);
	for (size_t i = 0; i < t->count; i++)
		if (!is_told_late(&t->events[i]))
			build_take(l, &t->events[i]);
	l->end_us = t->count > 0 ? t->events[t->count - 1].t_us : 0;
	build_end(l);
}
