/*
 * What each MTA does wrong, as a page for people (docs/findings.md): every
 * defect that FAIL, warn and xfail show, with its clause, the scenarios, one
 * sentence, folded timeline and command that brings it again.  All of it comes
 * from the stored traces; what could not be judged is said, too.
 */
#include <string.h>

#include "harness/report/causes.h"
#include "harness/report/console_int.h"
#include "harness/report/departures.h"
#include "harness/report/escape.h"
#include "harness/report/kinds.h"
#include "harness/report/text.h"
#include "harness/report/timeline.h"
#include "harness/scenario/requirement.h"

static size_t
count(const struct report_set *set, size_t column, bool (*is)(enum result))
{
	size_t n = 0;

	for (size_t i = 0; i < set->run_count; i++)
		n += set->runs[i].column == column && !set->runs[i].hidden &&
		    is(set->runs[i].judgement.result);
	return n;
}

static bool
is_any(enum result r)
{
	return r != RESULT_SKIP;
}

static bool
is_ok(enum result r)
{
	return r == RESULT_OK || r == RESULT_INFO;
}

static bool
is_unexercised(enum result r)
{
	return r == RESULT_NOT_EXERCISED;
}

static bool
is_unjudged(enum result r)
{
	return r == RESULT_ERROR || r == RESULT_XPASS;
}

static bool
is_unknown(enum result r)
{
	return is_unexercised(r) || is_unjudged(r);
}

static void
put_name(struct sbuf *b, const struct report_mta *m)
{
	escape_markdown(b, m->mta);
	if (*m->version != '\0') {
		sbuf_putc(b, ' ');
		escape_markdown(b, m->version);
	}
}

static void
put_level(struct sbuf *b, const struct cause_count *n)
{
	if (n->defects == 0)
		sbuf_puts(b, " 0 |");
	else
		sbuf_printf(b, " %zu (%zu) |", n->defects, n->scenarios);
}

static void
put_row(struct sbuf *b, const struct report_set *set,
    const struct causes *cs, size_t column)
{
	struct cause_count n;

	sbuf_puts(b, "| ");
	put_name(b, &set->mtas[column]);
	sbuf_printf(b, " | %zu | %zu |", count(set, column, is_any),
	    count(set, column, is_ok));
	for (int level = 0; level < CLAUSE_LEVEL_COUNT; level++) {
		n = causes_count(cs, column, (enum clause_level)level);
		put_level(b, &n);
	}
	sbuf_printf(b, " %zu | %zu |\n", count(set, column, is_unexercised),
	    count(set, column, is_unjudged));
}

static void
put_table(struct sbuf *b, const struct report_set *set,
    const struct causes *cs)
{
	sbuf_puts(b, "| MTA | scenarios run | as expected |");
	for (int level = 0; level < CLAUSE_LEVEL_COUNT; level++)
		sbuf_printf(b, " %s |", clause_level_word(
		    (enum clause_level)level));
	sbuf_puts(b, " not exercised | not judged |\n|---|---:|---:|");
	for (int level = 0; level < CLAUSE_LEVEL_COUNT; level++)
		sbuf_puts(b, "---:|");
	sbuf_puts(b, "---:|---:|\n");
	for (size_t k = 0; k < set->mta_count; k++)
		put_row(b, set, cs, k);
	sbuf_putc(b, '\n');
}

static void
put_clause(struct sbuf *b, const char *id)
{
	const struct requirement *c = requirement_find(id);

	if (id == NULL)
		return;
	sbuf_puts(b, "**Clause** ");
	escape_markdown(b, id);
	if (c != NULL) {
		sbuf_printf(b, " (%s): ", c->words);
		escape_markdown(b, c->statement);
	}
	sbuf_puts(b, "\n\n");
}

/* What a baseline says of the defect, each reason once. */
static void
put_known(struct sbuf *b, const struct report_set *set,
    const struct cause *c)
{
	const struct known *k, *before;
	size_t n;

	for (size_t i = 0; i < c->run_count; i++) {
		k = set->runs[c->runs[i].run].judgement.known;
		for (n = 0; k != NULL && n < i; n++) {
			before = set->runs[c->runs[n].run].judgement.known;
			if (before != NULL && strcmp(before->reason,
			    k->reason) == 0)
				break;
		}
		if (k == NULL || n < i)
			continue;
		sbuf_puts(b, "**Known**: ");
		escape_markdown(b, k->reason);
		if (k->upstream != NULL) {
			sbuf_puts(b, " (");
			escape_markdown(b, k->upstream);
			sbuf_putc(b, ')');
		}
		sbuf_puts(b, "\n\n");
	}
}

