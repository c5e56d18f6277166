/* A baseline's text is brought up to what was seen; the rest of it stays. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/mta_name.h"
#include "harness/baseline/baseline.h"

/* A piece of the old text and what comes in its place. */
struct change {
	struct text_range	 span;
	const char	*text;
};

struct editor {
	struct baseline	*b;
	const char	*text;
	size_t		 len;
	const struct baseline_run *runs;
	size_t		 run_count;
	const char	*reason;
	bool		 mark;
	struct change	*changes;	/* in the order of the text */
	size_t		 change_count;
	struct baseline_edits *edits;
};

static void
change(struct editor *ed, struct text_range span, const char *text)
{
	struct change *c = arena_push(ed->b->arena, &ed->changes,
	    &ed->change_count, sizeof *c);

	*c = (struct change){ span, text };
}

static struct baseline_edit *
tell(struct editor *ed, enum baseline_edit_kind kind, const char *id,
    const char *mta)
{
	struct baseline_edit *e = arena_push(ed->b->arena,
	    &ed->edits->items, &ed->edits->count, sizeof *e);

	e->kind = kind;
	e->id = id;
	e->mta = mta;
	return e;
}

/* Is anything known of the MTA by this run, and can it be pinned? */
static bool
tells(const struct baseline_run *run)
{
	const struct seen *s = &run->seen;

	if (s->result == RESULT_ERROR || s->result == RESULT_NOT_EXERCISED ||
	    s->result == RESULT_SKIP)
		return false;
	return s->result != RESULT_FAIL || ((s->verdicts != 0 ||
	    s->flags != 0) && (s->verdicts & VSET(V_INCONCLUSIVE)) == 0);
}

/* A warning alone is a failure only where it is pinned. */
static bool
shows(const struct baseline_run *run, const struct baseline_entry *e)
{
	return run->seen.result == RESULT_FAIL ||
	    (run->seen.result == RESULT_WARN &&
	    ((run->seen.verdicts & e->verdicts) != 0 ||
	    (run->seen.flags & e->flags) != 0));
}

static bool
fits(const struct baseline_run *run, const struct baseline_entry *e)
{
	return run->seen.verdicts == e->verdicts &&
	    run->seen.flags == e->flags;
}

/* The lines of an entry, from its "-" to the end of its last. */
static struct text_range
entry_lines(const struct editor *ed, const struct baseline_entry *e)
{
	struct text_range s = e->item;
	size_t dash;

	/* The dash may stand on a line of its own, above. */
	while (s.from > 0 && ed->text[s.from - 1] != '\n')
		s.from--;
	dash = s.from + strspn(ed->text + s.from, " ");
	while (ed->text[dash] != '-' && s.from > 0) {
		for (s.from--; s.from > 0 && ed->text[s.from - 1] != '\n'; )
			s.from--;
		dash = s.from + strspn(ed->text + s.from, " ");
	}
	while (s.to > s.from && strchr(" \t\r\n", ed->text[s.to - 1]) != NULL)
		s.to--;
	while (s.to < ed->len && ed->text[s.to] != '\n')
		s.to++;
	s.to += s.to < ed->len;
	return s;
}

static void
take_out(struct editor *ed, const struct baseline_entry *e)
{
	struct text_range lines = entry_lines(ed, e);
	struct sbuf b = { 0 };
	size_t len;

	if (!ed->mark) {
		change(ed, lines, "");
		return;
	}
	sbuf_puts(&b, "# passes now:\n");
	for (size_t i = lines.from; i < lines.to; i += len) {
		len = strcspn(ed->text + i, "\n");
		len += i + len < lines.to;
		sbuf_puts(&b, "# ");
		sbuf_add(&b, ed->text + i, len);
	}
	change(ed, lines, arena_strdup(ed->b->arena, sbuf_str(&b)));
	sbuf_fini(&b);
}

