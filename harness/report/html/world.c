/* The fake world of a scenario: zone, hosts, and each fault with its time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/report/html/internal.h"
#include "harness/scenario/keys.h"

#define BAR_WIDTH	220.0

/* The furthest end of a fault that has one; bars reach a bit further. */
struct bars {
	int64_t		 end_us;
};

static void
bars_take(struct bars *s, const struct rule *r)
{
	if (r->phase.from_us > s->end_us)
		s->end_us = r->phase.from_us;
	if (r->phase.until_us != TIME_NEVER && r->phase.until_us > s->end_us)
		s->end_us = r->phase.until_us;
}

static double
place(const struct bars *s, int64_t us)
{
	return BAR_WIDTH * 0.9 * log1p((double)us / 1000.0) /
	    log1p((double)(s->end_us > 0 ? s->end_us : 1000) / 1000.0);
}

static void
put_when(struct sbuf *b, const struct rule *r, const char *contact)
{
	const struct phase *ph = &r->phase;
	size_t start = b->len;

	if (ph->after > 0)
		html_put(b, "after the first %d %s%s", (int)ph->after,
		    contact, ph->after > 1 ? "s" : "");
	if (ph->first > 0)
		html_put(b, "%sonly %d %s%s", b->len > start ? ", " : "",
		    (int)ph->first, contact, ph->first > 1 ? "s" : "");
	if (ph->from_us > 0)
		html_put(b, "%sfrom %s", b->len > start ? ", " : "",
		    scenario_duration_text(ph->from_us));
	if (ph->until_us != TIME_NEVER)
		html_put(b, "%suntil %s", b->len > start ? ", " : "",
		    scenario_duration_text(ph->until_us));
	if (b->len == start)
		sbuf_puts(b, "always");
	if (r->optional)
		sbuf_puts(b, ", if met at all");
}

/* The words beside it say the same: no picture for who cannot see it. */
static void
put_bar(struct sbuf *b, const struct bars *s, const struct rule *r)
{
	double from = place(s, r->phase.from_us), to = BAR_WIDTH;
	bool counted = r->phase.first > 0 || r->phase.after > 0;

	if (r->phase.until_us != TIME_NEVER)
		to = place(s, r->phase.until_us);
	html_put(b, "<svg class=\"bars\" viewBox=\"0 0 %.1f 16\" "
	    "preserveAspectRatio=\"none\" aria-hidden=\"true\">"
	    "<path class=\"line\" d=\"M0 14H%.1f\"/><rect class=\"%s\" "
	    "x=\"%.1f\" y=\"2\" width=\"%.1f\" height=\"11\"/></svg>",
	    BAR_WIDTH, BAR_WIDTH, counted ? "shade counted" : "fw", from,
	    fmax(to - from, 2));
}

static void
put_fault(struct sbuf *b, const struct scenario *sc, const struct bars *s,
    const char *where, const struct rule *r, const char *contact)
{
	struct sbuf line = { 0 };

	html_put(b, "<tr><th scope=\"row\">%s</th><td><code>", where);
	if (r->id != NULL && html_source_line(&line, sc, atoi(r->id)))
		html_text(b, sbuf_str(&line));
	html_put(b, "</code> <span class=\"dim\">%s</span></td><td>",
	    r->id != NULL ? r->id : "");
	put_when(b, r, contact);
	sbuf_puts(b, "</td><td>");
	put_bar(b, s, r);
	sbuf_puts(b, "</td></tr>\n");
	sbuf_fini(&line);
}

static bool
has_greylist(const struct fsmtp_host *h)
{
	return h->greylist.rule.id != NULL && *h->greylist.rule.id != '\0';
}

static size_t
find_bars(const struct scenario *sc, struct bars *s)
{
	size_t n = sc->dns_count + sc->network_count + sc->mta_count;

	s->end_us = 0;
	for (size_t i = 0; i < sc->dns_count; i++)
		bars_take(s, &sc->dns[i].rule);
	for (size_t i = 0; i < sc->network_count; i++)
		bars_take(s, &sc->network[i].rule);
	for (size_t i = 0; i < sc->host_count; i++) {
		for (size_t k = 0; k < sc->hosts[i].rule_count; k++)
			bars_take(s, &sc->hosts[i].rules[k].rule);
		n += sc->hosts[i].rule_count + has_greylist(&sc->hosts[i]);
	}
	return n;
}

