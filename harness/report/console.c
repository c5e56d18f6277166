/* One line a run, and the parts of a failure. */
#include "harness/report/console.h"

#include <string.h>

#include "harness/base/timers.h"
#include "harness/report/clause.h"
#include "harness/report/console_int.h"
#include "harness/report/text.h"
#include "harness/report/timeline.h"

/* A timeline of more lines is no longer read. */
#define TIMELINE_MOST	60

static const char *const result_words[RESULT_COUNT] = {
#define X(sym, word) [RESULT_##sym] = word,
	RESULTS(X)
#undef X
};

static const char *const flag_words[FLAG_COUNT] = {
#define X(sym, word, help) [F_##sym] = word,
	FLAGS(X)
#undef X
};

const char *
report_result_word(enum result r)
{
	return result_words[r];
}

void
paint_on(struct sbuf *b, const struct report_style *style, enum paint paint)
{
	static const char *const codes[] = {
		[PAINT_BOLD] = "1", [PAINT_DIM] = "2", [PAINT_GOOD] = "32",
		[PAINT_WARN] = "33", [PAINT_BAD] = "1;31",
	};

	if (style->colour)
		sbuf_printf(b, "\033[%sm", codes[paint]);
}

void
paint_off(struct sbuf *b, const struct report_style *style)
{
	if (style->colour)
		sbuf_puts(b, "\033[0m");
}

void
put_status(struct sbuf *b, const struct report_style *style, enum result r)
{
	paint_on(b, style, r == RESULT_OK ? PAINT_GOOD : r == RESULT_FAIL ||
	    r == RESULT_ERROR || r == RESULT_XPASS ? PAINT_BAD : r ==
	    RESULT_WARN ? PAINT_WARN : PAINT_DIM);
	sbuf_printf(b, "%-5s", report_result_word(r));
	paint_off(b, style);
}

static bool
is_bad(const struct unit *u)
{
	return !u->expected && !u->tolerated;
}

const struct unit *
report_head_unit(const struct judgement *j)
{
	const struct unit *u, *own = NULL;
	size_t len;

	/* The sentence is a unit's own words, perhaps with a count after. */
	for (size_t i = 0; i < j->unit_count; i++) {
		u = &j->units[i];
		len = u->why != NULL ? strlen(u->why) : 0;
		if (is_bad(u) && len > 0 && j->sentence != NULL &&
		    strncmp(j->sentence, u->why, len) == 0)
			return u;
	}
	for (size_t i = 0; i < j->unit_count; i++) {
		if (is_bad(&j->units[i]))
			return &j->units[i];
		if (own == NULL && !j->units[i].control)
			own = &j->units[i];
	}
	return j->result == RESULT_FAIL || j->result == RESULT_WARN ||
	    j->result == RESULT_ERROR ? NULL : own;
}

const struct finding *
report_head_finding(const struct judgement *j)
{
	for (size_t i = 0; i < j->finding_count; i++)
		if (!j->findings[i].allowed)
			return &j->findings[i];
	return NULL;
}

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Where the copy of a unit went. */
static const char *
copied_at(const struct trace *t, const struct unit *u)
{
	for (size_t i = 0; t != NULL && i < t->count; i++)
		if (t->events[i].kind == EV_SMTP_COPY &&
		    t->events[i].stored == YES &&
		    same(t->events[i].msg, u->msg) &&
		    same(t->events[i].rcpt, u->rcpt))
			return t->events[i].host;
	return NULL;
}

static void
put_took(struct sbuf *b, const struct unit *u)
{
	if (u->final_us == TIME_NEVER || u->accepted_us == TIME_NEVER)
		return;
	sbuf_puts(b, " after ");
	text_clock(b, u->final_us - u->accepted_us);
}

