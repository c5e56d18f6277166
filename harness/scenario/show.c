#include "harness/scenario/show.h"

#include <string.h>
#include <sys/socket.h>

#include "harness/base/sbuf.h"
#include "harness/base/timers.h"
#include "harness/scenario/keys.h"

static void
put_phase(struct sbuf *out, const struct rule *rule, const char *contact)
{
	const struct phase *ph = &rule->phase;

	if (ph->after > 0)
		sbuf_printf(out, ", after the first %u %s%s", ph->after,
		    contact, ph->after > 1 ? "s" : "");
	if (ph->first > 0)
		sbuf_printf(out, ", only %u %s%s", ph->first, contact,
		    ph->first > 1 ? "s" : "");
	if (ph->from_us > 0)
		sbuf_printf(out, ", from %s",
		    scenario_duration_text(ph->from_us));
	if (ph->until_us != TIME_NEVER)
		sbuf_printf(out, ", until %s",
		    scenario_duration_text(ph->until_us));
	sbuf_printf(out, "%s.\n", rule->optional ? " (if met at all)" : "");
}

static void
put_list(struct sbuf *out, const char *const *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sbuf_printf(out, "%s%s", i == 0 ? "" :
		    i + 1 == count ? " and " : ", ", items[i]);
}

static void
put_pieces(struct sbuf *out, const size_t *pieces, size_t count,
    int64_t pause_us)
{
	for (size_t i = 0; i < count; i++)
		sbuf_printf(out, "%s%zu", i == 0 ? ", in pieces of " :
		    i + 1 == count ? " and " : ", ", pieces[i]);
	if (count > 0)
		sbuf_printf(out, " octets and the rest, %s between them",
		    scenario_duration_text(pause_us));
}

static void
show_dns(const struct scenario *sc, struct sbuf *out)
{
	for (size_t i = 0; i < sc->dns_count; i++) {
		const struct fdns_rule *r = &sc->dns[i];

		sbuf_printf(out, "  DNS: queries for %s%s%s",
		    r->name != NULL ? r->name : "anything",
		    r->type != 0 ? " " : "",
		    r->type != 0 ? word_of(words_rrtype, r->type) : "");
		if (r->transport != FDNS_ANY)
			sbuf_printf(out, " over %s",
			    word_of(words_transport, (int)r->transport));
		if (r->resolver != 0)
			sbuf_printf(out, " at resolver %d", r->resolver);
		if (r->edns != FDNS_EDNS_ANY)
			sbuf_printf(out, " %s EDNS",
			    word_of(words_edns, (int)r->edns));
		if (r->name_case != FDNS_CASE_ANY)
			sbuf_printf(out, " in %s case",
			    word_of(words_case, (int)r->name_case));
		sbuf_printf(out, ": %s", word_of(words_answer,
		    (int)r->action));
		put_pieces(out, r->pieces, r->piece_count, r->pause_us);
		if (r->delay_us > 0)
			sbuf_printf(out, " after %s",
			    scenario_duration_text(r->delay_us));
		put_phase(out, &r->rule, "query");
	}
}

