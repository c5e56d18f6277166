/* The parts of a failure, each written by a function of its own. */
#include <string.h>

#include "harness/base/names.h"
#include "harness/report/clause.h"
#include "harness/report/console_int.h"
#include "harness/report/departures.h"
#include "harness/report/text.h"
#include "harness/report/timeline.h"
#include "harness/scenario/requirement.h"

/* A timeline of more lines is no longer read. */
#define TIMELINE_MOST	60

static const char *const flag_words[FLAG_COUNT] = {
#define X(sym, word, help) [F_##sym] = word,
	FLAGS(X)
#undef X
};

static void
put_wrapped(struct sbuf *b, const struct report_style *style,
    const char *text, int indent)
{
	struct sbuf clean = { 0 };

	text_clean(&clean, text);
	text_wrap(b, sbuf_str(&clean), indent, style->width);
	sbuf_fini(&clean);
}

/* Line `n` (from 1) of the text with its length, or NULL. */
static const char *
source_line(const char *source, int n, size_t *len)
{
	for (; source != NULL && n > 1; n--)
		if ((source = strchr(source, '\n')) != NULL)
			source++;
	if (source == NULL || n < 1 || *source == '\0')
		return NULL;
	*len = strcspn(source, "\r\n");
	return source;
}

static void
put_outcomes(struct sbuf *b, verdict_set set)
{
	bool first = true;

	for (int v = 0; v < VERDICT_COUNT; v++) {
		if ((set & VSET(v)) == 0)
			continue;
		sbuf_printf(b, "%s%s", first ? "" : " or ", verdict_word(
		    (enum verdict)v));
		first = false;
	}
}

/* The place that the expectation is written at. */
static struct loc
expected_at(const struct report_case *rc, const struct unit *u)
{
	const struct scenario *sc = rc->scenario;
	const struct expectation *x = u != NULL ? u->expectation : NULL;

	if (x != NULL && u->why != NULL && x->outcome_loc.line > 0 &&
	    (x->outcome & VSET(u->verdict)) == 0)
		return x->outcome_loc;
	if (x != NULL)
		return x->loc;
	for (size_t i = 0; u != NULL && i < sc->message_count; i++)
		if (same_text(sc->messages[i].key, u->msg))
			return sc->messages[i].loc;
	return sc->checks.loc;
}

/* What a line of `expect:` asks for. */
static void
put_asked(struct sbuf *b, const struct expectation *x)
{
	if (x == NULL || x->outcome == 0)
		sbuf_puts(b, "whatever loses nothing");
	else
		put_outcomes(b, x->outcome);
	if (x == NULL)
		return;
	if (x->via != NULL)
		sbuf_printf(b, " via %s", x->via);
	if (x->within_us > 0) {
		sbuf_puts(b, " within ");
		text_clock(b, x->within_us);
	}
	if (x->not_before_us > 0) {
		sbuf_puts(b, " not before ");
		text_clock(b, x->not_before_us);
	}
	if (x->status != NULL)
		sbuf_printf(b, " with status %s", x->status);
	if (x->attempts_min > 0)
		sbuf_printf(b, " in at least %d attempts", x->attempts_min);
	if (x->attempts_max > 0)
		sbuf_printf(b, " in at most %d attempts", x->attempts_max);
	if (x->copies_max > 0)
		sbuf_printf(b, " in at most %d copies", x->copies_max);
}

void
console_expected(struct sbuf *b, const struct unit *u)
{
	if (u == NULL) {
		sbuf_puts(b, "a check of the whole scenario");
		return;
	}
	sbuf_puts(b, "expected ");
	put_asked(b, u->expectation);
	sbuf_puts(b, ", got ");
	put_verdict(b, u);
}

