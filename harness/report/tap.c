/*
 * TAP 14 (testanything.org).  XPASS is "not ok": a consumer would take "ok
 * # TODO" for good news, and the baseline that is wrong would stay.
 */
#include "harness/report/clause.h"
#include "harness/report/console_int.h"
#include "harness/report/departures.h"
#include "harness/report/escape.h"
#include "harness/report/kinds.h"
#include "harness/report/text.h"

static void
put_member(struct sbuf *b, const char *key, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	sbuf_printf(b, "  %s: ", key);
	escape_quoted(b, value);
	sbuf_putc(b, '\n');
}

static void
put_unfired(struct sbuf *b, const struct report_case *rc)
{
	struct sbuf place = { 0 };

	for (size_t i = 0; i < rc->judgement->unfired_count; i++) {
		sbuf_puts(b, i == 0 ? "  unfired:\n" : "");
		sbuf_clear(&place);
		report_put_unfired(&place, rc, i);
		sbuf_puts(b, "    - ");
		escape_quoted(b, sbuf_str(&place));
		sbuf_putc(b, '\n');
	}
	sbuf_fini(&place);
}

static void
put_yaml(struct sbuf *b, const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;
	struct report_head h;

	report_head_of(&h, rc);
	sbuf_puts(b, "  ---\n");
	put_member(b, "result", report_result_word(j->result));
	put_member(b, "message", j->sentence);
	if (j->result == RESULT_FAIL || j->result == RESULT_WARN)
		put_member(b, "verdict", h.finding != NULL ?
		    flag_word(h.finding->flag) : h.unit != NULL ?
		    verdict_word(h.unit->verdict) : NULL);
	put_unfired(b, rc);
	put_member(b, "clause", h.clause);
	if (report_is_finding(j->result))
		put_member(b, "level",
		    clause_level_word(h.level));
	put_member(b, "file", rc->scenario->path);
	if (h.loc.line > 0)
		sbuf_printf(b, "  line: %d\n", h.loc.line);
	put_member(b, "known", j->known != NULL ? j->known->reason : NULL);
	put_member(b, "rerun", rc->rerun);
	sbuf_puts(b, "  ...\n");
}

static bool
passes(enum result r)
{
	return r == RESULT_OK || r == RESULT_INFO || r == RESULT_WARN ||
	    r == RESULT_SKIP;
}

static void
put_run(struct sbuf *b, struct report_set *set, size_t i, size_t number)
{
	struct report_case rc;
	enum result r = set->runs[i].judgement.result;

	if (r == RESULT_OK || r == RESULT_SKIP)
		report_run_case(set, i, &rc);
	else
		report_run_open(set, i, &rc);
	sbuf_printf(b, "%sok %zu - ", passes(r) ? "" : "not ", number);
	escape_tap(b, rc.scenario->id);
	sbuf_puts(b, " on ");
	escape_tap(b, set->mtas[set->runs[i].column].label);
	if (r == RESULT_SKIP) {
		sbuf_puts(b, " # SKIP ");
		escape_tap(b, rc.judgement->sentence);
	} else if (r == RESULT_XFAIL) {
		sbuf_puts(b, " # TODO ");
		escape_tap(b, rc.judgement->known != NULL ?
		    rc.judgement->known->reason : rc.judgement->sentence);
	}
	sbuf_putc(b, '\n');
	if (r != RESULT_OK && r != RESULT_SKIP)
		put_yaml(b, &rc);
	report_run_close(set, i);
}

static void
put_departures(struct sbuf *b, const struct report_set *set)
{
	struct departures ds = { .count = 0 };
	struct sbuf text = { 0 };

	departures_of(&ds, set);
	for (size_t i = 0; i < ds.count; i++) {
		sbuf_clear(&text);
		sbuf_printf(&text, "%s: your configuration departs from RFC "
		    "5321: ", ds.items[i].mta);
		departure_put(&text, &ds.items[i].what);
		sbuf_puts(b, "# ");
		escape_tap(b, sbuf_str(&text));
		sbuf_putc(b, '\n');
	}
	sbuf_fini(&text);
	departures_fini(&ds);
}

void
report_tap_write(FILE *out, struct report_set *set)
{
	struct sbuf b = { 0 };
	size_t total = 0, number = 0;

	for (size_t i = 0; i < set->run_count; i++)
		total += !set->runs[i].hidden;
	for (size_t i = 0; i < set->note_count; i++)
		total += set->notes[i].untrusted;
	sbuf_printf(&b, "TAP version 14\n1..%zu%s\n", total, total == 0 ?
	    " # SKIP nothing was run" : "");
	for (size_t i = 0; i < set->run_count; i++)
		if (!set->runs[i].hidden) {
			put_run(&b, set, i, ++number);
			text_flush(&b, out);
		}
	for (size_t i = 0; i < set->note_count; i++) {
		if (set->notes[i].untrusted)
			sbuf_printf(&b, "not ok %zu - ", ++number);
		else
			sbuf_puts(&b, "# ");
		escape_tap(&b, set->notes[i].text);
		sbuf_putc(&b, '\n');
	}
	put_departures(&b, set);
	text_flush(&b, out);
	sbuf_fini(&b);
}
