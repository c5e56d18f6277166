/*
 * Markdown for the summary page of a CI job (GitHub's $GITHUB_STEP_SUMMARY,
 * GitLab's notes): the head line, counts, what is not as expected, details
 * folded away.
 */
#include "harness/report/console_int.h"
#include "harness/report/departures.h"
#include "harness/report/escape.h"
#include "harness/report/kinds.h"
#include "harness/report/text.h"

/* GitHub takes a page of 1 MiB; further failures are named, not told. */
#define DETAIL_OCTETS	700000

static bool
is_told(enum result r)
{
	return r != RESULT_OK && r != RESULT_SKIP;
}

static void
put_head(struct sbuf *b, const struct report_set *set)
{
	size_t total = 0;
	bool red = set->counts[RESULT_FAIL] + set->counts[RESULT_XPASS] > 0;
	bool doubt = set->counts[RESULT_ERROR] > 0 ||
	    set->counts[RESULT_NOT_EXERCISED] > 0 ||
	    report_set_untrusted(set);

	for (int r = 0; r < RESULT_COUNT; r++)
		total += set->counts[r];
	sbuf_printf(b, "# mxdrill: %s\n\n", red ? "not as expected" : doubt ?
	    "not to be trusted" : set->counts[RESULT_SKIP] == total ?
	    "nothing was run" : "all as expected");
	for (size_t i = 0; i < set->note_count; i++) {
		sbuf_puts(b, set->notes[i].untrusted ? "- **Beware:** " :
		    "- Note: ");
		escape_markdown(b, set->notes[i].text);
		sbuf_puts(b, i + 1 < set->note_count ? "\n" : "\n\n");
	}
}

static void
put_counts(struct sbuf *b, const struct report_set *set)
{
	size_t n;

	sbuf_puts(b, "| MTA |");
	for (int r = RESULT_COUNT - 1; r >= 0; r--)
		if (set->counts[r] > 0)
			sbuf_printf(b, " %s |",
			    report_result_word((enum result)r));
	sbuf_puts(b, "\n|---|");
	for (int r = RESULT_COUNT - 1; r >= 0; r--)
		if (set->counts[r] > 0)
			sbuf_puts(b, "---:|");
	sbuf_putc(b, '\n');
	for (size_t k = 0; k < set->mta_count; k++) {
		sbuf_puts(b, "| ");
		escape_markdown(b, set->mtas[k].label);
		sbuf_puts(b, " |");
		for (int r = RESULT_COUNT - 1; r >= 0; r--) {
			if (set->counts[r] == 0)
				continue;
			n = 0;
			for (size_t i = 0; i < set->run_count; i++)
				n += set->runs[i].column == k &&
				    !set->runs[i].hidden && (int)
				    set->runs[i].judgement.result == r;
			sbuf_printf(b, " %zu |", n);
		}
		sbuf_putc(b, '\n');
	}
}

static void
put_departures(struct sbuf *b, const struct report_set *set)
{
	struct departures ds = { .count = 0 };
	struct sbuf text = { 0 };

	departures_of(&ds, set);
	if (ds.count > 0) {
		sbuf_putc(b, '\n');
		departures_head(b, &ds);
		sbuf_puts(b, ":\n\n");
	}
	for (size_t i = 0; i < ds.count; i++) {
		sbuf_clear(&text);
		sbuf_printf(&text, "%s: ", ds.items[i].mta);
		departure_put(&text, &ds.items[i].what);
		sbuf_puts(b, "- ");
		escape_markdown(b, sbuf_str(&text));
		sbuf_putc(b, '\n');
	}
	sbuf_fini(&text);
	departures_fini(&ds);
}

static void
put_row(struct sbuf *b, const struct report_set *set, size_t i)
{
	struct report_head h;
	struct report_case rc;

	report_run_case(set, i, &rc);
	sbuf_printf(b, "| %s | ", report_result_word(rc.judgement->result));
	if (report_is_finding(rc.judgement->result)) {
		report_head_of(&h, &rc);
		sbuf_puts(b, clause_level_word(h.level));
	}
	sbuf_puts(b, " | ");
	escape_markdown(b, rc.scenario->id);
	sbuf_puts(b, " | ");
	escape_markdown(b, set->mtas[set->runs[i].column].label);
	sbuf_puts(b, " | ");
	escape_markdown(b, rc.judgement->sentence);
	sbuf_puts(b, " |\n");
}

static void
put_detail(struct sbuf *b, struct report_set *set, size_t i)
{
	struct report_style style = { .width = 100 };
	struct sbuf text = { 0 };
	struct report_case rc;

	report_run_open(set, i, &rc);
	console_failure(&text, &style, &rc);
	sbuf_printf(b, "\n<details><summary>%s ",
	    report_result_word(rc.judgement->result));
	escape_xml(b, rc.scenario->id);
	sbuf_puts(b, " on ");
	escape_xml(b, set->mtas[set->runs[i].column].label);
	sbuf_puts(b, "</summary>\n\n");
	escape_markdown_fence(b, sbuf_str(&text));
	sbuf_puts(b, "\n</details>\n");
	sbuf_fini(&text);
	report_run_close(set, i);
}

void
report_markdown_write(FILE *out, struct report_set *set)
{
	struct sbuf b = { 0 };
	size_t told = 0, left = 0;

	put_head(&b, set);
	put_counts(&b, set);
	put_departures(&b, set);
	for (int r = RESULT_COUNT - 1; r >= 0; r--)
		for (size_t i = 0; is_told((enum result)r) &&
		    i < set->run_count; i++) {
			if ((int)set->runs[i].judgement.result != r ||
			    set->runs[i].hidden)
				continue;
			if (told++ == 0)
				sbuf_puts(&b, "\n| | level | scenario | MTA "
				    "| what happened |\n|---|---|---|---|---|"
				    "\n");
			put_row(&b, set, i);
		}
	for (int r = RESULT_COUNT - 1; r >= RESULT_WARN; r--)
		for (size_t i = 0; i < set->run_count; i++) {
			if ((int)set->runs[i].judgement.result != r ||
			    set->runs[i].hidden)
				continue;
			if (b.len < DETAIL_OCTETS)
				put_detail(&b, set, i);
			else
				left++;
		}
	if (left > 0)
		sbuf_printf(&b, "\nDetails of %zu more are in the stored "
		    "runs.\n", left);
	fwrite(b.data, 1, b.len, out);
	sbuf_fini(&b);
}
