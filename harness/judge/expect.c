#include "harness/judge/expect.h"

#include <fnmatch.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/timers.h"
#include "harness/judge/why.h"

/* "m1" is also meant by m1.1, m1.2... of `times:`. */
bool
expectation_names(const char *want, const char *key)
{
	size_t n;

	if (want == NULL || strcmp(want, key) == 0)
		return true;
	n = strlen(want);
	return strncmp(want, key, n) == 0 && key[n] == '.';
}

bool
expect_applies(const struct expectation *x, const struct entry *e)
{
	return expectation_names(x->message, e->key) && (x->recipient == NULL ||
	    same_name(x->recipient, e->rcpt));
}

/* The most particular line that says an outcome; of equals the last. */
const struct expectation *
expect_outcome(const struct scenario *s, const struct entry *e)
{
	const struct expectation *best = NULL;
	int rank, best_rank = -1;

	for (size_t i = 0; i < s->expect_count; i++) {
		const struct expectation *x = &s->expect[i];

		rank = (x->message != NULL) + 2 * (x->recipient != NULL);
		if (x->outcome != 0 && expect_applies(x, e) &&
		    rank >= best_rank) {
			best = x;
			best_rank = rank;
		}
	}
	return best;
}

static bool
came_via(const struct entry *e, const char *host)
{
	for (size_t i = 0; i < e->copy_count; i++)
		if (e->copies[i].counted &&
		    same_name(e->copies[i].ev->host, host))
			return true;
	return false;
}

/* Times, counts, places. */
static const char *
figures_broken(const struct ledger *l, const struct expectation *x,
    const struct entry *e, const struct unit *u)
{
	struct arena *a = l->arena;
	int64_t took = u->final_us == TIME_NEVER ? TIME_NEVER :
	    u->final_us - e->t0_us;

	if (x->via != NULL && u->copies > 0 && !came_via(e, x->via))
		return arena_printf(a, "not delivered at %s", x->via);
	if (x->within_us > 0 && took > x->within_us)
		return arena_printf(a, "not within %s", why_duration(a,
		    x->within_us));
	if (x->not_before_us > 0 && took < x->not_before_us)
		return arena_printf(a, "before %s", why_duration(a,
		    x->not_before_us));
	if (x->attempts_min > 0 && u->cycles < x->attempts_min)
		return arena_printf(a, "%d cycles, fewer than %d", u->cycles,
		    x->attempts_min);
	if (x->attempts_max > 0 && u->cycles > x->attempts_max)
		return arena_printf(a, "%d cycles, more than %d", u->cycles,
		    x->attempts_max);
	if (x->copies_max > 0 && u->copies > x->copies_max)
		return arena_printf(a, "%d copies, more than %d", u->copies,
		    x->copies_max);
	return NULL;
}

/* --- reports --- */

static const char *
field_of(const struct event *ev, enum report_field field)
{
	switch (field) {
	case REPORT_FIELD_FROM:
		return ev->from;
	case REPORT_FIELD_TO:
		return ev->to;
	case REPORT_FIELD_REPORTING_MTA:
		return ev->reporter;
	case REPORT_FIELD_ENVID:
		return ev->envid;
	case REPORT_FIELD_ORIGINAL_RECIPIENT:
		return ev->orcpt;
	case REPORT_FIELD_FINAL_RECIPIENT:
		return ev->rcpt;
	case REPORT_FIELD_STATUS:
		return ev->status;
	case REPORT_FIELD_REMOTE_MTA:
		return ev->remote;
	case REPORT_FIELD_DIAGNOSTIC_CODE:
		return ev->text;
	default:
		return NULL;
	}
}

/* The field that is not as asked for; REPORT_FIELD_COUNT: all are. */
static enum report_field
differs(const struct report_expectation *want, const struct event *ev)
{
	for (int f = 0; f < REPORT_FIELD_COUNT; f++) {
		const char *value = field_of(ev, (enum report_field)f);

		if (want->fields[f] != NULL && (value == NULL ||
		    fnmatch(want->fields[f], value, FNM_CASEFOLD) != 0))
			return (enum report_field)f;
	}
	return REPORT_FIELD_COUNT;
}

static int
count_reports(const struct entry *e, const char *action)
{
	int n = 0;

	for (size_t i = 0; i < e->told_count; i++)
		n += same_name(e->told[i]->action, action);
	return n;
}

/* NULL: one of the unit's reports is as asked for. */
static const char *
report_broken(struct arena *a, const struct report_expectation *want,
    const struct entry *e)
{
	const char *action = report_action_word(want->action), *value;
	enum report_field wrong = REPORT_FIELD_COUNT;
	const struct event *ev = NULL;

	for (size_t i = 0; i < e->told_count; i++) {
		if (!same_name(e->told[i]->action, action))
			continue;
		ev = e->told[i];
		wrong = differs(want, ev);
		if (wrong == REPORT_FIELD_COUNT)
			return NULL;
	}
	if (wrong == REPORT_FIELD_COUNT)
		return arena_printf(a, "no report says %s", action);
	value = field_of(ev, wrong);
	return arena_printf(a, "the report's %s is %s%s%s, not \"%s\"",
	    report_field_word(wrong), value != NULL ? "\"" : "",
	    value != NULL ? value : "not there", value != NULL ? "\"" : "",
	    want->fields[wrong]);
}

static const char *
count_broken(struct arena *a, const struct entry *e, const char *action,
    int least, int most)
{
	int n = count_reports(e, action);

	if (least > 0 && n < least)
		return arena_printf(a, "%d reports \"%s\", fewer than %d", n,
		    action, least);
	if (most >= 0 && n > most)
		return arena_printf(a, "%d reports \"%s\", more than %d", n,
		    action, most);
	return NULL;
}

static const char *
reports_broken(const struct ledger *l, const struct expectation *x,
    const struct entry *e, const struct unit *u)
{
	struct arena *a = l->arena;
	const char *broken;

	/* A report that nobody took has been read by nobody. */
	if (u->verdict == V_BOUNCED_NOWHERE)
		return NULL;
	/* One that has none at all has the wrong form, which is told. */
	if (x->status != NULL && e->first_report != NULL && !(u->verdict ==
	    V_BOUNCED_MALFORMED && e->first_report->status == NULL) &&
	    fnmatch(x->status, e->first_report->status != NULL ?
	    e->first_report->status : "", 0) != 0)
		return arena_printf(a, "the report's status is not %s",
		    x->status);
	for (size_t i = 0; i < x->report_count; i++)
		if ((broken = report_broken(a, &x->reports[i], e)) != NULL)
			return broken;
	broken = count_broken(a, e, "delayed", x->delays_min, x->delays_max);
	return broken != NULL ? broken : count_broken(a, e, "relayed",
	    x->relayed_min, x->relayed_max);
}

const char *
expect_broken(const struct ledger *l, const struct expectation *x,
    const struct entry *e, const struct unit *u)
{
	const char *broken = figures_broken(l, x, e, u);

	return broken != NULL ? broken : reports_broken(l, x, e, u);
}
