/* Expectation against outcome, both in the words of the language. */
#include <string.h>

#include "harness/base/names.h"
#include "harness/base/timers.h"
#include "harness/report/html/internal.h"
#include "harness/scenario/keys.h"

static void
put_outcomes(struct sbuf *b, verdict_set set)
{
	size_t n = 0;

	for (int v = 0; v < VERDICT_COUNT; v++)
		if (set & VSET(v))
			html_put(b, "%s%s", n++ > 0 ? ", " : "",
			    verdict_word((enum verdict)v));
}

static verdict_set
any_safe(void)
{
	static const struct {
		const char	*word;
		verdict_set	 set;
	} groups[] = {
#define X(word, set, help) { word, set },
		OUTCOME_GROUPS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
		if (same_text(groups[i].word, "any-safe"))
			return groups[i].set;
	return 0;
}

static void
row_open(struct sbuf *b, const char *key)
{
	html_put(b, "<tr><th scope=\"row\"><code>%s</code></th><td><code>",
	    key);
}

static void
row_middle(struct sbuf *b)
{
	sbuf_puts(b, "</code></td><td><code>");
}

static void
row_close(struct sbuf *b)
{
	sbuf_puts(b, "</code></td></tr>\n");
}

static void
put_outcome_row(struct sbuf *b, const struct unit *u)
{
	const struct expectation *x = u->expectation;

	row_open(b, "outcome");
	put_outcomes(b, x != NULL && x->outcome != 0 ? x->outcome :
	    any_safe());
	row_middle(b);
	html_put(b, "%s</code>", verdict_word(u->verdict));
	if (u->note != NULL)
		html_put(b, " (%s)", u->note);
	html_put(b, " <span class=\"%s\">%s</span></td></tr>\n",
	    u->expected ? "r r-ok" : u->tolerated ? "r r-info" :
	    "r r-fail", u->expected ? "as expected" : u->tolerated ?
	    "tolerated" : "not as expected");
	if (x != NULL && x->tolerate != 0) {
		row_open(b, "tolerate");
		put_outcomes(b, x->tolerate);
		row_middle(b);
		row_close(b);
	}
}

/* Hosts that hold a copy, each once a copy. */
static void
put_copied(struct sbuf *b, const struct trace *t, const struct unit *u)
{
	const struct event *ev;
	size_t n = 0;

	for (size_t i = 0; t != NULL && i < t->count; i++) {
		ev = &t->events[i];
		if (ev->kind == EV_SMTP_COPY && ev->stored == YES &&
		    same_text(ev->msg, u->msg) &&
		    same_text(ev->rcpt, u->rcpt))
			html_put(b, "%s%s", n++ > 0 ? ", " : "", ev->host);
	}
	if (n == 0)
		sbuf_puts(b, "no copy anywhere");
}

static void
put_statuses(struct sbuf *b, const struct trace *t, const struct unit *u)
{
	const struct event *ev;
	size_t n = 0;

	for (size_t i = 0; t != NULL && i < t->count; i++) {
		ev = &t->events[i];
		if (ev->kind == EV_DSN && same_text(ev->msg, u->msg) &&
		    same_text(ev->action, "failed"))
			html_put(b, "%s%s", n++ > 0 ? ", " : "",
			    ev->status != NULL ? ev->status : "none given");
	}
	if (n == 0)
		sbuf_puts(b, "no report");
}

static void
put_took(struct sbuf *b, const struct unit *u)
{
	struct sbuf t = { 0 };

	if (u->final_us == TIME_NEVER || u->accepted_us == TIME_NEVER)
		sbuf_puts(b, "never came to an end");
	else {
		html_time(&t, u->final_us - u->accepted_us);
		sbuf_puts(b, sbuf_str(&t));
	}
	sbuf_fini(&t);
}

static void
put_number_row(struct sbuf *b, const char *key, int wanted, int got)
{
	if (wanted == 0)
		return;
	row_open(b, key);
	html_put(b, "%d", wanted);
	row_middle(b);
	html_put(b, "%d", got);
	row_close(b);
}

static void
put_more_rows(struct sbuf *b, const struct report_case *rc,
    const struct unit *u)
{
	const struct expectation *x = u->expectation;

	if (x->via != NULL) {
		row_open(b, "via");
		html_text(b, x->via);
		row_middle(b);
		put_copied(b, rc->trace, u);
		row_close(b);
	}
	if (x->within_us > 0) {
		row_open(b, "within");
		html_text(b, scenario_duration_text(x->within_us));
		row_middle(b);
		put_took(b, u);
		row_close(b);
	}
	if (x->not_before_us > 0) {
		row_open(b, "not-before");
		html_text(b, scenario_duration_text(x->not_before_us));
		row_middle(b);
		put_took(b, u);
		row_close(b);
	}
	if (x->status != NULL) {
		row_open(b, "status");
		html_text(b, x->status);
		row_middle(b);
		put_statuses(b, rc->trace, u);
		row_close(b);
	}
	put_number_row(b, "attempts-min", x->attempts_min, u->cycles);
	put_number_row(b, "attempts-max", x->attempts_max, u->cycles);
	put_number_row(b, "copies-max", x->copies_max, u->copies);
}

static void
put_unit(struct sbuf *b, const struct report_case *rc, const struct unit *u)
{
	html_put(b, "<div class=\"wide\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"expectation and outcome\"><table class=\"asked\">"
	    "<caption><code>%s</code> for %s</caption><thead><tr>"
	    "<th scope=\"col\"><span class=\"sr\">key</span></th>"
	    "<th scope=\"col\">expected</th><th scope=\"col\">happened</th>"
	    "</tr></thead>\n<tbody>\n", u->msg, u->rcpt);
	put_outcome_row(b, u);
	if (u->expectation != NULL)
		put_more_rows(b, rc, u);
	sbuf_puts(b, "</tbody></table></div>\n");
}

/* The unit that the result comes from has the table, others a line. */
void
html_asked(struct sbuf *b, const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;
	const struct unit *head = report_head_unit(j), *u;
	size_t same = 0, told = 0;

	if (head != NULL)
		put_unit(b, rc, head);
	for (size_t i = 0; i < j->unit_count; i++) {
		u = &j->units[i];
		if (u == head || u->control)
			continue;
		if (u->expected || told == 12) {
			same++;
			continue;
		}
		sbuf_puts(b, told++ == 0 ? "<ul>\n" : "");
		html_put(b, "<li><code>%s</code> for %s: <code>%s</code>%s "
		    "%s</li>\n", u->msg, u->rcpt, verdict_word(u->verdict),
		    u->tolerated ? " (tolerated)" : "", u->why);
	}
	if (told > 0)
		sbuf_puts(b, "</ul>\n");
	if (same > 0)
		html_put(b, "<p class=\"note\">%zu more message%s and "
		    "recipient%s %s.</p>\n", same, same == 1 ? "" : "s",
		    same == 1 ? "" : "s", told == 12 ? "are not listed" :
		    "came to what was asked for");
}