static void
show_host_rule(const struct fsmtp_host *h, const struct fsmtp_rule *r,
    struct sbuf *out)
{
	sbuf_printf(out, "  %s: ", h->name);
	if (r->stage == FSMTP_CONNECT) {
		sbuf_printf(out, "connections: %s",
		    word_of(words_connect, (int)r->connect));
	} else {
		sbuf_printf(out, "%s", fsmtp_stage_help(r->stage));
		if (r->recipient != NULL)
			sbuf_printf(out, " for %s", r->recipient);
		if (r->sender != NULL)
			sbuf_printf(out, " from <%s>", r->sender);
		if (r->nth_in_session != 0)
			sbuf_printf(out, ", number %d in a session",
			    r->nth_in_session);
		if (r->from_nth != 0)
			sbuf_printf(out, ", from number %d in a session on",
			    r->from_nth);
		if (r->after_rcpts != 0)
			sbuf_printf(out, ", after %d accepted recipients,",
			    r->after_rcpts);
		if (r->action == FSMTP_DO_REPLY && r->line_count > 0)
			sbuf_printf(out, " is \"%s\"",
			    r->lines[r->line_count - 1]);
		else
			sbuf_printf(out, ": %s",
			    word_of(words_smtp_action, (int)r->action));
	}
	if (r->family != 0)
		sbuf_printf(out, " over %s",
		    word_of(words_family, r->family));
	put_pieces(out, r->pieces, r->piece_count, r->pause_us);
	if (r->stage == FSMTP_IDLE)
		sbuf_printf(out, ", after %s", r->delay_us > 0 ?
		    scenario_duration_text(r->delay_us) : "1s");
	if (r->keep != FSMTP_KEEP_BY_REPLY)
		sbuf_printf(out, "; the message is %s", r->keep ==
		    FSMTP_KEEP_STORE ? "kept" : "forgotten");
	put_phase(out, &r->rule, r->counts == FSMTP_COUNT_TRANSACTIONS ?
	    "transaction" : "connection");
}

static void
show_hosts(const struct scenario *sc, struct sbuf *out)
{
	for (size_t i = 0; i < sc->host_count; i++) {
		const struct fsmtp_host *h = &sc->hosts[i];

		for (size_t k = 0; k < h->rule_count; k++)
			show_host_rule(h, &h->rules[k], out);
		if (*h->greylist.rule.id != '\0')
			sbuf_printf(out, "  %s: greylists for %s.\n", h->name,
			    scenario_duration_text(h->greylist.delay_us));
	}
	for (size_t i = 0; i < sc->network_count; i++) {
		const struct net_rule *r = &sc->network[i];

		sbuf_printf(out, "  network%s%s: %s", r->at ? " to " : "",
		    r->at ? r->at : "", word_of(words_state, (int)r->state));
		put_phase(out, &r->rule, "connection");
	}
	for (size_t i = 0; i < sc->mta_count; i++) {
		const struct mta_event *ev = &sc->mta[i];

		sbuf_printf(out, "  the MTA: %s", word_of(words_verb,
		    (int)ev->verb));
		if (ev->when == MTA_AT_TIME)
			sbuf_printf(out, " at %s.\n", scenario_duration_text(
			    ev->rule.phase.from_us));
		else
			sbuf_printf(out, " at %s number %d.\n",
			    word_of(words_on, (int)ev->when), ev->nth);
	}
}

static void
put_set(struct sbuf *out, verdict_set set)
{
	const char *between = "";

	for (int v = 0; v < VERDICT_COUNT; v++)
		if (set & VSET(v)) {
			sbuf_printf(out, "%s%s", between,
			    verdict_word((enum verdict)v));
			between = " or ";
		}
}

/* `a report "delayed" with status "4.*"`, for each that is asked for. */
static void
put_reports(struct sbuf *out, const struct expectation *ex)
{
	const char *between;

	for (size_t i = 0; i < ex->report_count; i++) {
		const struct report_expectation *r = &ex->reports[i];

		sbuf_printf(out, ", a report \"%s\"",
		    report_action_word(r->action));
		between = " with";
		for (int f = 0; f < REPORT_FIELD_COUNT; f++)
			if (r->fields[f] != NULL) {
				sbuf_printf(out, "%s %s \"%s\"", between,
				    report_field_word((enum report_field)f),
				    r->fields[f]);
				between = " and";
			}
	}
}

static void
put_report_count(struct sbuf *out, const char *action, int least, int most)
{
	if (least > 0)
		sbuf_printf(out, ", at least %d report%s \"%s\"", least,
		    least > 1 ? "s" : "", action);
	if (most == 0)
		sbuf_printf(out, ", no report \"%s\"", action);
	else if (most > 0)
		sbuf_printf(out, ", at most %d report%s \"%s\"", most,
		    most > 1 ? "s" : "", action);
}