static void
put_proof(struct sbuf *b, const struct unit *u)
{
	if (u == NULL || u->proof == NULL)
		return;
	sbuf_puts(b, "Proof of the loss:\n\n");
	escape_markdown_fence(b, u->proof);
	sbuf_putc(b, '\n');
}

static void
put_scenarios(struct sbuf *b, const struct report_set *set,
    const struct cause *c)
{
	const struct report_row *row;

	sbuf_printf(b, "%zu scenario%s:\n\n", c->run_count,
	    c->run_count == 1 ? "" : "s");
	for (size_t i = 0; i < c->run_count; i++) {
		row = &set->rows[set->runs[c->runs[i].run].row];
		sbuf_puts(b, "- ");
		escape_markdown(b, row->id);
		if (row->title != NULL && *row->title != '\0') {
			sbuf_puts(b, ": ");
			escape_markdown(b, row->title);
		}
		sbuf_putc(b, '\n');
	}
	sbuf_putc(b, '\n');
}

/* The event that decided what the entry is about. */
static uint64_t
decisive(const struct judgement *j, const struct cause_run *at)
{
	return at->finding < j->finding_count ?
	    j->findings[at->finding].decisive : at->unit < j->unit_count ?
	    j->units[at->unit].decisive : 0;
}

/* Lines of the timeline as it would be shown; 0: there is none. */
static size_t
timeline_length(struct report_set *set, const struct cause_run *at)
{
	struct report_case rc;
	struct timeline tl;
	size_t n = 0;

	if (report_run_open(set, at->run, &rc)) {
		timeline_build(&tl, rc.scenario, rc.trace,
		    decisive(rc.judgement, at), false);
		timeline_fold(&tl);
		n = tl.count;
		timeline_fini(&tl);
	}
	report_run_close(set, at->run);
	return n;
}

/* The run that shows the defect in the fewest lines. */
static const struct cause_run *
shortest(struct report_set *set, const struct cause *c)
{
	const struct cause_run *best = &c->runs[0];
	size_t least = 0, n;

	for (size_t i = 0; c->run_count > 1 && i < c->run_count; i++) {
		n = timeline_length(set, &c->runs[i]);
		if (n > 0 && (least == 0 || n < least)) {
			least = n;
			best = &c->runs[i];
		}
	}
	return best;
}

static const char *
text_of(const struct judgement *j, const struct cause_run *at)
{
	return at->finding < j->finding_count ?
	    j->findings[at->finding].text : at->unit < j->unit_count ?
	    j->units[at->unit].why : j->sentence;
}

static void
put_timeline(struct sbuf *b, const struct report_case *rc,
    const struct cause_run *at)
{
	struct report_style style = { .width = 110 };
	struct sbuf text = { 0 };
	const char *lines;

	if (rc->trace != NULL)
		console_timeline(&text, &style, rc,
		    decisive(rc->judgement, at));
	lines = sbuf_str(&text);
	lines += strspn(lines, "\n");
	if (*lines != '\0')
		escape_markdown_fence(b, lines);
	sbuf_fini(&text);
}

/* The run that the entry quotes. */
static void
put_example(struct sbuf *b, struct report_set *set, const struct cause *c)
{
	const struct cause_run *at = shortest(set, c);
	struct sbuf text = { 0 };
	struct report_case rc;
	const struct unit *u;

	report_run_open(set, at->run, &rc);
	u = at->unit < rc.judgement->unit_count ?
	    &rc.judgement->units[at->unit] : NULL;
	sbuf_puts(b, "In ");
	escape_markdown(b, rc.scenario->id);
	sbuf_puts(b, ": **");
	escape_markdown(b, text_of(rc.judgement, at));
	sbuf_puts(b, "**\n\n");
	if (u != NULL) {
		console_expected(&text, u);
		sbuf_puts(b, "The scenario ");
		escape_markdown(b, sbuf_str(&text));
		sbuf_puts(b, ".\n\n");
		sbuf_fini(&text);
	}
	put_proof(b, u);
	put_timeline(b, &rc, at);
	sbuf_puts(b, "\nReproduce: ");
	escape_markdown_code(b, rc.rerun);
	sbuf_puts(b, "\n\n");
	report_run_close(set, at->run);
}

