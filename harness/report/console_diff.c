/*
 * What a roll-out would change, for a terminal: only what changed, worst
 * first; the last line is the answer.
 */
#include <string.h>

#include "harness/report/console_int.h"
#include "harness/report/diff.h"
#include "harness/report/kinds.h"
#include "harness/report/text.h"

/* Ids of one kind that are named in a list. */
#define NAMED_IDS	12

/* One line that begins with `head`, wrapped below what follows it. */
static void
put_text(struct sbuf *b, const struct report_style *style, const char *head,
    const char *text)
{
	struct sbuf clean = { 0 };

	text_clean(&clean, head);
	text_clean(&clean, text);
	text_wrap(b, sbuf_str(&clean), 7, style->width);
	sbuf_fini(&clean);
}

static void
put_side(struct sbuf *b, const char *name, const struct report_set *set)
{
	sbuf_printf(b, "%s  ", name);
	for (size_t i = 0; i < set->source_count && i < 3; i++) {
		sbuf_puts(b, i > 0 ? ", " : "");
		text_clean(b, set->sources[i].dir);
	}
	if (set->source_count > 3)
		sbuf_printf(b, " and %zu more", set->source_count - 3);
	for (size_t i = 0; i < set->mta_count; i++) {
		sbuf_puts(b, i > 0 ? ", " : ": ");
		text_clean(b, set->mtas[i].mta);
		if (*set->mtas[i].version != '\0') {
			sbuf_puts(b, " (version ");
			text_clean(b, set->mtas[i].version);
			sbuf_putc(b, ')');
		}
	}
	sbuf_putc(b, '\n');
	for (size_t i = 0; i < set->note_count; i++) {
		sbuf_puts(b, "     NOTE  ");
		text_clean(b, set->notes[i].text);
		sbuf_putc(b, '\n');
	}
}

static void
put_kind(struct sbuf *b, const struct report_style *style,
    enum diff_kind kind)
{
	paint_on(b, style, kind == DIFF_WORSE || kind == DIFF_UNKNOWN ?
	    PAINT_BAD : kind == DIFF_BETTER ? PAINT_GOOD : PAINT_DIM);
	sbuf_printf(b, "%-7s", kind == DIFF_WORSE ? "WORSE" :
	    kind == DIFF_UNKNOWN ? "UNKNOWN" : diff_word(kind));
	paint_off(b, style);
}

static void
put_units(struct sbuf *b, const struct report_style *style,
    const struct diff_pair *p)
{
	const struct diff_unit *u;
	struct sbuf line = { 0 };

	for (size_t i = 0; i < p->unit_count; i++) {
		u = &p->units[i];
		if (u->kind == DIFF_SAME)
			continue;
		sbuf_clear(&line);
		sbuf_printf(&line, "%s for %s: %s -> %s",
		    u->old != NULL ? u->old->msg : u->new->msg,
		    u->old != NULL ? u->old->rcpt : u->new->rcpt,
		    u->old != NULL ? verdict_word(u->old->verdict) : "none",
		    u->new != NULL ? verdict_word(u->new->verdict) : "none");
		put_text(b, style, "", sbuf_str(&line));
	}
	sbuf_fini(&line);
}

static void
put_flags(struct sbuf *b, uint32_t flags, const char *head)
{
	const char *mark = head;

	for (int f = 0; f < FLAG_COUNT; f++)
		if (flags & UINT32_C(1) << f) {
			sbuf_printf(b, "%s%s", mark, flag_word((enum flag)f));
			mark = ", ";
		}
	if (flags != 0)
		sbuf_putc(b, '\n');
}

static void
put_time(struct sbuf *b, const struct diff_attempts *a, size_t i)
{
	if (i >= a->count) {
		sbuf_puts(b, "never");
		return;
	}
	sbuf_puts(b, "at ");
	text_clock(b, a->times_us[i]);
}

/* "attempts: 112 -> 96; the 3rd at 15m00s -> at 20m00s". */
static void
put_attempts(struct sbuf *b, const struct diff_pair *p)
{
	size_t old = p->old_attempts.count, new = p->new_attempts.count;

	if (p->parted >= old && p->parted >= new)
		return;
	sbuf_printf(b, "       attempts: %zu -> %zu; number %zu ", old, new,
	    p->parted + 1);
	put_time(b, &p->old_attempts, p->parted);
	sbuf_puts(b, " -> ");
	put_time(b, &p->new_attempts, p->parted);
	sbuf_putc(b, '\n');
}