/* The line and a caret; a line too long is shown from near the caret on. */
static void
put_snippet(struct sbuf *b, const struct report_style *style,
    const struct scenario *sc, struct loc loc)
{
	size_t len = 0, from = 0, start, col = loc.col > 0 ?
	    (size_t)loc.col - 1 : 0;
	const char *line = source_line(sc->source, loc.line, &len);
	struct sbuf filled = { 0 }, before = { 0 };

	if (line == NULL)
		return;
	if (col > len)
		col = len;
	/* The caret keeps its word when what comes before it is filled in. */
	scenario_fill(sc, &filled, line, col);
	line += col;
	len -= col;
	col = filled.len;
	scenario_fill(sc, &filled, line, len);
	line = sbuf_str(&filled);
	len = filled.len;
	if (style->width > 30 && col + 20 > (size_t)style->width)
		from = col - 8;
	while (from > 0 && ((unsigned char)line[from] & 0xc0) == 0x80)
		from--;
	start = b->len;
	sbuf_printf(b, "%7d | %s", loc.line, from > 0 ? TEXT_ELLIPSIS : "");
	text_clean_bytes(b, line + from, len - from);
	text_cut(b, start, style->width);
	if (col > from)
		text_clean_bytes(&before, line + from, col - from);
	sbuf_printf(b, "\n        | %*s^\n",
	    (int)(text_columns(sbuf_str(&before)) + (from > 0)), "");
	sbuf_fini(&before);
	sbuf_fini(&filled);
}

static void
put_expectation(struct sbuf *b, const struct report_style *style,
    const struct report_case *rc, const struct unit *u)
{
	struct loc loc = expected_at(rc, u);
	struct sbuf head = { 0 };

	sbuf_puts(&head, rc->scenario->path);
	if (loc.line > 0)
		sbuf_printf(&head, ":%d:%d", loc.line, loc.col);
	sbuf_puts(&head, ": ");
	console_expected(&head, u);
	put_wrapped(b, style, sbuf_str(&head), 2);
	sbuf_fini(&head);
	put_snippet(b, style, rc->scenario, loc);
}

static void
put_proof(struct sbuf *b, const struct report_style *style,
    const char *proof)
{
	size_t len, start;

	sbuf_puts(b, "\n  proof of the loss:\n");
	for (; *proof != '\0'; proof += len + (proof[len] == '\n')) {
		len = strcspn(proof, "\n");
		start = b->len;
		sbuf_puts(b, "    ");
		text_clean_bytes(b, proof, len);
		text_cut(b, start, style->width);
		sbuf_putc(b, '\n');
	}
}

static bool
first_time(struct console_shown *s, const char *id)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->ids[i], id) == 0)
			return false;
	if (s->count == sizeof s->ids / sizeof s->ids[0])
		return false;
	s->ids[s->count++] = id;
	return true;
}

static void
put_rule_line(struct sbuf *b, const struct report_style *style,
    const struct scenario *sc, const char *id)
{
	struct sbuf filled = { 0 };
	const char *line;
	size_t start, len = 0;
	int n = 0;

	if (sscanf(id, "%d:", &n) != 1 || (line = source_line(sc->source, n,
	    &len)) == NULL)
		return;
	for (; len > 0 && (*line == ' ' || *line == '\t'); len--)
		line++;
	paint_on(b, style, PAINT_DIM);
	start = b->len;
	sbuf_printf(b, "%18d | ", n);
	scenario_fill(sc, &filled, line, len);
	text_clean_bytes(b, sbuf_str(&filled), filled.len);
	text_cut(b, start, style->width);
	paint_off(b, style);
	sbuf_putc(b, '\n');
	sbuf_fini(&filled);
}

static void
put_line(struct sbuf *b, const struct report_style *style,
    const struct timeline_line *line)
{
	struct sbuf clock = { 0 };
	size_t start;

	if (line->decisive)
		paint_on(b, style, PAINT_BOLD);
	start = b->len;
	text_clock(&clock, line->t_us);
	sbuf_printf(b, "%c %7s  ", line->decisive ? '>' : ' ',
	    line->repeats + line->left_out > 0 ? "" : sbuf_str(&clock));
	sbuf_clear(&clock);
	text_clock(&clock, line->until_us);
	if (line->repeats > 0)
		sbuf_printf(b, "... %zu more %s like this until %s",
		    line->repeats, line->attempt ? "cycles" : "events",
		    sbuf_str(&clock));
	else if (line->left_out > 0)
		sbuf_printf(b, "... %zu lines left out until %s, all are in "
		    "trace.jsonl", line->left_out, sbuf_str(&clock));
	else
		sbuf_printf(b, "%s: %s", line->who, line->what);
	text_cut(b, start, style->width);
	if (line->decisive)
		paint_off(b, style);
	sbuf_putc(b, '\n');
	sbuf_fini(&clock);
}

