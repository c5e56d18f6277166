/*
 * What each MTA does wrong, as a page for people (docs/findings.md): every
 * FAIL, warn and xfail with its verdict, the sentence, the clause, the folded
 * timeline and the command that brings it again.  All of it comes from the
 * stored traces; what could not be judged is said, too.
 */
#include <string.h>

#include "harness/report/clause.h"
#include "harness/report/console_int.h"
#include "harness/report/escape.h"
#include "harness/report/kinds.h"
#include "harness/report/text.h"

static bool
is_finding(enum result r)
{
	return r == RESULT_FAIL || r == RESULT_WARN || r == RESULT_XFAIL;
}

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
is_must(enum result r)
{
	return r == RESULT_FAIL || r == RESULT_XFAIL;
}

static bool
is_should(enum result r)
{
	return r == RESULT_WARN;
}

static bool
is_unknown(enum result r)
{
	return report_proves_nothing(r) || r == RESULT_XPASS;
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
put_table(struct sbuf *b, const struct report_set *set)
{
	sbuf_puts(b, "| MTA | scenarios run | as expected | MUST violated | "
	    "SHOULD violated | not judged |\n|---|---:|---:|---:|---:|---:|\n");
	for (size_t k = 0; k < set->mta_count; k++) {
		sbuf_puts(b, "| ");
		put_name(b, &set->mtas[k]);
		sbuf_printf(b, " | %zu | %zu | %zu | %zu | %zu |\n",
		    count(set, k, is_any), count(set, k, is_ok),
		    count(set, k, is_must), count(set, k, is_should),
		    count(set, k, is_unknown));
	}
	sbuf_putc(b, '\n');
}

static void
put_clause(struct sbuf *b, const char *id)
{
	const struct clause *c = clause_find(id);

	if (id == NULL)
		return;
	sbuf_puts(b, "**Clause** ");
	escape_markdown(b, id);
	if (c != NULL) {
		sbuf_printf(b, " (%s): ", c->level);
		escape_markdown(b, c->statement);
	}
	sbuf_puts(b, "\n\n");
}

static void
put_known(struct sbuf *b, const struct known *k)
{
	if (k == NULL)
		return;
	sbuf_puts(b, "**Known**: ");
	escape_markdown(b, k->reason);
	if (k->upstream != NULL) {
		sbuf_puts(b, " (");
		escape_markdown(b, k->upstream);
		sbuf_putc(b, ')');
	}
	sbuf_puts(b, "\n\n");
}

static void
put_proof(struct sbuf *b, const struct report_head *h)
{
	if (h->unit == NULL || h->unit->proof == NULL || h->finding != NULL)
		return;
	sbuf_puts(b, "Proof of the loss:\n\n");
	escape_markdown_fence(b, h->unit->proof);
	sbuf_putc(b, '\n');
}

static void
put_title(struct sbuf *b, const struct report_case *rc,
    const struct report_head *h)
{
	sbuf_puts(b, "### ");
	escape_markdown(b, rc->scenario->id);
	sbuf_printf(b, ": %s\n\n", h->finding != NULL ?
	    flag_word(h->finding->flag) : h->unit != NULL ?
	    verdict_word(h->unit->verdict) :
	    report_result_word(rc->judgement->result));
	escape_markdown(b, rc->scenario->title);
	sbuf_puts(b, "\n\n**");
	escape_markdown(b, rc->judgement->sentence);
	sbuf_puts(b, "**\n\n");
}

static void
put_finding(struct sbuf *b, struct report_set *set, size_t i)
{
	struct report_style style = { .width = 110 };
	struct sbuf text = { 0 };
	struct report_head h;
	struct report_case rc;
	const char *lines;

	report_run_open(set, i, &rc);
	report_head_of(&h, &rc);
	put_title(b, &rc, &h);
	if (h.finding == NULL && h.unit != NULL) {
		console_expected(&text, &rc, h.unit);
		sbuf_puts(b, "The scenario ");
		escape_markdown(b, sbuf_str(&text));
		sbuf_puts(b, ".\n\n");
		sbuf_clear(&text);
	}
	put_clause(b, h.clause);
	put_known(b, rc.judgement->known);
	put_proof(b, &h);
	if (rc.trace != NULL)
		console_timeline(&text, &style, &rc, h.decisive);
	lines = sbuf_str(&text);
	lines += strspn(lines, "\n");
	if (*lines != '\0')
		escape_markdown_fence(b, lines);
	sbuf_puts(b, "\nReproduce: ");
	escape_markdown_code(b, rc.rerun);
	sbuf_puts(b, "\n\n");
	sbuf_fini(&text);
	report_run_close(set, i);
}

/* The MUSTs first, then the SHOULDs. */
static void
put_findings(struct sbuf *b, struct report_set *set, size_t column,
    bool (*is)(enum result))
{
	for (size_t i = 0; i < set->run_count; i++)
		if (set->runs[i].column == column && !set->runs[i].hidden &&
		    is(set->runs[i].judgement.result))
			put_finding(b, set, i);
}

static void
put_unknown(struct sbuf *b, const struct report_set *set, size_t column)
{
	const struct report_run *r;

	if (count(set, column, is_unknown) == 0)
		return;
	sbuf_puts(b, "Not judged, or better than its baseline says:\n\n");
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

	sbuf_puts(&b, "# What each MTA does wrong\n\n"
	    "Made from stored runs by `mxdrill report RUNDIR -o "
	    "findings=FILE`; every line of it\ncomes from a trace. Times are "
	    "virtual, from the start of the scenario; `>` marks the\n"
	    "event that decided.\n\n");
	put_table(&b, set);
	for (size_t i = 0; i < set->note_count; i++) {
		sbuf_puts(&b, "Note: ");
		escape_markdown(&b, set->notes[i].text);
		sbuf_puts(&b, "\n\n");
	}
	for (size_t k = 0; k < set->mta_count; k++) {
		sbuf_puts(&b, "## ");
		put_name(&b, &set->mtas[k]);
		sbuf_puts(&b, "\n\n");
		if (count(set, k, is_finding) == 0)
			sbuf_puts(&b, "Nothing found in these scenarios.\n\n");
		put_findings(&b, set, k, is_must);
		put_findings(&b, set, k, is_should);
		put_unknown(&b, set, k);
	}
	/* One newline ends a file. */
	while (b.len > 1 && b.data[b.len - 2] == '\n')
		b.len--;
	fwrite(b.data, 1, b.len, out);
	sbuf_fini(&b);
}