static void
put_sentence(struct sbuf *b, const struct report_style *style,
    const char *side, const struct report_run *r)
{
	put_text(b, style, side, r->judgement.result == RESULT_ERROR &&
	    r->judgement.error != NULL ? r->judgement.error :
	    r->judgement.sentence);
}

static void
put_reruns(struct sbuf *b, const struct report_run *old,
    const struct report_run *new)
{
	sbuf_puts(b, "       rerun old: ");
	text_clean(b, old->rerun);
	sbuf_puts(b, "\n       rerun new: ");
	text_clean(b, new->rerun);
	sbuf_putc(b, '\n');
}

static void
put_pair(struct sbuf *b, const struct report_style *style,
    const struct report_diff *d, const struct diff_pair *p)
{
	const struct report_run *old = &d->old->runs[p->old_run];
	const struct report_run *new = &d->new->runs[p->new_run];

	sbuf_putc(b, '\n');
	put_kind(b, style, p->kind);
	sbuf_putc(b, ' ');
	text_clean(b, p->id);
	if (d->old->mta_count > 1) {
		sbuf_puts(b, "  ");
		text_clean(b, d->new->mtas[new->column].label);
	}
	sbuf_printf(b, "  %s -> %s\n",
	    report_result_word(old->judgement.result),
	    report_result_word(new->judgement.result));
	put_sentence(b, style, "old: ", old);
	put_sentence(b, style, "new: ", new);
	put_units(b, style, p);
	put_flags(b, p->flags_new, "       new: ");
	put_flags(b, p->flags_gone, "       gone: ");
	if (p->one_mta)
		put_attempts(b, p);
	put_reruns(b, old, new);
}

/* What needs a line only. */
static void
put_list(struct sbuf *b, const struct report_style *style,
    const struct report_diff *d, enum diff_kind kind, const char *what)
{
	size_t n = 0;
	bool cut = !style->verbose && d->counts[kind] > NAMED_IDS;

	if (d->counts[kind] == 0)
		return;
	sbuf_printf(b, "\n%s:\n", what);
	for (size_t i = 0; i < d->count; i++) {
		const struct diff_pair *p = &d->pairs[i];

		if (p->kind != kind || (cut && n == NAMED_IDS))
			continue;
		n++;
		put_kind(b, style, kind);
		sbuf_putc(b, ' ');
		text_clean(b, p->id);
		sbuf_putc(b, '\n');
		if (kind == DIFF_TIMES)
			put_attempts(b, p);
	}
	if (cut)
		sbuf_printf(b, "... and %zu more (--verbose)\n",
		    d->counts[kind] - n);
}

static void
put_answer(struct sbuf *b, const struct report_diff *d)
{
	size_t compared = d->count - d->counts[DIFF_ONLY_OLD] -
	    d->counts[DIFF_ONLY_NEW];
	const char *mark = ": ";

	sbuf_printf(b, "\n%zu scenarios compared", compared);
	for (int k = 0; k < DIFF_KIND_COUNT; k++)
		if (d->counts[k] > 0) {
			sbuf_printf(b, "%s%zu %s", mark, d->counts[k],
			    diff_word((enum diff_kind)k));
			mark = ", ";
		}
	sbuf_puts(b, "\n");
	if (d->alone > 0)
		sbuf_printf(b, "%zu MTA%s of one side without a partner on "
		    "the other: not compared\n", d->alone, d->alone == 1 ?
		    " is" : "s are");
	sbuf_puts(b, d->counts[DIFF_WORSE] > 0 ? "The new side is worse.\n" :
	    compared == 0 ? "Nothing could be compared.\n" :
	    report_diff_untrusted(d) ? "Whether the new side is worse "
	    "cannot be said: not everything could be compared.\n" :
	    "Nothing got worse.\n");
}

void
console_diff(struct sbuf *b, const struct report_style *style,
    const struct report_diff *d)
{
	put_side(b, "old", d->old);
	put_side(b, "new", d->new);
	for (size_t i = 0; i < d->count; i++)
		if (d->pairs[i].kind <= DIFF_CHANGED)
			put_pair(b, style, d, &d->pairs[i]);
	put_list(b, style, d, DIFF_TIMES, "The same, at other times");
	put_list(b, style, d, DIFF_ONLY_OLD, "On the old side only");
	put_list(b, style, d, DIFF_ONLY_NEW, "On the new side only");
	put_answer(b, d);
}

void
report_diff_text_write(FILE *out, struct report_diff *d)
{
	struct report_style style = { .verbose = true };
	struct sbuf b = { 0 };

	console_diff(&b, &style, d);
	fwrite(sbuf_str(&b), 1, b.len, out);
	sbuf_fini(&b);
}
