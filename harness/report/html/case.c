/* One run: a scenario on an MTA. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/clause.h"
#include "harness/report/console_int.h"
#include "harness/report/departures.h"
#include "harness/report/html/internal.h"
#include "harness/report/html/lanes.h"
#include "harness/scenario/requirement.h"

/* A list of more lines is no longer read. */
#define STEPS_MOST	48

const struct event *
html_event(const struct trace *t, uint64_t seq)
{
	for (size_t i = 0; t != NULL && seq != 0 && i < t->count; i++)
		if (t->events[i].seq == seq)
			return &t->events[i];
	return NULL;
}

/* The finding that the result comes from, if no unit does. */
static const struct finding *
deciding_finding(const struct judgement *j)
{
	const struct unit *u = report_head_unit(j);

	return u == NULL || !unit_is_bad(u) ? report_head_finding(j) : NULL;
}

uint64_t
html_decisive(const struct report_case *rc)
{
	const struct unit *u = report_head_unit(rc->judgement);
	const struct finding *f = deciding_finding(rc->judgement);

	if (report_proves_nothing(rc->judgement->result))
		return 0;
	return f != NULL ? f->decisive : u != NULL ? u->decisive : 0;
}

void
html_sentence(struct sbuf *b, const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;

	html_text(b, j->result == RESULT_ERROR && j->error != NULL ?
	    j->error : j->sentence);
}

void
html_mta(struct sbuf *b, const struct report_mta *m)
{
	html_put(b, "%s", m->mta);
	if (m->version != NULL && *m->version != '\0')
		html_put(b, " <span class=\"dim\">%s</span>", m->version);
}

static void
put_clause(struct sbuf *b, const char *id)
{
	const struct requirement *c = requirement_find(id);

	if (id == NULL)
		return;
	if (c == NULL) {
		html_put(b, "<p>Breaks %s.</p>\n", id);
		return;
	}
	html_put(b, "<p>Breaks <a href=\"#%s\">%s</a> (%s): %s</p>\n", c->id,
	    c->id, c->words, c->statement);
}

/* What was not tried, with the scenario's line that did not act. */
static void
put_unfired(struct sbuf *b, const struct report_case *rc)
{
	const struct judgement *j = rc->judgement;
	struct sbuf place = { 0 }, line = { 0 };

	if (j->unfired_count == 0)
		return;
	html_put(b, "<p>%s</p>\n<ul>\n", j->unfired_count == 1 ?
	    "A fault never fired:" : "Faults that never fired:");
	for (size_t i = 0; i < j->unfired_count; i++) {
		sbuf_clear(&place);
		sbuf_clear(&line);
		report_put_unfired(&place, rc, i);
		html_put(b, "<li>%s", sbuf_str(&place));
		if (html_source_line(&line, rc->scenario,
		    atoi(j->unfired[i])))
			html_put(b, " <code class=\"rule\">%s</code>",
			    sbuf_str(&line));
		sbuf_puts(b, "</li>\n");
	}
	sbuf_puts(b, "</ul>\n");
	sbuf_fini(&place);
	sbuf_fini(&line);
}

/* What the site itself wants is not the MTA's defect. */
static void
put_departures(struct sbuf *b, const struct judgement *j)
{
	struct sbuf text = { 0 };

	for (size_t i = 0; i < j->departure_count; i++) {
		sbuf_clear(&text);
		departure_put(&text, &j->departures[i]);
		html_put(b, "<p>Not judged: your configuration says %s.</p>\n",
		    sbuf_str(&text));
	}
	sbuf_fini(&text);
}

static void
put_findings(struct sbuf *b, const struct judgement *j)
{
	if (j->finding_count == 0)
		return;
	sbuf_puts(b, "<ul>\n");
	for (size_t i = 0; i < j->finding_count; i++)
		html_put(b, "<li><code>%s</code>%s: %s</li>\n",
		    flag_word(j->findings[i].flag), j->findings[i].allowed ?
		    " <span class=\"dim\">(allowed)</span>" : "",
		    j->findings[i].text);
	sbuf_puts(b, "</ul>\n");
}

static void
put_proof(struct sbuf *b, const struct report_case *rc)
{
	const struct unit *u = report_head_unit(rc->judgement);

	if (u != NULL && u->proof != NULL &&
	    !report_proves_nothing(rc->judgement->result))
		html_put(b, "<h4>Proof of the loss</h4>\n<pre "
		    "tabindex=\"0\">%s</pre>\n", u->proof);
}

static void
put_timeline(struct sbuf *b, const struct html_case *c)
{
	const struct report_case *rc = c->rc;
	uint64_t decisive = html_decisive(rc);
	struct timeline tl;

	if (rc->trace == NULL || rc->trace->count == 0)
		return;
	sbuf_puts(b, "<h4>What happened</h4>\n");
	html_lanes_figure(b, rc, decisive, c->id);
	timeline_build(&tl, rc->scenario, rc->trace, decisive, false);
	timeline_fold(&tl);
	timeline_cap(&tl, STEPS_MOST);
	html_steps(b, rc, &tl, 0);
	timeline_fini(&tl);
}

static void
put_head(struct sbuf *b, const struct html_case *c)
{
	enum result r = c->rc->judgement->result;

	html_put(b, "<section class=\"run c-%s\" id=\"%s\">\n<h4>",
	    html_result_class(r), c->id);
	html_result(b, r);
	sbuf_puts(b, " on ");
	html_mta(b, c->mta);
	html_put(b, " <a class=\"dim\" href=\"#%s\" aria-label=\"link to "
	    "this run\">#</a></h4>\n<p class=\"sentence\">", c->id);
	html_sentence(b, c->rc);
	sbuf_puts(b, "</p>\n");
	if (report_proves_nothing(r))
		html_put(b, "<p>%s.</p>\n", html_result_help(r));
}

void
html_case_full(struct sbuf *b, const struct html_case *c)
{
	const struct report_case *rc = c->rc;
	const struct judgement *j = rc->judgement;
	const struct finding *f = deciding_finding(j);
	struct sbuf t = { 0 };

	put_head(b, c);
	if (j->result == RESULT_SKIP) {
		sbuf_puts(b, "</section>\n");
		return;
	}
	if (!report_proves_nothing(j->result)) {
		html_asked(b, rc);
		put_clause(b, f != NULL && f->clause != NULL ? f->clause :
		    j->clause);
	}
	put_unfired(b, rc);
	put_departures(b, j);
	put_findings(b, j);
	put_timeline(b, c);
	put_proof(b, rc);
	html_smtp(b, rc);
	html_dns(b, rc);
	html_log(b, rc);
	html_time(&t, report_virtual_us(rc->trace));
	html_put(b, "<p class=\"note\">%s of virtual time.</p>\n",
	    sbuf_str(&t));
	html_artefacts(b, c->base, rc);
	if (rc->rerun != NULL)
		html_put(b, "<p class=\"note\">Run it again:</p>\n"
		    "<code class=\"cmd\">%s</code>\n", rc->rerun);
	sbuf_puts(b, "</section>\n");
	sbuf_fini(&t);
}

void
html_case_compact(struct sbuf *b, const struct html_case *c, size_t times)
{
	html_put(b, "<p class=\"one\" id=\"%s\">", c->id);
	html_result(b, c->rc->judgement->result);
	sbuf_puts(b, " on ");
	html_mta(b, c->mta);
	sbuf_puts(b, ": ");
	html_sentence(b, c->rc);
	if (times > 1)
		html_put(b, " <span class=\"dim\">(the worst of %zu runs)"
		    "</span>", times);
	sbuf_puts(b, "</p>\n");
}
