/*
 * JUnit XML as Jenkins, GitLab and GitHub's reporters read it; its schema is
 * tests/golden/junit.xsd.  A suite is an MTA, a case a scenario.  What JUnit
 * has no word for keeps its own: a FAIL and an XPASS are failures, an ERROR
 * and what was not exercised are errors, xfail and skip are skipped, warn and
 * info pass with a text.
 */
#include "harness/report/escape.h"
#include "harness/report/console_int.h"
#include "harness/report/kinds.h"
#include "harness/report/text.h"

static size_t
count(const struct report_set *set, size_t column, enum result a,
    enum result b)
{
	size_t n = 0;

	for (size_t i = 0; i < set->run_count; i++)
		n += set->runs[i].column == column && !set->runs[i].hidden &&
		    (set->runs[i].judgement.result == a ||
		    set->runs[i].judgement.result == b);
	return n;
}

static void
put_attribute(struct sbuf *b, const char *name, const char *value)
{
	sbuf_printf(b, " %s=\"", name);
	escape_xml(b, value);
	sbuf_putc(b, '"');
}

static void
put_seconds(struct sbuf *b, int64_t us)
{
	sbuf_printf(b, " time=\"%lld.%03lld\"", (long long)(us / 1000000),
	    (long long)(us / 1000 % 1000));
}

static const char *
element_of(enum result r)
{
	switch (r) {
	case RESULT_FAIL:
	case RESULT_XPASS:
		return "failure";
	case RESULT_ERROR:
	case RESULT_NOT_EXERCISED:
		return "error";
	case RESULT_SKIP:
	case RESULT_XFAIL:
		return "skipped";
	default:
		return NULL;
	}
}

/* What makes it a failure, in one word. */
static const char *
type_of(const struct report_case *rc)
{
	struct report_head h;

	if (rc->judgement->result != RESULT_FAIL)
		return report_result_word(rc->judgement->result);
	report_head_of(&h, rc);
	return h.finding != NULL ? flag_word(h.finding->flag) :
	    h.unit != NULL ? verdict_word(h.unit->verdict) : "FAIL";
}

static void
put_outcome(struct sbuf *b, const struct report_case *rc)
{
	struct report_style style = { .width = 0 };
	enum result r = rc->judgement->result;
	const char *element = element_of(r);
	struct sbuf text = { 0 };

	if (r == RESULT_OK)
		return;
	if (r != RESULT_SKIP)
		console_failure(&text, &style, rc);
	if (element != NULL) {
		sbuf_printf(b, "   <%s", element);
		put_attribute(b, "message", rc->judgement->sentence);
		if (r != RESULT_SKIP && r != RESULT_XFAIL) {
			put_attribute(b, "type", type_of(rc));
			sbuf_putc(b, '>');
			escape_xml_lines(b, sbuf_str(&text));
			sbuf_printf(b, "</%s>\n", element);
			sbuf_fini(&text);
			return;
		}
		sbuf_puts(b, "/>\n");
	}
	if (text.len > 0) {
		sbuf_printf(b, "   <system-out>%s:\n", report_result_word(r));
		escape_xml_lines(b, sbuf_str(&text));
		sbuf_puts(b, "</system-out>\n");
	}
	sbuf_fini(&text);
}

static void
put_case(struct sbuf *b, struct report_set *set, size_t i)
{
	struct report_case rc;

	if (set->runs[i].judgement.result == RESULT_OK)
		report_run_case(set, i, &rc);
	else
		report_run_open(set, i, &rc);
	sbuf_puts(b, "  <testcase");
	put_attribute(b, "classname", set->mtas[set->runs[i].column].label);
	put_attribute(b, "name", rc.scenario->id);
	if (*rc.scenario->path != '\0')
		put_attribute(b, "file", rc.scenario->path);
	put_seconds(b, rc.real_us);
	if (rc.judgement->result == RESULT_OK)
		sbuf_puts(b, "/>\n");
	else {
		sbuf_puts(b, ">\n");
		put_outcome(b, &rc);
		sbuf_puts(b, "  </testcase>\n");
	}
	report_run_close(set, i);
}

/* Notes that weigh must be seen where only failures are. */
static void
put_notes(struct sbuf *b, const struct report_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->note_count; i++)
		n += set->notes[i].untrusted;
	if (n == 0)
		return;
	sbuf_printf(b, " <testsuite name=\"mxdrill\" tests=\"%zu\" "
	    "failures=\"0\" errors=\"%zu\" skipped=\"0\">\n", n, n);
	for (size_t i = 0; i < set->note_count; i++) {
		if (!set->notes[i].untrusted)
			continue;
		sbuf_printf(b, "  <testcase classname=\"mxdrill\" "
		    "name=\"note %zu\">\n   <error type=\"ERROR\"", i + 1);
		put_attribute(b, "message", set->notes[i].text);
		sbuf_puts(b, "/>\n  </testcase>\n");
	}
	sbuf_puts(b, " </testsuite>\n");
}

static void
put_suite(FILE *out, struct sbuf *b, struct report_set *set, size_t column)
{
	size_t total = 0;
	int64_t real = 0;

	for (size_t i = 0; i < set->run_count; i++)
		if (set->runs[i].column == column && !set->runs[i].hidden) {
			total++;
			real += set->runs[i].real_us;
		}
	sbuf_puts(b, " <testsuite");
	put_attribute(b, "name", set->mtas[column].label);
	sbuf_printf(b, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
	    "skipped=\"%zu\"", total,
	    count(set, column, RESULT_FAIL, RESULT_XPASS),
	    count(set, column, RESULT_ERROR, RESULT_NOT_EXERCISED),
	    count(set, column, RESULT_SKIP, RESULT_XFAIL));
	put_seconds(b, real);
	if (set->sources[0].started != NULL)
		put_attribute(b, "timestamp", set->sources[0].started);
	sbuf_puts(b, ">\n");
	for (size_t i = 0; i < set->run_count; i++)
		if (set->runs[i].column == column && !set->runs[i].hidden) {
			put_case(b, set, i);
			text_flush(b, out);
		}
	sbuf_puts(b, " </testsuite>\n");
}

void
report_junit_write(FILE *out, struct report_set *set)
{
	struct sbuf b = { 0 };

	sbuf_puts(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites name=\"mxdrill\">\n");
	for (size_t k = 0; k < set->mta_count; k++)
		put_suite(out, &b, set, k);
	put_notes(&b, set);
	sbuf_puts(&b, "</testsuites>\n");
	text_flush(&b, out);
	sbuf_fini(&b);
}
