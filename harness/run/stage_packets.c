/*
 * Faults in the packet log: each event that names a rule becomes one comment
 * on the packet that carries the fault.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/xalloc.h"
#include "harness/run/stage_impl.h"

/* The two ends of a connection, as its smtp.open said. */
struct stage_ends {
	struct stage_ends *next;
	int64_t	 conn;
	char	*server, *client;
};

static void
note_open(struct stage *st, const struct event *ev)
{
	struct stage_ends *e = xcalloc(1, sizeof *e);

	e->conn = ev->conn;
	e->server = xstrdup(ev->addr);
	e->client = xstrdup(ev->peer);
	e->next = st->ends;
	st->ends = e;
}

static void
note_close(struct stage *st, int64_t conn)
{
	for (struct stage_ends **at = &st->ends, *e; (e = *at) != NULL;
	    at = &e->next) {
		if (e->conn != conn)
			continue;
		*at = e->next;
		free(e->server);
		free(e->client);
		free(e);
		return;
	}
}

/* The rule in the words that the trace has for it. */
static const char *
rule_text(const struct stage *st, const char *id, const char **host)
{
	const struct trace *trace = recorder_trace(st->recorder);

	*host = NULL;
	for (size_t i = 0; i < trace->count; i++) {
		const struct event *ev = &trace->events[i];

		if (ev->kind != EV_FLAG || strcmp(ev->name, "rule") != 0 ||
		    strcmp(ev->rule, id) != 0)
			continue;
		*host = ev->host;
		return ev->text;
	}
	return NULL;
}

/* "rule 16:7, mx1.r.test, greeting: 554 5.7.1 client address denied" */
static void
comment(struct stage *st, const struct event *ev, enum lab_packet at,
    const char *server, const char *client)
{
	struct sbuf b = { 0 };
	const char *host, *text = rule_text(st, ev->rule, &host);

	sbuf_printf(&b, "rule %s", ev->rule);
	if (host != NULL)
		sbuf_printf(&b, ", %s", host);
	if (ev->kind == EV_MTA)
		sbuf_printf(&b, ", the MTA: %s", ev->verb);
	else if (ev->kind == EV_CONNECT_FAILED)
		sbuf_printf(&b, ", connect to %s by %s: %s", ev->addr,
		    ev->text, ev->state);
	else if (text != NULL)
		sbuf_printf(&b, ", %s", text);
	lab_comment(st->lab, &(struct lab_comment){ .at = at,
	    .server = server, .client = client, .text = sbuf_str(&b) });
	sbuf_fini(&b);
}

/* What is sent in place of a reply, or nothing at all. */
static enum lab_packet
carrier_of_reply(const struct event *ev)
{
	if (ev->text != NULL)
		return LAB_PACKET_REPLY;
	if (ev->action != NULL && (strcmp(ev->action, "close") == 0 ||
	    strcmp(ev->action, "reset") == 0))
		return LAB_PACKET_END;
	return LAB_PACKET_LAST;
}

static void
comment_reply(struct stage *st, const struct event *ev)
{
	const struct stage_ends *e = st->ends;

	while (e != NULL && e->conn != ev->conn)
		e = e->next;
	if (e != NULL)
		comment(st, ev, carrier_of_reply(ev), e->server, e->client);
	else
		comment(st, ev, LAB_PACKET_NONE, NULL, NULL);
}

void
stage_packet_comment(struct stage *st, const struct event *ev)
{
	if (!st->spec->pcap)
		return;
	if (ev->kind == EV_SMTP_OPEN)
		note_open(st, ev);
	else if (ev->kind == EV_SMTP_CLOSE)
		note_close(st, ev->conn);
	if (ev->rule == NULL)
		return;
	switch (ev->kind) {
	case EV_SYN:
	case EV_DATAGRAM:
		comment(st, ev, LAB_PACKET_NEXT, ev->addr, ev->peer);
		break;
	case EV_DNS_REPLY:
		comment(st, ev, ev->bytes > 0 ? LAB_PACKET_REPLY :
		    LAB_PACKET_LAST, ev->addr, ev->peer);
		break;
	case EV_SMTP_REPLY:
		comment_reply(st, ev);
		break;
	case EV_NETWORK:
		if (strcmp(ev->state, "up") != 0)
			comment(st, ev, LAB_PACKET_NONE, NULL, NULL);
		break;
	case EV_CONNECT_FAILED:
	case EV_MTA:
		comment(st, ev, LAB_PACKET_NONE, NULL, NULL);
		break;
	default:
		/* smtp.rcpt and smtp.close repeat what smtp.reply said. */
		break;
	}
}

void
stage_packets_end(struct stage *st)
{
	while (st->ends != NULL)
		note_close(st, st->ends->conn);
}