static void
put_mta_event(struct sbuf *b, const struct mta_event *ev)
{
	html_put(b, "<tr><th scope=\"row\">MTA</th><td>%s</td><td>",
	    word_of(words_verb, (int)ev->verb));
	if (ev->when == MTA_AT_TIME)
		html_put(b, "at %s",
		    scenario_duration_text(ev->rule.phase.from_us));
	else
		html_put(b, "at %s number %d",
		    word_of(words_on, (int)ev->when), ev->nth);
	sbuf_puts(b, "</td><td></td></tr>\n");
}

static void
put_rows(struct sbuf *b, const struct scenario *sc, const struct bars *s)
{
	const struct net_rule *net;
	const struct fsmtp_host *h;

	for (size_t i = 0; i < sc->dns_count; i++)
		put_fault(b, sc, s, "DNS", &sc->dns[i].rule, "question");
	for (size_t i = 0; i < sc->host_count; i++) {
		h = &sc->hosts[i];
		for (size_t k = 0; k < h->rule_count; k++)
			put_fault(b, sc, s, h->name, &h->rules[k].rule,
			    "connection");
		if (has_greylist(h))
			put_fault(b, sc, s, h->name, &h->greylist.rule,
			    "attempt");
	}
	for (size_t i = 0; i < sc->network_count; i++) {
		net = &sc->network[i];
		put_fault(b, sc, s, net->at != NULL ? net->at : "network",
		    &net->rule, "contact");
	}
	for (size_t i = 0; i < sc->mta_count; i++)
		put_mta_event(b, &sc->mta[i]);
}

static void
put_faults(struct sbuf *b, const struct scenario *sc)
{
	struct bars s;

	if (find_bars(sc, &s) == 0) {
		sbuf_puts(b, "<p>Nothing is broken in this world.</p>\n");
		return;
	}
	sbuf_puts(b, "<div class=\"wide\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"faults\">\n<table>\n<caption>Faults; bars on a "
	    "logarithmic scale of time");
	if (s.end_us > 0)
		html_put(b, " that goes a bit beyond %s",
		    scenario_duration_text(s.end_us));
	sbuf_puts(b, "</caption>\n<thead><tr><th scope=\"col\">where</th>"
	    "<th scope=\"col\">what</th><th scope=\"col\">when</th>"
	    "<th scope=\"col\">0s to the end</th></tr></thead>\n<tbody>\n");
	put_rows(b, sc, &s);
	sbuf_puts(b, "</tbody></table>\n</div>\n");
}

static void
put_sent(struct sbuf *b, const struct scenario *sc)
{
	const struct message *m;

	sbuf_puts(b, "<ul class=\"sent\">\n");
	for (size_t i = 0; i < sc->message_count; i++) {
		m = &sc->messages[i];
		if (m->control)
			continue;
		html_put(b, "<li><code>%s</code> from &lt;%s&gt; to ",
		    m->key, m->from);
		for (size_t k = 0; k < m->to_count; k++)
			html_put(b, "%s%s", k > 0 ? ", " : "", m->to[k]);
		html_put(b, " at %s", scenario_duration_text(m->at_us));
		if (m->count > 1)
			html_put(b, ", %d times", m->count);
		sbuf_puts(b, "</li>\n");
	}
	sbuf_puts(b, "</ul>\n");
}

void
html_world(struct sbuf *b, const struct scenario *sc)
{
	const struct fdns_zone *z;

	sbuf_puts(b, "<details open=\"open\"><summary>The fake world: what "
	    "is sent, the zone, what breaks</summary>\n");
	put_sent(b, sc);
	for (size_t i = 0; i < sc->zone_count; i++) {
		z = &sc->zones[i];
		if (z->from_us > 0)
			html_put(b, "<p>From %s on:</p>\n",
			    scenario_duration_text(z->from_us));
		html_put(b, "<pre tabindex=\"0\">%s</pre>\n", z->text);
	}
	put_faults(b, sc);
	sbuf_puts(b, "</details>\n");
}