/* The verdict, when and by whom: what is interesting of a pass. */
static void
put_verdict(struct sbuf *b, const struct report_case *rc,
    const struct unit *u)
{
	const char *via = copied_at(rc->trace, u);

	switch (u->verdict) {
	case V_DELIVERED:
		sbuf_puts(b, "delivered at once");
		break;
	case V_DELIVERED_LATE:
	case V_DELIVERED_TOO_LATE:
		sbuf_puts(b, "delivered");
		put_took(b, u);
		break;
	case V_RETRYING:
		sbuf_printf(b, "still queued, %d attempt%s", u->cycles,
		    u->cycles == 1 ? "" : "s");
		break;
	case V_NOT_ACCEPTED:
		sbuf_puts(b, "refused at injection");
		break;
	default:
		sbuf_puts(b, verdict_word(u->verdict));
		put_took(b, u);
	}
	if (u->note != NULL) {
		sbuf_puts(b, " (");
		text_clean(b, u->note);
		sbuf_putc(b, ')');
	}
	if (via != NULL) {
		sbuf_puts(b, " via ");
		text_clean(b, via);
	}
}

/* All units of a pass; those with the same words are counted. */
static void
put_verdicts(struct sbuf *b, const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;
	struct sbuf last = { 0 }, one = { 0 };
	size_t times = 0;

	for (size_t i = 0; i <= j->unit_count; i++) {
		sbuf_clear(&one);
		if (i < j->unit_count && j->units[i].control)
			continue;
		if (i < j->unit_count)
			put_verdict(&one, rc, &j->units[i]);
		if (last.len > 0 && strcmp(sbuf_str(&one),
		    sbuf_str(&last)) != 0) {
			sbuf_puts(b, sbuf_str(&last));
			if (times > 1)
				sbuf_printf(b, " x%zu", times);
			sbuf_puts(b, one.len > 0 ? "; " : "");
			times = 0;
		}
		times++;
		sbuf_clear(&last);
		sbuf_puts(&last, sbuf_str(&one));
	}
	sbuf_fini(&last);
	sbuf_fini(&one);
}

void
console_line(struct sbuf *b, const struct report_style *style,
    const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;
	bool verdicts = j->result == RESULT_OK || j->result == RESULT_INFO ||
	    (j->result == RESULT_XPASS && j->unit_count > 0);
	struct sbuf rest = { 0 };

	put_status(b, style, j->result);
	sbuf_putc(&rest, ' ');
	text_clean(&rest, rc->scenario->id);
	/* A sentence needs the room that a column would waste. */
	while (verdicts && text_columns(rest.data) < ID_COLUMNS)
		sbuf_putc(&rest, ' ');
	sbuf_puts(&rest, "  ");
	text_clean(&rest, rc->mta);
	while (verdicts && text_columns(rest.data) < ID_COLUMNS + 2 +
	    MTA_COLUMNS)
		sbuf_putc(&rest, ' ');
	sbuf_puts(&rest, "  ");
	if (verdicts)
		put_verdicts(&rest, rc);
	else
		text_clean(&rest, j->sentence);
	text_cut(&rest, 0, style->width > 20 ? style->width - 5 :
	    style->width > 0 ? 15 : 0);
	sbuf_puts(b, sbuf_str(&rest));
	sbuf_putc(b, '\n');
	sbuf_fini(&rest);
}

/* --- the parts of a failure --- */

static void
put_wrapped(struct sbuf *b, const struct report_style *style,
    const char *text, int indent)
{
	struct sbuf clean = { 0 };

	text_clean(&clean, text);
	text_wrap(b, sbuf_str(&clean), indent, style->width);
	sbuf_fini(&clean);
}

const char *
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
		if (same(sc->messages[i].key, u->msg))
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

static void
put_expected(struct sbuf *b, const struct report_case *rc,
    const struct unit *u)
{
	if (u == NULL) {
		sbuf_puts(b, "a check of the whole scenario");
		return;
	}
	sbuf_puts(b, "expected ");
	put_asked(b, u->expectation);
	sbuf_puts(b, ", got ");
	put_verdict(b, rc, u);
}