/* "premature-bounce" or "[retry-storm, order-violation]" */
static const char *
outcome_text(struct editor *ed, verdict_set worst, uint32_t flags)
{
	const char *words = baseline_words(ed->b->arena, worst, flags);

	return flags == 0 ? words : arena_printf(ed->b->arena, "[%s]", words);
}

/* Is `at` preceded by the line's indent alone?  Gives its column. */
static size_t
column_of(const struct editor *ed, size_t at)
{
	size_t col = 0;

	for (; at > 0 && ed->text[at - 1] != '\n'; at--)
		col++;
	return col;
}

/* Where the key of the value at `at` begins: "outcome:" stands before. */
static size_t
key_start(const struct editor *ed, size_t at)
{
	static const char key[] = "outcome";
	size_t n = sizeof key - 1;

	for (; at >= n; at--)
		if (memcmp(ed->text + at - n, key, n) == 0)
			break;
	at -= at >= n ? n : at;
	if (at > 0 && (ed->text[at - 1] == '"' || ed->text[at - 1] == '\''))
		at--;
	return at;
}

static void
rewrite(struct editor *ed, const struct baseline_entry *e,
    const struct seen *s)
{
	struct arena *a = ed->b->arena;
	verdict_set worst = s->verdicts == 0 ? 0 :
	    VSET(baseline_worst(s->verdicts));
	verdict_set others = s->verdicts & ~worst;
	const char *outcome = outcome_text(ed, worst, s->flags), *also;
	size_t col;

	also = others == 0 ? "[]" : arena_printf(a, "[%s]",
	    baseline_words(a, others, 0));
	if (e->also_at.to == 0 && others != 0) {
		col = column_of(ed, key_start(ed, e->outcome_at.from));
		outcome = e->flow ? arena_printf(a, "%s, also: %s", outcome,
		    also) : arena_printf(a, "%s\n%*salso: %s", outcome,
		    (int)col, "", also);
	}
	if (e->also_at.to != 0 && e->also_at.from < e->outcome_at.from)
		change(ed, e->also_at, also);
	change(ed, e->outcome_at, outcome);
	if (e->also_at.to != 0 && e->also_at.from > e->outcome_at.from)
		change(ed, e->also_at, also);
}

/* What the runs that an entry means say of it. */
static void
edit_entry(struct editor *ed, const struct baseline_entry *e)
{
	const struct baseline_run *run, *other = NULL;
	size_t gone = 0, fit = 0, changed = 0, kinds = 0;
	struct baseline_edit *edit;

	for (size_t i = 0; i < ed->run_count; i++) {
		run = &ed->runs[i];
		if (!tells(run) || baseline_find(ed->b, run->id, run->mta,
		    run->version) != e)
			continue;
		if (!shows(run, e))
			gone++;
		else if (fits(run, e))
			fit++;
		else if (changed++ == 0 || run->seen.verdicts !=
		    other->seen.verdicts || run->seen.flags !=
		    other->seen.flags)
			kinds += 1, other = run;
	}
	if (gone + changed == 0)
		return;
	if ((gone > 0) + (fit > 0) + kinds > 1) {
		edit = tell(ed, EDIT_MIXED, e->id, e->mta);
		edit->after = arena_printf(ed->b->arena, "%zu as pinned, %zu "
		    "otherwise, %zu without it", fit, changed, gone);
	} else if (gone > 0) {
		take_out(ed, e);
		edit = tell(ed, EDIT_GONE, e->id, e->mta);
	} else {
		rewrite(ed, e, &other->seen);
		edit = tell(ed, EDIT_CHANGED, e->id, e->mta);
		edit->after = baseline_words(ed->b->arena,
		    other->seen.verdicts, other->seen.flags);
	}
	edit->before = e->outcome;
	edit->line = e->loc.line;
}