static void
put_bounds(struct sbuf *out, const struct expectation *ex)
{
	if (ex->via != NULL)
		sbuf_printf(out, ", at %s", ex->via);
	if (ex->within_us != 0)
		sbuf_printf(out, ", within %s",
		    scenario_duration_text(ex->within_us));
	if (ex->not_before_us != 0)
		sbuf_printf(out, ", not before %s",
		    scenario_duration_text(ex->not_before_us));
	if (ex->status != NULL)
		sbuf_printf(out, ", with status %s", ex->status);
	if (ex->attempts_min != 0)
		sbuf_printf(out, ", at least %d cycles", ex->attempts_min);
	if (ex->attempts_max != 0)
		sbuf_printf(out, ", at most %d cycles", ex->attempts_max);
	if (ex->copies_max != 0)
		sbuf_printf(out, ", at most %d copies", ex->copies_max);
	put_reports(out, ex);
	put_report_count(out, "delayed", ex->delays_min, ex->delays_max);
	put_report_count(out, "relayed", ex->relayed_min, ex->relayed_max);
}

static void
show_expect(const struct scenario *sc, struct sbuf *out)
{
	for (size_t i = 0; i < sc->expect_count; i++) {
		const struct expectation *ex = &sc->expect[i];

		sbuf_printf(out, "  %s to %s: ",
		    ex->message ? ex->message : "every message",
		    ex->recipient ? ex->recipient : "every recipient");
		put_set(out, ex->outcome);
		if (ex->tolerate != 0) {
			sbuf_puts(out, ", tolerated ");
			put_set(out, ex->tolerate);
		}
		put_bounds(out, ex);
		sbuf_puts(out, ".\n");
	}
	if (sc->checks.untouched_count > 0) {
		sbuf_puts(out, "  No connection to ");
		put_list(out, sc->checks.untouched,
		    sc->checks.untouched_count);
		sbuf_puts(out, ".\n");
	}
	if (sc->checks.order_count > 0) {
		sbuf_puts(out, "  First contacts in this order: ");
		put_list(out, sc->checks.order, sc->checks.order_count);
		sbuf_puts(out, ".\n");
	}
	if (sc->checks.spread_count > 0) {
		sbuf_puts(out, "  First contacts are shared by ");
		put_list(out, sc->checks.spread, sc->checks.spread_count);
		sbuf_puts(out, ".\n");
	}
}

void
scenario_show(const struct scenario *sc, struct sbuf *out)
{
	const char *line = sc->zone_count > 0 ? sc->zones[0].text : "";
	size_t len;

	sbuf_printf(out, "%s: %s\n", sc->id, sc->title);
	if (sc->why != NULL)
		sbuf_printf(out, "%s\n", sc->why);
	if (sc->covers_count > 0) {
		sbuf_puts(out, "Covers ");
		put_list(out, sc->covers, sc->covers_count);
		sbuf_puts(out, ".\n");
	}
	sbuf_puts(out, "\nThe world\n");
	for (; *line != '\0'; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		sbuf_printf(out, "  %.*s\n", (int)len, line);
	}
	for (size_t i = 1; i < sc->zone_count; i++)
		sbuf_printf(out, "  another zone from %s on (line %d)\n",
		    scenario_duration_text(sc->zones[i].from_us),
		    sc->zones[i].line);
	sbuf_puts(out, "\nWhat is sent\n");
	for (size_t i = 0; i < sc->message_count; i++) {
		const struct message *m = &sc->messages[i];

		sbuf_printf(out, "  %s from <%s> to ", m->key, m->from);
		put_list(out, m->to, m->to_count);
		sbuf_printf(out, " at %s", scenario_duration_text(m->at_us));
		if (m->header != NULL)
			sbuf_puts(out, ", with a header of its own");
		if (m->body != NULL)
			sbuf_puts(out, ", with a body of its own");
		if (m->count > 1)
			sbuf_printf(out, ", %d times", m->count);
		sbuf_puts(out, ".\n");
	}
	sbuf_puts(out, "\nWhat breaks\n");
	len = out->len;
	show_dns(sc, out);
	show_hosts(sc, out);
	if (out->len == len)
		sbuf_puts(out, "  nothing\n");
	sbuf_puts(out, "\nWhat must come of it\n");
	show_expect(sc, out);
}