static void
put_cause(struct sbuf *b, struct report_set *set, const struct cause *c)
{
	sbuf_printf(b, "### %s (%s", c->word, clause_level_word(c->level));
	if (c->clause != NULL) {
		sbuf_puts(b, ", ");
		escape_markdown(b, c->clause);
	}
	sbuf_puts(b, ")\n\n");
	put_clause(b, c->clause);
	put_known(b, set, c);
	put_scenarios(b, set, c);
	put_example(b, set, c);
}

static size_t
put_causes(FILE *out, struct sbuf *b, struct report_set *set,
    const struct causes *cs, size_t column)
{
	size_t n = 0;

	for (size_t i = 0; i < cs->count; i++)
		if (cs->items[i].column == column) {
			text_flush(b, out);
			put_cause(b, set, &cs->items[i]);
			n++;
		}
	return n;
}

/* Not the MTA's doing. */
static void
put_departures(struct sbuf *b, const struct report_set *set, size_t column)
{
	struct departures ds = { .count = 0 };
	struct sbuf text = { 0 };

	for (size_t i = 0; i < set->run_count; i++)
		if (set->runs[i].column == column && !set->runs[i].hidden)
			departures_add(&ds, set->mtas[column].label,
			    &set->runs[i].judgement);
	if (ds.count > 0)
		sbuf_puts(b, "Your configuration departs from RFC 5321; what "
		    "follows from it was not judged:\n\n");
	for (size_t i = 0; i < ds.count; i++) {
		sbuf_clear(&text);
		departure_put(&text, &ds.items[i].what);
		sbuf_puts(b, "- ");
		escape_markdown(b, sbuf_str(&text));
		sbuf_printf(b, ": %zu scenario%s\n", ds.items[i].runs,
		    ds.items[i].runs == 1 ? "" : "s");
	}
	sbuf_puts(b, ds.count > 0 ? "\n" : "");
	sbuf_fini(&text);
	departures_fini(&ds);
}

static void
put_unknown(struct sbuf *b, const struct report_set *set, size_t column)
{
	const struct report_run *r;

	if (count(set, column, is_unknown) == 0)
		return;
	sbuf_puts(b, "Not exercised, not judged, or better than its baseline "
	    "says:\n\n");
	for (size_t i = 0; i < set->run_count; i++) {
		r = &set->runs[i];
		if (r->column != column || r->hidden ||
		    !is_unknown(r->judgement.result))
			continue;
		sbuf_printf(b, "- %s ",
		    report_result_word(r->judgement.result));
		escape_markdown(b, set->rows[r->row].id);
		sbuf_puts(b, ": ");
		escape_markdown(b, r->judgement.sentence);
		sbuf_putc(b, '\n');
	}
	sbuf_putc(b, '\n');
}

void
report_findings_write(FILE *out, struct report_set *set)
{
	struct sbuf b = { 0 };
	struct causes cs;

	causes_find(&cs, set);
	sbuf_puts(&b, "# What each MTA does wrong\n\n"
	    "Made from stored runs by `mxdrill report RUNDIR -o "
	    "findings=FILE`; every line of it\ncomes from a trace. Times are "
	    "virtual, from the start of the scenario; `>` marks the\n"
	    "event that decided.\n\n"
	    "An entry is a defect: the same verdict or flag, for the same "
	    "reason, against the same\nclause, with the scenarios that show "
	    "it and the shortest of their timelines. The table\ncounts them "
	    "by how binding the clause is, in brackets the scenarios; one "
	    "scenario may\nshow several.\n\n");
	put_table(&b, set, &cs);
	for (size_t i = 0; i < set->note_count; i++) {
		sbuf_puts(&b, "Note: ");
		escape_markdown(&b, set->notes[i].text);
		sbuf_puts(&b, "\n\n");
	}
	for (size_t k = 0; k < set->mta_count; k++) {
		sbuf_puts(&b, "## ");
		put_name(&b, &set->mtas[k]);
		sbuf_puts(&b, "\n\n");
		if (put_causes(out, &b, set, &cs, k) == 0)
			sbuf_puts(&b, "Nothing found in these scenarios.\n\n");
		put_departures(&b, set, k);
		put_unknown(&b, set, k);
	}
	causes_fini(&cs);
	/* One newline ends a file. */
	while (b.len > 1 && b.data[b.len - 2] == '\n')
		b.len--;
	text_flush(&b, out);
	sbuf_fini(&b);
}
