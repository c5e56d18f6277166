/* From the events of a trace to marks in lanes. */
#include "harness/report/html/lanes.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/names.h"
#include "harness/base/xalloc.h"
#include "harness/report/text.h"

enum { LANE_DNS, LANE_NETWORK, LANE_HOSTS };

/* Lane numbers of what comes below all hosts are given in the end. */
#define LANE_QUEUE	((size_t)-2)
#define LANE_MAILBOX	((size_t)-1)

/* Of a mark's words no more than that many octets. */
#define TEXT_MOST	240

static size_t
lane_add(struct html_lanes *l, const char *name, const char *host, bool busy)
{
	l->lanes = xreallocarray(l->lanes, l->lane_count + 1,
	    sizeof *l->lanes);
	l->lanes[l->lane_count] = (struct lane){ .name = name, .host = host,
	    .busy = busy };
	return l->lane_count++;
}

static size_t
lane_of(struct html_lanes *l, const char *host)
{
	if (host == NULL)
		return LANE_NETWORK;
	for (size_t i = LANE_HOSTS; i < l->lane_count; i++)
		if (l->lanes[i].host != NULL &&
		    strcasecmp(l->lanes[i].host, host) == 0)
			return i;
	return lane_add(l, host, host, false);
}

/* The host that the scenario gives the address to, or NULL. */
static const char *
host_at(const struct scenario *sc, const char *address)
{
	struct addr a;

	if (address == NULL || !addr_parse(&a, address))
		return NULL;
	for (size_t i = 0; i < sc->host_count; i++)
		for (size_t k = 0; k < sc->hosts[i].addr_count; k++)
			if (addr_same_ip(&sc->hosts[i].addrs[k], &a))
				return sc->hosts[i].name;
	return NULL;
}

/* Is the name of the control message's domain, and of no other message's? */
static bool
is_control(const struct scenario *sc, const char *name)
{
	bool control = false;

	for (size_t i = 0; name != NULL && i < sc->message_count; i++)
		for (size_t k = 0; k < sc->messages[i].to_count; k++) {
			const char *at = strrchr(sc->messages[i].to[k], '@');

			if (at == NULL || !name_within(name, at + 1))
				continue;
			if (!sc->messages[i].control)
				return false;
			control = true;
		}
	return control;
}

static bool
is_control_message(const struct scenario *sc, const char *msg)
{
	for (size_t i = 0; i < sc->message_count; i++)
		if (sc->messages[i].control &&
		    same_text(sc->messages[i].key, msg))
			return true;
	return false;
}

static struct mark *
mark_add(struct html_lanes *l, const struct event *ev, size_t lane,
    enum mark_kind kind, size_t slot)
{
	struct mark *m;

	if ((l->mark_count & (l->mark_count - 1)) == 0)
		l->marks = xreallocarray(l->marks, l->mark_count > 0 ?
		    2 * l->mark_count : 1, sizeof *l->marks);
	m = &l->marks[l->mark_count++];
	memset(m, 0, sizeof *m);
	m->lane = lane;
	m->kind = kind;
	m->t_us = m->until_us = ev->t_us;
	m->slot = m->until_slot = slot;
	m->addr = ev->addr;
	m->peer = ev->peer;
	return m;
}

static void
say(struct mark *m, const char *text)
{
	if (text == NULL || m->text.len > TEXT_MOST)
		return;
	if (m->text.len > 0)
		sbuf_puts(&m->text, "; ");
	sbuf_puts(&m->text, text);
	if (m->text.len > TEXT_MOST)
		sbuf_puts(&m->text, "; " TEXT_ELLIPSIS);
}

static void
saying(struct mark *m, const char *a, const char *b, const char *c)
{
	struct sbuf s = { 0 };
	const char *const parts[] = { a, b, c };

	for (size_t i = 0; i < 3; i++)
		if (parts[i] != NULL && *parts[i] != '\0') {
			if (s.len > 0)
				sbuf_putc(&s, ' ');
			sbuf_puts(&s, parts[i]);
		}
	say(m, sbuf_str(&s));
	sbuf_fini(&s);
}

