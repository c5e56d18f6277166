/* One line a run, and what all of the console shares. */
#include "harness/report/console.h"

#include <string.h>

#include "harness/base/names.h"
#include "harness/base/timers.h"
#include "harness/report/console_int.h"
#include "harness/report/text.h"

static const char *const result_words[RESULT_COUNT] = {
#define X(sym, word) [RESULT_##sym] = word,
	RESULTS(X)
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
	paint_on(b, style, r == RESULT_OK ? PAINT_GOOD : result_is_red(r) ?
	    PAINT_BAD : r == RESULT_WARN ? PAINT_WARN : PAINT_DIM);
	sbuf_printf(b, "%-*s", STATUS_COLUMNS, report_result_word(r));
	paint_off(b, style);
}

void
cut_beside_status(struct sbuf *line, const struct report_style *style,
    enum result r)
{
	int word = (int)strlen(report_result_word(r));

	if (style->width > 0)
		text_cut(line, 0, style->width > word + 15 ? style->width -
		    (word > STATUS_COLUMNS ? word : STATUS_COLUMNS) : 15);
}

bool
report_is_finding(enum result r)
{
	return r == RESULT_FAIL || r == RESULT_WARN || r == RESULT_XFAIL;
}

bool
report_proves_nothing(enum result r)
{
	return r == RESULT_ERROR || r == RESULT_NOT_EXERCISED;
}

void
report_put_unfired(struct sbuf *b, const struct report_case *rc, size_t i)
{
	if (*rc->scenario->path != '\0')
		sbuf_printf(b, "%s:%s", rc->scenario->path,
		    rc->judgement->unfired[i]);
	else
		sbuf_printf(b, "line %s", rc->judgement->unfired[i]);
}

bool
unit_is_bad(const struct unit *u)
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
		if (unit_is_bad(u) && len > 0 && j->sentence != NULL &&
		    strncmp(j->sentence, u->why, len) == 0)
			return u;
	}
	for (size_t i = 0; i < j->unit_count; i++) {
		if (unit_is_bad(&j->units[i]))
			return &j->units[i];
		if (own == NULL && !j->units[i].control)
			own = &j->units[i];
	}
	return j->result == RESULT_FAIL || j->result == RESULT_WARN ||
	    report_proves_nothing(j->result) ? NULL : own;
}

const struct finding *
report_head_finding(const struct judgement *j)
{
	for (size_t i = 0; i < j->finding_count; i++)
		if (!j->findings[i].allowed)
			return &j->findings[i];
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
void
put_verdict(struct sbuf *b, const struct unit *u)
{
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
	if (u->via != NULL) {
		sbuf_puts(b, " via ");
		text_clean(b, u->via);
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
			put_verdict(&one, &j->units[i]);
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
	if (verdicts && rc->repeats > 1)
		sbuf_printf(&rest, " (%u runs agree)", rc->repeats);
	if (!verdicts)
		text_clean(&rest, j->sentence);
	cut_beside_status(&rest, style, j->result);
	sbuf_puts(b, sbuf_str(&rest));
	sbuf_putc(b, '\n');
	sbuf_fini(&rest);
}