/* A text in YAML, always between quotes: nothing in it is YAML's. */
static void
put_quoted(struct sbuf *b, const char *s)
{
	sbuf_putc(b, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			sbuf_printf(b, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			sbuf_printf(b, "\\x%02x", c);
		else
			sbuf_putc(b, (char)c);
	}
	sbuf_putc(b, '"');
}

/* Plain where that is safe, as everybody writes ids. */
static void
put_plain(struct sbuf *b, const char *s)
{
	if (*s != '\0' && s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")] == '\0' &&
	    *s != '-' && *s != '.')
		sbuf_puts(b, s);
	else
		put_quoted(b, s);
}

static void
add_entry(struct editor *ed, const struct baseline_run *run, struct sbuf *b)
{
	struct arena *a = ed->b->arena;
	verdict_set worst = run->seen.verdicts == 0 ? 0 :
	    VSET(baseline_worst(run->seen.verdicts));
	verdict_set others = run->seen.verdicts & ~worst;
	/* A version that was chosen is no option. */
	const char *mta = strchr(run->mta, ':') != NULL ? run->mta :
	    arena_strndup(a, run->mta, mta_name_len(run->mta));

	sbuf_puts(b, "- id: ");
	put_plain(b, run->id);
	sbuf_puts(b, "\n  mta: ");
	put_plain(b, mta);
	sbuf_printf(b, "\n  outcome: %s\n", outcome_text(ed, worst,
	    run->seen.flags));
	if (others != 0)
		sbuf_printf(b, "  also: [%s]\n", baseline_words(a, others,
		    0));
	sbuf_puts(b, "  reason: ");
	put_quoted(b, ed->reason);
	sbuf_putc(b, '\n');
}

/* Failures that no entry speaks of. */
static void
add_missing(struct editor *ed, struct sbuf *out)
{
	const struct baseline_run *run;
	struct baseline_edit *edit;
	bool add;

	for (size_t i = 0; i < ed->run_count; i++) {
		run = &ed->runs[i];
		if (run->seen.result != RESULT_FAIL || baseline_find(ed->b,
		    run->id, run->mta, run->version) != NULL)
			continue;
		add = ed->reason != NULL && tells(run);
		if (add)
			add_entry(ed, run, out);
		edit = tell(ed, add ? EDIT_ADDED : EDIT_MISSING, run->id,
		    run->mta);
		edit->after = baseline_words(ed->b->arena,
		    run->seen.verdicts, run->seen.flags);
	}
}

static int
by_place(const void *va, const void *vb)
{
	const struct change *a = va, *b = vb;

	return (a->span.from > b->span.from) - (a->span.from < b->span.from);
}

static void
put_changed(const struct editor *ed, struct sbuf *out)
{
	size_t at = 0;

	for (size_t i = 0; i < ed->change_count; i++) {
		sbuf_add(out, ed->text + at, ed->changes[i].span.from - at);
		sbuf_puts(out, ed->changes[i].text);
		at = ed->changes[i].span.to;
	}
	sbuf_add(out, ed->text + at, ed->len - at);
}

bool
baseline_update(struct baseline *b, const struct baseline_run *runs,
    size_t run_count, const char *reason, bool mark, struct sbuf *out,
    struct baseline_edits *edits, const char **error)
{
	const struct baseline_file *f = &b->files[0];
	struct editor ed = { .b = b, .text = f->text, .len = f->len,
	    .runs = runs, .run_count = run_count, .reason = reason,
	    .mark = mark, .edits = edits };
	struct sbuf added = { 0 };

	if (f->flow) {
		*error = "a list in brackets cannot be edited; give each "
		    "entry a \"- \" of its own";
		return false;
	}
	for (size_t i = 0; i < b->count; i++)
		edit_entry(&ed, &b->entries[i]);
	add_missing(&ed, &added);
	if (ed.change_count > 0)
		qsort(ed.changes, ed.change_count, sizeof *ed.changes,
		    by_place);
	put_changed(&ed, out);
	if (added.len > 0 && out->len > 0 && out->data[out->len - 1] != '\n')
		sbuf_putc(out, '\n');
	sbuf_add(out, sbuf_str(&added), added.len);
	sbuf_fini(&added);
	return true;
}