void
console_timeline_line(struct sbuf *b, const struct report_style *style,
    const struct scenario *sc, const struct timeline_line *line,
    struct console_shown *shown)
{
	put_line(b, style, line);
	for (size_t k = 0; k < LINE_RULES; k++)
		if (line->rules[k] != NULL &&
		    first_time(shown, line->rules[k]))
			put_rule_line(b, style, sc, line->rules[k]);
}

void
console_timeline(struct sbuf *b, const struct report_style *style,
    const struct report_case *rc, uint64_t decisive)
{
	struct console_shown shown = { .count = 0 };
	struct timeline tl;

	timeline_build(&tl, rc->scenario, rc->trace, decisive,
	    style->verbose);
	if (!style->verbose) {
		timeline_fold(&tl);
		timeline_cap(&tl, TIMELINE_MOST);
	}
	if (tl.count > 0)
		sbuf_putc(b, '\n');
	for (size_t i = 0; i < tl.count; i++)
		console_timeline_line(b, style, rc->scenario, &tl.lines[i],
		    &shown);
	timeline_fini(&tl);
}

static void
put_clause(struct sbuf *b, const struct report_style *style,
    const char *id)
{
	const struct requirement *c = requirement_find(id);
	struct sbuf text = { 0 };

	if (id == NULL)
		return;
	sbuf_putc(b, '\n');
	text_clean(&text, id);
	if (c != NULL)
		sbuf_printf(&text, " (%s): %s", c->words, c->statement);
	put_wrapped(b, style, sbuf_str(&text), 2);
	sbuf_fini(&text);
}

/* One line each: other findings, and what was not as asked but tolerated. */
static void
put_notes(struct sbuf *b, const struct report_style *style,
    const struct judgement *j, const struct unit *head,
    const struct finding *head_finding)
{
	const struct finding *f;
	const struct unit *u;
	size_t start;

	for (size_t i = 0; i < j->unit_count; i++) {
		u = &j->units[i];
		if (u == head || u->expected || u->control)
			continue;
		start = b->len;
		sbuf_printf(b, "  %s %s: ", u->tolerated ? "tolerated" :
		    "also", verdict_word(u->verdict));
		text_clean(b, u->why);
		text_cut(b, start, style->width);
		sbuf_putc(b, '\n');
	}
	for (size_t i = 0; i < j->finding_count; i++) {
		f = &j->findings[i];
		if (f == head_finding)
			continue;
		start = b->len;
		sbuf_printf(b, "  %s %s: ", f->allowed ? "info" : "also",
		    flag_words[f->flag]);
		text_clean(b, f->text);
		text_cut(b, start, style->width);
		sbuf_putc(b, '\n');
	}
}

/* Beside a FAIL, too: what was not tried may hide another. */
static void
put_unfired(struct sbuf *b, const struct report_style *style,
    const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;
	bool beside = j->result != RESULT_NOT_EXERCISED;
	struct sbuf text = { 0 };
	struct loc loc;

	for (size_t i = 0; i < j->unfired_count; i++) {
		sbuf_clear(&text);
		sbuf_puts(&text, beside ? "and: the fault at " : "");
		report_put_unfired(&text, rc, i);
		sbuf_puts(&text, beside ? " never fired" :
		    ": this fault never fired");
		put_wrapped(b, style, sbuf_str(&text), 2);
		loc = (struct loc){ 0 };
		if (sscanf(j->unfired[i], "%d:%d", &loc.line, &loc.col) == 2)
			put_snippet(b, style, rc->scenario, loc);
	}
	sbuf_fini(&text);
}