static enum mark_kind
kind_of_reply(const struct event *ev)
{
	if (same_text(ev->rcode, "NXDOMAIN"))
		return MARK_NONAME;
	if (!same_text(ev->rcode, "NOERROR"))
		return MARK_NODNS;
	return ev->text == NULL || *ev->text == '\0' ? MARK_NONAME :
	    MARK_LOOKUP;
}

static void
take_lookup(struct html_lanes *l, const struct event *ev, size_t slot)
{
	enum mark_kind kind = ev->kind == EV_DATAGRAM ? MARK_NODNS :
	    kind_of_reply(ev);
	struct mark *m = l->mark_count > 0 ? &l->marks[l->mark_count - 1] :
	    NULL;

	/* Lookups that follow each other are one mark. */
	if (m == NULL || m->lane != LANE_DNS || m->kind != kind ||
	    m->t_us != ev->t_us || m->decisive)
		m = mark_add(l, ev, LANE_DNS, kind, slot);
	l->lanes[LANE_DNS].busy = true;
	if (ev->kind == EV_DATAGRAM)
		saying(m, "UDP", ev->addr, ev->state);
	else {
		saying(m, ev->qname, ev->qtype, ev->rcode != NULL ?
		    ev->rcode : "no reply");
		if (kind == MARK_LOOKUP)
			say(m, ev->text);
	}
}

static struct mark *
session_of(struct html_lanes *l, const struct event *ev)
{
	for (size_t i = l->mark_count; i > 0; i--)
		if (ev->conn != 0 && l->marks[i - 1].conn == ev->conn)
			return &l->marks[i - 1];
	return NULL;
}

static struct mark *
contact_of(struct html_lanes *l, const struct event *ev)
{
	for (size_t i = l->mark_count; i > 0; i--)
		if (l->marks[i - 1].open && l->marks[i - 1].conn == 0 &&
		    same_text(l->marks[i - 1].addr, ev->addr) &&
		    same_text(l->marks[i - 1].peer, ev->peer))
			return &l->marks[i - 1];
	return NULL;
}

static void
take_syn(struct html_lanes *l, const struct event *ev, size_t slot)
{
	bool open = same_text(ev->state, "open") ||
	    same_text(ev->state, "close") || same_text(ev->state, "reset");
	struct mark *m = mark_add(l, ev, lane_of(l, ev->host),
	    same_text(ev->state, "open") ? MARK_TALK : MARK_NOWAY, slot);

	m->open = open;
	say(m, ev->addr);
	if (!same_text(ev->state, "open"))
		say(m, ev->state);
	l->lanes[m->lane].busy = true;
}

/* A better thing that happened in a session tells what it came to. */
static void
becomes(struct mark *m, enum mark_kind kind)
{
	static const int worth[MARK_COUNT] = { [MARK_NOTNOW] = 1,
	    [MARK_NEVER] = 2, [MARK_UNSURE] = 3, [MARK_TAKEN] = 4 };

	if (worth[kind] > worth[m->kind] || m->kind == MARK_NOWAY)
		m->kind = kind;
}

static void
take_session(struct mark *m, const struct event *ev, size_t slot)
{
	switch (ev->kind) {
	case EV_SMTP_REPLY:
		if (ev->code >= 200 && ev->code < 400 && ev->action == NULL)
			return;
		becomes(m, ev->code >= 500 ? MARK_NEVER : MARK_NOTNOW);
		saying(m, ev->stage, ev->text, ev->action);
		break;
	case EV_SMTP_COPY:
		if (ev->stored == YES)
			becomes(m, ev->acked == YES ? MARK_TAKEN :
			    MARK_UNSURE);
		if (ev->stored == YES)
			saying(m, "message for", ev->rcpt, ev->acked == YES ?
			    "taken" : "taken, reply lost");
		break;
	case EV_SMTP_VIOLATION:
		saying(m, "violation:", ev->text, NULL);
		break;
	case EV_SMTP_CLOSE:
		m->until_us = ev->t_us;
		m->until_slot = ev->t_us == m->t_us ? m->slot : slot;
		if (same_text(ev->state, "reset") ||
		    same_text(ev->state, "timeout"))
			saying(m, "ended by", ev->by, ev->state);
		break;
	default:
		break;
	}
}

