/*
 * The trace: an append-only list of typed events, the only thing the judge
 * and the reports ever see.  On disk it is JSON Lines, one event a line,
 * fields that say nothing left out; trace/README in docs/trace.md.
 *
 * One struct serves all kinds: which fields a kind uses is said in EVENTS.
 * Strings are borrowed by event_emit() and owned by the trace (its arena)
 * when read back; NULL means "not said", as does 0 for a number unless the
 * kind's comment says otherwise.
 */
#ifndef MXD_BASE_EVENT_H
#define MXD_BASE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct sbuf;

#define TRACE_VERSION	1

/*
 * X(symbol, "name", "what it is and which fields it has besides t, seq")
 *
 * host   the scenario's name of a server; addr its IP address
 * peer   the other end, "IP:port"
 * conn   connection number, unique in the run, from 1
 * rule   id ("LINE:COL") of the scenario rule that decided
 * msg    key of a scenario message ("m1"), recipients as in the scenario
 */
#define EVENTS(X)							\
	X(RUN_START, "run.start", "scenario in name, MTA in mta, seed in num, epoch in text")	\
	X(RUN_END, "run.end", "text: why it ended (horizon, settled, error)")	\
	X(HARNESS_FAULT, "harness.fault", "text: what the harness could not do")\
	X(MTA, "mta", "verb: start, ready, stop, kill, restart, exit, kick; num exit status or signal, state (signal: of a process), text its program, rule") \
	X(NETWORK, "network", "state switched: host (or link), state, rule")	\
	X(INJECT, "inject", "submission reply: msg, from, rcpt, stage (mail, rcpt, data, eod, connect), code, text") \
	X(DNS_QUERY, "dns.query", "host resolver, addr, peer, transport, qname, qtype, num query id") \
	X(DNS_REPLY, "dns.reply", "as dns.query, plus action, rcode, text summary, rule") \
	X(SYN, "net.syn", "host, addr, peer, state (open, refuse, reset, blackhole, icmp ...), num contact, rule; conn if open") \
	X(DATAGRAM, "net.datagram", "UDP that the network ate: addr, peer, state, rule") \
	X(CONNECT_FAILED, "net.connect-failed", "connect() of an MTA process failed at once without a packet: addr, state errno name, text program, rule if the scenario's network rule explains it") \
	X(SMTP_OPEN, "smtp.open", "host, addr, peer, conn, num contact")	\
	X(SMTP_COMMAND, "smtp.command", "host, conn, stage, text as received; msg if a MAIL tells it")	\
	X(SMTP_REPLY, "smtp.reply", "host, conn, stage, code, text, rule; action if it was not a reply") \
	X(SMTP_RCPT, "smtp.rcpt", "a RCPT was answered: host, conn, from, rcpt, code, msg, rule") \
	X(SMTP_EOD, "smtp.eod", "end of data seen: host, addr, conn, from, msg, bytes, stored, rcpt none") \
	X(SMTP_COPY, "smtp.copy", "fate of one recipient of a finished transaction: host, addr, conn, from, rcpt, msg, code (0 none), acked, stored, hash (ok or bad), text: where the content differs and how, or, with ok, to what it was converted") \
	X(SMTP_VIOLATION, "smtp.violation", "the client broke the protocol: host, conn, name of the requirement, text") \
	X(SMTP_CLOSE, "smtp.close", "host, conn, by (client, server), state (fin, reset, timeout), rule (that closed it, or whose reply the client did not await)") \
	X(DSN, "dsn", "a report reached an MX, one event a recipient: conn, msg, rcpt (Final-Recipient), orcpt (Original-Recipient), to (envelope), from, action, status, text diagnostic, remote and reporter MTA, envid, full (content returned), ok well-formed, defect and its clause, file") \
	X(DEFECT, "dsn.defect", "one of a report's defects: conn, msg, clause, text, ok NO if it breaks a MUST") \
	X(STRAY, "stray", "mail no message of this run: host, conn, from, to, text subject") \
	X(QUEUE, "queue", "adapter's queue reading: msg, rcpt if known, state yes no unknown; of a report about msg: from empty, to") \
	X(FLAG, "flag", "an observation the runner alone can make: name, text")

enum event_kind {
#define X(sym, name, help) EV_##sym,
	EVENTS(X)
#undef X
	EV_COUNT
};

/* X(field): strings. */
#define EVENT_STRINGS(X)						\
	X(name) X(mta) X(verb) X(host) X(addr) X(peer) X(msg) X(from) X(rcpt)\
	X(to) X(stage) X(qname) X(qtype) X(transport) X(action) X(rcode)\
	X(state) X(by) X(status) X(defect) X(clause) X(hash) X(rule) X(text)\
	X(orcpt) X(remote) X(reporter) X(envid) X(file)
/* X(field): numbers. */
#define EVENT_NUMBERS(X)						\
	X(conn) X(code) X(num) X(bytes)
/* X(field): tri-state truth: 0 not said, 1 yes, -1 no. */
#define EVENT_TRUTHS(X)							\
	X(ok) X(stored) X(acked) X(full)

struct event {
	enum event_kind	 kind;
	int64_t		 t_us;		/* virtual time */
	uint64_t	 seq;		/* place in the total order, from 1 */
#define X(f) const char *f;
	EVENT_STRINGS(X)
#undef X
#define X(f) int64_t f;
	EVENT_NUMBERS(X)
#undef X
#define X(f) int8_t f;
	EVENT_TRUTHS(X)
#undef X
};

#define YES	1
#define NO	(-1)

/* Where the actors send their events; the sink stamps t_us and seq. */
struct event_sink {
	void	(*emit)(void *ctx, struct event *);
	void	*ctx;
};

static inline void
event_emit(const struct event_sink *sink, struct event *ev)
{
	if (sink != NULL && sink->emit != NULL)
		sink->emit(sink->ctx, ev);
}

const char *event_name(enum event_kind);
const char *event_help(enum event_kind);
bool	 event_kind_parse(const char *name, enum event_kind *);

/* Adds one line of JSON without the newline. */
void	 event_to_json(const struct event *, struct sbuf *);

/*
 * A whole trace in memory, in order.  A pointer to an event stays good until
 * trace_fini(), though the array moves as it grows.
 */
struct trace {
	struct arena	*arena;		/* their strings */
	struct event	*events;
	size_t		 count, room;
};

/*
 * Reads a stored trace.  False: `error` (fresh memory, free(3)) says what
 * and on which line.  A trace cut short by a killed run reads up to the last
 * whole line and sets *truncated.
 */
bool	 trace_read(struct trace *, const char *path, bool *truncated,
	    char **error);
void	 trace_init(struct trace *);
/* Room for so many events, all told: what is known need not grow. */
void	 trace_reserve(struct trace *, size_t count);
/* Copies the event and its strings; numbers seq on from the last one. */
const struct event *trace_add(struct trace *, const struct event *);
void	 trace_fini(struct trace *);

#endif
