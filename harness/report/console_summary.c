/* The end of a suite, and the line that moves while it lasts. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"
#include "harness/report/console_int.h"
#include "harness/report/departures.h"
#include "harness/report/text.h"

int64_t
report_virtual_us(const struct trace *t)
{
	if (t == NULL || t->count == 0 || t->events[t->count - 1].t_us < 0)
		return 0;
	return t->events[t->count - 1].t_us;
}

int64_t
report_case_virtual_us(const struct report_case *rc)
{
	return rc->trace != NULL ? report_virtual_us(rc->trace) :
	    rc->virtual_us;
}

static void
add_known(struct report_summary *s, const struct report_case *rc)
{
	const struct known *known = rc->judgement->known;
	struct report_known *k;

	if (rc->judgement->result != RESULT_XFAIL || known == NULL)
		return;
	s->known = xreallocarray(s->known, s->known_count + 1,
	    sizeof *s->known);
	k = &s->known[s->known_count++];
	k->id = xstrdup(rc->scenario->id);
	k->mta = xstrdup(rc->mta);
	k->outcome = xstrdup(known->outcome);
	k->reason = xstrdup(known->reason);
	k->at = xstrdup(known->at);
}

void
summary_add(struct report_summary *s, const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;
	const char *text = j->result == RESULT_ERROR && j->error != NULL ?
	    j->error : j->sentence;
	struct report_failure *f;
	struct report_head head;

	s->counts[j->result]++;
	s->runs++;
	s->real_us += rc->real_us;
	s->virtual_us += report_case_virtual_us(rc);
	add_known(s, rc);
	if (report_is_finding(j->result)) {
		report_head_of(&head, rc);
		s->levels[head.level]++;
	}
	if (j->departure_count > 0) {
		if (s->departures == NULL)
			s->departures = xcalloc(1, sizeof *s->departures);
		departures_add(s->departures, rc->mta, j);
	}
	if (!result_is_red(j->result))
		return;
	s->failures = xreallocarray(s->failures, s->failure_count + 1,
	    sizeof *s->failures);
	f = &s->failures[s->failure_count++];
	f->result = j->result;
	f->id = xstrdup(rc->scenario->id);
	f->mta = xstrdup(rc->mta);
	f->sentence = xstrdup(text != NULL ? text : "");
}

void
summary_fini(struct report_summary *s)
{
	for (size_t i = 0; i < s->failure_count; i++) {
		free(s->failures[i].id);
		free(s->failures[i].mta);
		free(s->failures[i].sentence);
	}
	free(s->failures);
	for (size_t i = 0; i < s->known_count; i++) {
		free(s->known[i].id);
		free(s->known[i].mta);
		free(s->known[i].outcome);
		free(s->known[i].reason);
		free(s->known[i].at);
	}
	free(s->known);
	if (s->departures != NULL)
		departures_fini(s->departures);
	free(s->departures);
	memset(s, 0, sizeof *s);
}

static void
put_failures(struct sbuf *b, const struct report_style *style,
    const struct report_summary *s, enum result r)
{
	const struct report_failure *f;
	struct sbuf line = { 0 };

	for (size_t i = 0; i < s->failure_count; i++) {
		f = &s->failures[i];
		if (f->result != r)
			continue;
		sbuf_clear(&line);
		sbuf_putc(&line, ' ');
		text_clean(&line, f->id);
		sbuf_puts(&line, "  ");
		text_clean(&line, f->mta);
		sbuf_puts(&line, "  ");
		text_clean(&line, f->sentence);
		cut_beside_status(&line, style, r);
		put_status(b, style, r);
		sbuf_puts(b, sbuf_str(&line));
		sbuf_putc(b, '\n');
	}
	sbuf_fini(&line);
}

/* A baseline must not be a carpet to sweep things under. */
static void
put_known(struct sbuf *b, const struct report_style *style,
    const struct report_summary *s)
{
	const struct report_known *k;

	if (s->known_count == 0)
		return;
	sbuf_printf(b, "the baseline hides %zu known failure%s%s\n",
	    s->known_count, s->known_count == 1 ? "" : "s",
	    style->verbose ? ":" : " (--verbose lists them)");
	for (size_t i = 0; style->verbose && i < s->known_count; i++) {
		k = &s->known[i];
		put_status(b, style, RESULT_XFAIL);
		sbuf_putc(b, ' ');
		text_clean(b, k->id);
		sbuf_puts(b, "  ");
		text_clean(b, k->mta);
		sbuf_printf(b, "  %s: ", k->outcome);
		text_clean(b, k->reason);
		sbuf_puts(b, " (");
		text_clean(b, k->at);
		sbuf_puts(b, ")\n");
	}
}