/* The line and a caret; a line too long is shown from near the caret on. */
static void
put_snippet(struct sbuf *b, const struct report_style *style,
    const char *source, struct loc loc)
{
	size_t len = 0, from = 0, start, col = loc.col > 0 ?
	    (size_t)loc.col - 1 : 0;
	const char *line = source_line(source, loc.line, &len);
	struct sbuf before = { 0 };

	if (line == NULL)
		return;
	if (col > len)
		col = len;
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
	put_expected(&head, rc, u);
	put_wrapped(b, style, sbuf_str(&head), 2);
	sbuf_fini(&head);
	put_snippet(b, style, rc->scenario->source, loc);
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

/* Ids of rules whose line was already shown. */
struct shown {
	const char	*ids[64];
	size_t		 count;
};

static bool
first_time(struct shown *s, const char *id)
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
	text_clean_bytes(b, line, len);
	text_cut(b, start, style->width);
	paint_off(b, style);
	sbuf_putc(b, '\n');
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

static void
put_timeline(struct sbuf *b, const struct report_style *style,
    const struct report_case *rc, uint64_t decisive)
{
	struct shown shown = { .count = 0 };
	struct timeline tl;

	timeline_build(&tl, rc->scenario, rc->trace, decisive,
	    style->verbose);
	if (!style->verbose) {
		timeline_fold(&tl);
		timeline_cap(&tl, TIMELINE_MOST);
	}
	if (tl.count > 0)
		sbuf_putc(b, '\n');
	for (size_t i = 0; i < tl.count; i++) {
		put_line(b, style, &tl.lines[i]);
		for (size_t k = 0; k < LINE_RULES; k++)
			if (tl.lines[i].rules[k] != NULL &&
			    first_time(&shown, tl.lines[i].rules[k]))
				put_rule_line(b, style, rc->scenario,
				    tl.lines[i].rules[k]);
	}
	timeline_fini(&tl);
}

static void
put_clause(struct sbuf *b, const struct report_style *style,
    const char *id)
{
	const struct clause *c = clause_find(id);
	struct sbuf text = { 0 };

	if (id == NULL)
		return;
	sbuf_putc(b, '\n');
	text_clean(&text, id);
	if (c != NULL)
		sbuf_printf(&text, " (%s): %s", c->level, c->statement);
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

static void
put_head(struct sbuf *b, const struct report_style *style,
    const struct report_case *rc)
{
	put_status(b, style, rc->judgement->result);
	sbuf_putc(b, ' ');
	paint_on(b, style, PAINT_BOLD);
	text_clean(b, rc->scenario->id);
	paint_off(b, style);
	sbuf_puts(b, "  ");
	text_clean(b, rc->mta);
	if (rc->mta_version != NULL && *rc->mta_version != '\0') {
		sbuf_puts(b, " (");
		text_clean(b, rc->mta_version);
		sbuf_putc(b, ')');
	}
	sbuf_putc(b, '\n');
}

static void
put_ends(struct sbuf *b, const struct report_case *rc)
{
	sbuf_puts(b, "\n  artefacts: ");
	text_clean(b, rc->dir);
	sbuf_puts(b, "\n  rerun: ");
	text_clean(b, rc->rerun);
	sbuf_puts(b, "\n\n");
}

void
console_failure(struct sbuf *b, const struct report_style *style,
    const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;
	const struct unit *u = report_head_unit(j);
	const struct finding *f = NULL;
	bool error = j->result == RESULT_ERROR;
	uint64_t decisive = 0;

	if (u == NULL || !is_bad(u))
		f = report_head_finding(j);
	put_head(b, style, rc);
	put_wrapped(b, style, error && j->error != NULL ? j->error :
	    j->sentence, 2);
	if (error)
		sbuf_puts(b, "  this run says nothing about the MTA; it is no "
		    "pass\n");
	else
		put_expectation(b, style, rc, f != NULL ? NULL : u);
	if (!error && u != NULL && u->proof != NULL)
		put_proof(b, style, u->proof);
	if (!error)
		decisive = f != NULL ? f->decisive : u != NULL ?
		    u->decisive : 0;
	put_timeline(b, style, rc, decisive);
	put_notes(b, style, j, error ? NULL : u, f);
	if (!error)
		put_clause(b, style, f != NULL && f->clause != NULL ?
		    f->clause : j->clause);
	put_ends(b, rc);
}
