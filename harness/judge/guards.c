#include "harness/judge/guards.h"

#include "harness/base/arena.h"

/* G2 and G6: facts about single units that make all others doubtful. */
static const char *
guard_units(const struct ledger *l)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct entry *e = &l->entries[i];

		if (e->message->control && e->acked + e->ambiguous != 1)
			return arena_printf(l->arena, "G2: the control message "
			    "to %s arrived %d times", e->rcpt, e->acked +
			    e->ambiguous);
		if (e->queue_wrong != NULL)
			return arena_printf(l->arena, "G6: the queue was read "
			    "twice without %s for %s, which was sent later",
			    e->key, e->rcpt);
	}
	return NULL;
}

const char *
guard_harness(const struct ledger *l)
{
	bool asked = l->count == 0;

	for (size_t i = 0; i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (ev->kind == EV_HARNESS_FAULT)
			return arena_printf(l->arena, "harness fault: %s",
			    ev->text != NULL ? ev->text : "no reason given");
		if (ev->kind == EV_FLAG && same_text(ev->name, "unclocked") &&
		    l->profile->clocked)
			return arena_printf(l->arena,
			    "G7: %s runs without the lab's clock",
			    ev->text != NULL ? ev->text : "a program");
		if (ev->kind == EV_RUN_END && same_text(ev->text, "error"))
			return "the run ended in an error";
		if (ev->kind == EV_INJECT)
			asked = true;
	}
	return asked ? guard_units(l) : "no message was injected";
}

static bool
fired(const struct ledger *l, const char *id)
{
	for (size_t i = 0; i < l->trace->count; i++) {
		const struct event *ev = &l->trace->events[i];

		if (same_text(ev->rule, id) && !(ev->kind == EV_FLAG &&
		    same_text(ev->name, "rule")))
			return true;
	}
	return false;
}

static bool
missing(const struct ledger *l, const struct rule *r)
{
	return r->id != NULL && *r->id != '\0' && !r->optional &&
	    !fired(l, r->id);
}

static void
note_missing(const struct ledger *l, struct judgement *j,
    const struct rule *r)
{
	if (missing(l, r))
		*(const char **)arena_push(j->arena, &j->unfired,
		    &j->unfired_count, sizeof *j->unfired) = r->id;
}

static void
list_missing(const struct ledger *l, struct judgement *j)
{
	const struct scenario *s = l->scenario;

	for (size_t i = 0; i < s->dns_count; i++)
		note_missing(l, j, &s->dns[i].rule);
	for (size_t h = 0; h < s->host_count; h++) {
		for (size_t i = 0; i < s->hosts[h].rule_count; i++)
			note_missing(l, j, &s->hosts[h].rules[i].rule);
		note_missing(l, j, &s->hosts[h].greylist.rule);
	}
	for (size_t i = 0; i < s->network_count; i++)
		note_missing(l, j, &s->network[i].rule);
	for (size_t i = 0; i < s->mta_count; i++)
		note_missing(l, j, &s->mta[i].rule);
}

const char *
guard_unfired(const struct ledger *l, struct judgement *j)
{
	list_missing(l, j);
	if (j->unfired_count == 0)
		return NULL;
	return j->unfired_count == 1 ? arena_printf(l->arena,
	    "G3: the fault at line %s never fired", j->unfired[0]) :
	    arena_printf(l->arena, "G3: %zu faults never fired, the first at "
	    "line %s", j->unfired_count, j->unfired[0]);
}