static void
take_smtp(struct html_lanes *l, const struct event *ev, size_t slot)
{
	struct mark *m = session_of(l, ev);

	if (m == NULL && ev->kind == EV_SMTP_OPEN) {
		if ((m = contact_of(l, ev)) == NULL) {
			m = mark_add(l, ev, lane_of(l, ev->host), MARK_TALK,
			    slot);
			say(m, ev->addr);
		}
		m->conn = ev->conn;
		l->lanes[m->lane].busy = true;
	}
	if (m != NULL)
		take_session(m, ev, slot);
}

static void
take_report(struct html_lanes *l, const struct event *ev, size_t slot)
{
	struct mark *session = session_of(l, ev), *m;

	if (session != NULL)
		session->dsn = true;
	m = mark_add(l, ev, LANE_MAILBOX, same_text(ev->action, "failed") ?
	    MARK_FAILURE : MARK_DELAY, slot);
	m->dsn = true;
	saying(m, ev->msg, "for", ev->rcpt);
	saying(m, ev->action, ev->status, ev->ok == NO ? "malformed" : NULL);
	saying(m, "to", ev->to, NULL);
}

static void
take_other(struct html_lanes *l, const struct event *ev, size_t slot)
{
	struct mark *m;

	switch (ev->kind) {
	case EV_INJECT:
		if (ev->code / 100 == 3 || (ev->code / 100 == 2 &&
		    !same_text(ev->stage, "eod")))
			return;
		m = mark_add(l, ev, LANE_QUEUE, ev->code / 100 == 2 ?
		    MARK_ACCEPTED : MARK_REJECTED, slot);
		saying(m, ev->msg, "submitted:", ev->text);
		break;
	case EV_QUEUE:
		if (same_text(ev->state, "unknown"))
			return;
		m = mark_add(l, ev, LANE_QUEUE, same_text(ev->state, "yes") ?
		    MARK_QUEUED : MARK_GONE, slot);
		saying(m, ev->msg, "for", ev->rcpt);
		break;
	case EV_MTA:
		m = mark_add(l, ev, LANE_QUEUE, MARK_SWITCH, slot);
		if (same_text(ev->state, "signal"))
			saying(m, ev->text, "died of a signal", NULL);
		else
			saying(m, "MTA", ev->verb, NULL);
		break;
	case EV_NETWORK:
		m = mark_add(l, ev, LANE_NETWORK, MARK_SWITCH, slot);
		saying(m, ev->host, ev->state, NULL);
		l->lanes[LANE_NETWORK].busy = true;
		break;
	case EV_CONNECT_FAILED:
		m = mark_add(l, ev, lane_of(l, host_at(l->rc->scenario,
		    ev->addr)), MARK_NOWAY, slot);
		saying(m, "connect to", ev->addr, ev->state);
		l->lanes[m->lane].busy = true;
		break;
	default:
		break;
	}
}

static void
take(struct html_lanes *l, const struct event *ev, size_t slot)
{
	const struct scenario *sc = l->rc->scenario;

	if (is_control(sc, ev->qname) || is_control(sc, ev->host) ||
	    is_control_message(sc, ev->msg))
		return;
	switch (ev->kind) {
	case EV_DNS_REPLY:
	case EV_DATAGRAM:
		take_lookup(l, ev, slot);
		break;
	case EV_SYN:
		take_syn(l, ev, slot);
		break;
	case EV_SMTP_OPEN:
	case EV_SMTP_REPLY:
	case EV_SMTP_COPY:
	case EV_SMTP_VIOLATION:
	case EV_SMTP_CLOSE:
		take_smtp(l, ev, slot);
		break;
	case EV_DSN:
		take_report(l, ev, slot);
		break;
	default:
		take_other(l, ev, slot);
	}
}