/* What the site itself wants is not the MTA's defect. */
static void
put_departures(struct sbuf *b, const struct report_style *style,
    const struct judgement *j)
{
	struct sbuf text = { 0 };

	for (size_t i = 0; i < j->departure_count; i++) {
		sbuf_clear(&text);
		sbuf_puts(&text, "not judged: your configuration says ");
		departure_put(&text, &j->departures[i]);
		put_wrapped(b, style, sbuf_str(&text), 2);
	}
	sbuf_fini(&text);
}

/* Which entry of the baseline speaks of the run, and why it is there. */
static void
put_known(struct sbuf *b, const struct report_style *style,
    const struct known *k)
{
	struct sbuf text = { 0 };

	if (k == NULL)
		return;
	sbuf_printf(&text, "%s: known to be %s: %s", k->at, k->outcome,
	    k->reason);
	if (k->upstream != NULL)
		sbuf_printf(&text, " (%s)", k->upstream);
	put_wrapped(b, style, sbuf_str(&text), 2);
	sbuf_fini(&text);
}

static void
put_ends(struct sbuf *b, const struct report_case *rc)
{
	sbuf_puts(b, "\n  on: ");
	text_clean(b, rc->mta);
	if (rc->mta_version != NULL && *rc->mta_version != '\0') {
		sbuf_puts(b, " (version ");
		text_clean(b, rc->mta_version);
		sbuf_putc(b, ')');
	}
	sbuf_puts(b, ", ");
	text_clock(b, report_case_virtual_us(rc));
	sbuf_puts(b, " of virtual time\n  artefacts: ");
	text_clean(b, rc->dir);
	sbuf_puts(b, "\n  rerun: ");
	text_clean(b, rc->rerun);
	sbuf_puts(b, "\n\n");
}

void
report_head_of(struct report_head *h, const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;

	memset(h, 0, sizeof *h);
	h->clause = j->clause;
	h->unit = report_head_unit(j);
	if (h->unit == NULL || !unit_is_bad(h->unit))
		h->finding = report_head_finding(j);
	if (h->finding != NULL && h->finding->clause != NULL)
		h->clause = h->finding->clause;
	else if (h->finding == NULL && h->unit != NULL && h->unit->clause !=
	    NULL)
		h->clause = h->unit->clause;
	if (report_proves_nothing(j->result))
		h->clause = NULL;	/* nothing was broken */
	else
		h->decisive = h->finding != NULL ? h->finding->decisive :
		    h->unit != NULL ? h->unit->decisive : 0;
	h->level = clause_level_in(h->clause, rc->scenario->level,
	    rc->scenario->covers, rc->scenario->covers_count);
	h->loc = expected_at(rc, h->finding != NULL ? NULL : h->unit);
}

void
console_failure(struct sbuf *b, const struct report_style *style,
    const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;
	bool error = report_proves_nothing(j->result);
	const struct finding *f;
	const struct unit *u;
	struct report_head head;

	report_head_of(&head, rc);
	u = head.unit;
	f = head.finding;
	put_wrapped(b, style, error && j->error != NULL ? j->error :
	    j->sentence, 2);
	if (j->result == RESULT_SKIP)
		return;		/* nothing was run */
	put_known(b, style, j->known);
	if (error)
		sbuf_puts(b, j->result == RESULT_ERROR ? "  this run says "
		    "nothing about the MTA; it is no pass\n" : "  what the "
		    "scenario asks was not tried; it is no pass\n");
	else if (j->result != RESULT_XPASS)
		put_expectation(b, style, rc, f != NULL ? NULL : u);
	put_unfired(b, style, rc);
	put_departures(b, style, j);
	if (!error && u != NULL && u->proof != NULL)
		put_proof(b, style, u->proof);
	/* How it passed is no news. */
	if (j->result != RESULT_XPASS || style->verbose)
		console_timeline(b, style, rc, head.decisive);
	put_notes(b, style, j, error ? NULL : u, error ? NULL : f);
	if (!error)
		put_clause(b, style, head.clause);
	put_ends(b, rc);
}