/* How grave what was found is, which the results alone do not say. */
static void
put_levels(struct sbuf *b, const struct report_summary *s)
{
	const char *mark = "broken: ";

	for (int i = 0; i < CLAUSE_LEVEL_COUNT; i++)
		if (s->levels[i] > 0) {
			sbuf_printf(b, "%s%zu %s", mark, s->levels[i],
			    clause_level_word((enum clause_level)i));
			mark = ", ";
		}
	if (*mark == ',')
		sbuf_putc(b, '\n');
}

/* What was not judged, for it is not the MTA's doing. */
static void
put_departures(struct sbuf *b, const struct report_summary *s)
{
	struct sbuf line = { 0 };

	if (s->departures == NULL)
		return;
	departures_head(b, s->departures);
	sbuf_puts(b, ":\n");
	for (size_t i = 0; i < s->departures->count; i++) {
		const struct departed *d = &s->departures->items[i];

		sbuf_clear(&line);
		sbuf_printf(&line, "%s: ", d->mta);
		departure_put(&line, &d->what);
		sbuf_puts(b, "  ");
		text_clean(b, sbuf_str(&line));
		sbuf_printf(b, ": %zu run%s not judged by it\n", d->runs,
		    d->runs == 1 ? "" : "s");
	}
	sbuf_fini(&line);
}

void
console_summary(struct sbuf *b, const struct report_style *style,
    const struct report_summary *s, int64_t wall_us)
{
	static const enum result order[] = { RESULT_OK, RESULT_INFO,
	    RESULT_XFAIL, RESULT_SKIP, RESULT_WARN, RESULT_XPASS,
	    RESULT_NOT_EXERCISED, RESULT_ERROR, RESULT_FAIL };
	size_t n;

	sbuf_printf(b, "\n%zu run%s", s->runs, s->runs == 1 ? "" : "s");
	for (size_t i = 0, told = 0; i < RESULT_COUNT; i++)
		if ((n = s->counts[order[i]]) > 0)
			sbuf_printf(b, "%s %zu %s", told++ > 0 ? "," : ":", n,
			    report_result_word(order[i]));
	sbuf_puts(b, "\n");
	put_levels(b, s);
	text_clock(b, s->virtual_us);
	sbuf_puts(b, " of virtual time in ");
	text_real(b, s->real_us);
	sbuf_puts(b, " of runs");
	if (wall_us > 0) {
		sbuf_puts(b, ", ");
		text_real(b, wall_us);
		sbuf_puts(b, " by the wall clock");
	}
	sbuf_putc(b, '\n');
	if ((n = s->counts[RESULT_ERROR]) > 0)
		sbuf_printf(b, "%zu run%s ended in ERROR: %s nothing about the "
		    "MTA and %s no pass%s\n", n, n == 1 ? "" : "s",
		    n == 1 ? "it says" : "they say",
		    n == 1 ? "is" : "are", n == 1 ? "" : "es");
	if ((n = s->counts[RESULT_NOT_EXERCISED]) > 0)
		sbuf_printf(b, "%zu run%s not exercised: a fault never fired, "
		    "so what it asks was not tried\n", n, n == 1 ? " was" :
		    "s were");
	put_known(b, style, s);
	put_departures(b, s);
	put_failures(b, style, s, RESULT_NOT_EXERCISED);
	put_failures(b, style, s, RESULT_ERROR);
	put_failures(b, style, s, RESULT_XPASS);
	put_failures(b, style, s, RESULT_FAIL);
}

void
console_progress(struct sbuf *b, const struct report_style *style,
    size_t finished, size_t total, const char *id, const char *mta,
    int64_t virtual_us, int64_t real_us)
{
	size_t start = b->len;

	sbuf_printf(b, "%zu/%zu  ", finished, total);
	text_real(b, real_us);
	sbuf_puts(b, "  day ");
	sbuf_printf(b, "%d (", (int)(virtual_us > 0 ? virtual_us /
	    INT64_C(86400000000) + 1 : 1));
	text_clock(b, virtual_us);
	sbuf_puts(b, ")  ");
	text_clean(b, id);
	sbuf_puts(b, "  ");
	text_clean(b, mta);
	text_cut(b, start, style->width);
}
