/* What the page's words mean, from the tables that the program works by. */
#include "harness/report/html/internal.h"
#include "harness/report/html/lanes.h"

#include "harness/report/console_int.h"

/* Explanations of the words of RESULTS, worst last as they stand there. */
static const char *const helps[RESULT_COUNT] = {
	[RESULT_OK] = "what the scenario asks for happened",
	[RESULT_XFAIL] = "failed as the baseline of known failures says",
	[RESULT_SKIP] = "not run: the MTA's adapter lacks what it needs",
	[RESULT_INFO] = "differs where the sources disagree; no failure",
	[RESULT_WARN] = "not as expected where the scenario's level is "
	    "SHOULD; the clause says how binding it is",
	[RESULT_XPASS] = "passed although the baseline says that it fails: "
	    "the baseline is out of date",
	[RESULT_NOT_EXERCISED] = "a fault of the scenario never fired: what "
	    "it asks was not tried, and that is no pass",
	[RESULT_ERROR] = "the run cannot be trusted; it says nothing about "
	    "the MTA and is no pass",
	[RESULT_FAIL] = "not as expected, or mail was lost; the clause says "
	    "how binding it is",
};

static const char *const classes[RESULT_COUNT] = {
	[RESULT_OK] = "ok", [RESULT_XFAIL] = "xfail", [RESULT_SKIP] = "skip",
	[RESULT_INFO] = "info", [RESULT_WARN] = "warn",
	[RESULT_XPASS] = "xpass", [RESULT_ERROR] = "error",
	[RESULT_NOT_EXERCISED] = "unexercised",
	[RESULT_FAIL] = "fail",
};

const char *
html_result_class(enum result r)
{
	return classes[r];
}

const char *
html_result_help(enum result r)
{
	return helps[r];
}

void
html_result(struct sbuf *b, enum result r)
{
	html_put(b, "<span class=\"r r-%s\">%s</span>", classes[r],
	    report_result_word(r));
}

static void
put_results(struct sbuf *b)
{
	sbuf_puts(b, "<h3>Results</h3>\n<dl class=\"words\">\n");
	for (int r = RESULT_COUNT - 1; r >= 0; r--) {
		sbuf_puts(b, "<dt>");
		html_result(b, (enum result)r);
		html_put(b, "</dt><dd>%s</dd>\n", helps[r]);
	}
	sbuf_puts(b, "</dl>\n");
}

static void
put_outcomes(struct sbuf *b)
{
	sbuf_puts(b, "<h3>Outcomes</h3>\n<p>Of each message and recipient, "
	    "exactly one. Only what crossed the wire counts, never the MTA's "
	    "own word.</p>\n<dl class=\"words\">\n");
	for (int v = 0; v < VERDICT_COUNT; v++)
		html_put(b, "<dt><code>%s</code></dt><dd>%s</dd>\n",
		    verdict_word((enum verdict)v),
		    verdict_help((enum verdict)v));
	sbuf_puts(b, "</dl>\n<p>Groups that a scenario may ask for:</p>\n"
	    "<dl class=\"words\">\n");
#define X(word, set, help)						\
	html_put(b, "<dt><code>%s</code></dt><dd>%s</dd>\n", word, help);
	OUTCOME_GROUPS(X)
#undef X
	sbuf_puts(b, "</dl>\n");
}

static void
put_flags(struct sbuf *b)
{
	sbuf_puts(b, "<h3>Flags</h3>\n<p>Any number beside an outcome.</p>\n"
	    "<dl class=\"words\">\n");
	for (int f = 0; f < FLAG_COUNT; f++)
		html_put(b, "<dt><code>%s</code></dt><dd>%s</dd>\n",
		    flag_word((enum flag)f), flag_help((enum flag)f));
	sbuf_puts(b, "</dl>\n");
}

void
html_words(struct sbuf *b)
{
	sbuf_puts(b, "<section id=\"words\">\n<h2>Words and signs</h2>\n"
	    "<div class=\"columns\">\n<div>\n");
	put_results(b);
	sbuf_puts(b, "<h3>Signs of the timelines</h3>\n<p>Where nothing "
	    "happens, the time axis is drawn by the logarithm of its length, "
	    "so that milliseconds and days are both seen; the times written "
	    "at it are exact. A bar below the axis is one moment: the lab's "
	    "clock stands still while anybody works, and what happens in it "
	    "stands in its order.</p>\n");
	html_marks_legend(b);
	put_flags(b);
	sbuf_puts(b, "</div>\n<div>\n");
	put_outcomes(b);
	sbuf_puts(b, "</div>\n</div>\n</section>\n");
}