/* The mark that the decisive event went into. */
static void
decide(struct html_lanes *l, const struct event *ev, size_t before)
{
	struct mark *m = session_of(l, ev);

	l->decided = true;
	l->decisive_us = ev->t_us;
	if (l->mark_count > before || (m == NULL && l->mark_count > 0 &&
	    (ev->kind == EV_DNS_REPLY || ev->kind == EV_DATAGRAM)))
		m = &l->marks[l->mark_count - 1];
	if (m != NULL)
		m->decisive = true;
}

/* A session that carried a report is told in the sender's mailbox. */
static void
settle(struct html_lanes *l)
{
	const struct scenario *sc = l->rc->scenario;
	size_t queue, mailbox, out = 0;
	struct mark *m;

	for (size_t i = LANE_HOSTS; i < l->lane_count; i++)
		l->lanes[i].busy = false;
	for (size_t i = 0; i < l->mark_count; i++)
		if (!l->marks[i].dsn && l->marks[i].lane < l->lane_count)
			l->lanes[l->marks[i].lane].busy = true;
	/* A host that the scenario names is shown even if nobody came. */
	for (size_t i = 0; i < sc->host_count; i++)
		if (sc->source != NULL &&
		    strcasestr(sc->source, sc->hosts[i].name) != NULL)
			l->lanes[lane_of(l, sc->hosts[i].name)].busy = true;
	if (sc->network_count > 0)
		l->lanes[LANE_NETWORK].busy = true;
	queue = lane_add(l, "MTA queue", NULL, true);
	mailbox = lane_add(l, "sender's mailbox", NULL, true);
	for (size_t i = 0; i < l->mark_count; i++) {
		m = &l->marks[i];
		if (m->lane == LANE_QUEUE)
			m->lane = queue;
		else if (m->lane == LANE_MAILBOX)
			m->lane = mailbox;
		if (l->lanes[m->lane].busy)
			l->marks[out++] = *m;
		else
			sbuf_fini(&m->text);
	}
	l->mark_count = out;
}

void
lanes_find(struct html_lanes *l, const struct report_case *rc,
    uint64_t decisive)
{
	const struct scenario *sc = rc->scenario;
	const struct event *ev;
	int64_t t_us = -1;
	size_t slot = 0, before;

	memset(l, 0, sizeof *l);
	l->rc = rc;
	lane_add(l, "DNS", NULL, true);
	lane_add(l, "network", NULL, false);
	for (size_t i = 0; i < sc->host_count; i++)
		lane_of(l, sc->hosts[i].name);
	for (size_t i = 0; rc->trace != NULL && i < rc->trace->count; i++) {
		ev = &rc->trace->events[i];
		before = l->mark_count;
		if (ev->t_us < 0)
			continue;
		if (ev->t_us != t_us)
			slot = 0;
		t_us = l->end_us = ev->t_us;
		take(l, ev, slot);
		if (l->mark_count > before || (ev->kind == EV_SMTP_CLOSE &&
		    before > 0))
			slot++;
		if (ev->seq == decisive)
			decide(l, ev, before);
	}
	settle(l);
}

void
lanes_need(const struct html_lanes *l, struct html_axis *a)
{
	const struct mark *m;

	axis_need(a, 0, 1);
	for (size_t i = 0; i < l->mark_count; i++) {
		m = &l->marks[i];
		axis_need(a, m->t_us, m->slot + 1);
		if (m->until_us != m->t_us)
			axis_need(a, m->until_us, m->until_slot + 1);
	}
	axis_need(a, l->end_us, 1);
}

void
lanes_fini(struct html_lanes *l)
{
	for (size_t i = 0; i < l->mark_count; i++)
		sbuf_fini(&l->marks[i].text);
	free(l->marks);
	free(l->lanes);
	memset(l, 0, sizeof *l);
}
