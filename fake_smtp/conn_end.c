/*
 * How connections end, and what TCP knows of the fate of each end-of-data
 * reply by then.
 */
#include "fake_smtp/conn_impl.h"

#include <assert.h>
#include <event2/event.h>
#include <unistd.h>

/* A kernel's ACK does not prove that the client read the reply; it had this
 * long to do so before we broke the connection (requirements 21.1). */
#define READ_GRACE_US	USEC_PER_SEC
/* Nobody loses patience so soon. */
#define HASTE_US	USEC_PER_SEC

void
conn_tell_close(struct conn *c, const char *by, const char *state,
    const char *rule)
{
	struct event ev = { .kind = EV_SMTP_CLOSE };

	if (c->told_close)
		return;
	c->told_close = true;
	if (c->server->c.sink == NULL)
		return;
	ev.host = c->listener->host->host->name;
	ev.conn = (int64_t)c->number;
	ev.by = by;
	ev.state = state;
	ev.rule = rule;
	event_emit(c->server->c.sink, &ev);
}

void
conn_settle(struct conn *c, enum occasion why)
{
	struct fsmtp_txn *t = fsmtp_session_unsettled(c->session), *next;
	struct fsmtp_delivery *d;
	uint64_t acked_to;
	bool sent, acked;
	int unacked;

	if (t == NULL)
		return;
	unacked = transport_unacked(c->fd);
	if (unacked > 0 && c->fin_sent)
		unacked--;	/* the FIN counts as one octet */
	acked_to = unacked < 0 || (uint64_t)unacked > c->written ? 0 :
	    c->written - (uint64_t)unacked;
	for (; t != NULL; t = next) {
		next = fsmtp_txn_next(t);
		d = fsmtp_txn_delivery(t);
		sent = d->replied && d->end > 0 && c->written >= d->end;
		acked = sent && acked_to >= d->end;
		if (sent && why == HEARD)
			d->followed = true;
		/* RFC 5321 section 3.8: a FIN is the 421's own end. */
		if (why == FINISHING && d->farewell)
			continue;
		if ((why == FINISHING || why == RESETTING) && !d->followed &&
		    conn_now_us(c) - d->at_us < READ_GRACE_US)
			acked = false;
		if (why == SILENT && (!acked ||
		    conn_now_us(c) - d->at_us < READ_GRACE_US))
			continue;
		if (why != HEARD || (acked && d->followed))
			fsmtp_txn_settle(c->session, t, sent, acked);
	}
}

static void
on_grace(void *arg)
{
	struct conn *c = arg;

	assert(c->magic == CONN_MAGIC);
	c->grace = NULL;
	conn_settle(c, SILENT);
}

/*
 * A client may keep its session for the next message and say nothing for
 * minutes.  Once it had the time to read the reply the copy is delivered.
 */
void
conn_await_silence(struct conn *c)
{
	struct timers *timers = c->server->c.timers;

	if (c->eof || c->fin_sent ||
	    fsmtp_session_unsettled(c->session) == NULL)
		return;
	timers_cancel(timers, c->grace);
	c->grace = timers_in(timers, READ_GRACE_US, on_grace, c);
}

static void
retire(struct conn *c)
{
	struct fsmtp *f = c->server;

	timers_cancel(f->c.timers, c->delay);
	timers_cancel(f->c.timers, c->idle);
	timers_cancel(f->c.timers, c->grace);
	timers_cancel(f->c.timers, c->unasked);
	c->delay = c->idle = c->grace = c->unasked = NULL;
	event_del(c->readable);
	event_del(c->writable);
	c->fd = -1;
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		f->live = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	c->next = f->idle;
	f->idle = c;
	f->open--;
}

/* The rule whose reply was still to come: it has been met, and unheard. */
static const char *
awaited(const struct conn *c)
{
	return c->busy ? c->cur.rule : NULL;
}

/* The client is gone, or has nothing more to say and all is said. */
void
conn_end_by_client(struct conn *c, const char *state)
{
	fsmtp_session_gone(c->session);
	conn_settle(c, OVER);
	conn_tell_close(c, "client", state, awaited(c));
	close(c->fd);
	retire(c);
}

void
conn_end_by_reset(struct conn *c)
{
	conn_settle(c, RESETTING);
	conn_tell_close(c, "server", "reset", c->then_rule);
	transport_reset(c->fd);
	retire(c);
}

/* FIN; then the client's own end is awaited, and what it still sends lost. */
void
conn_end_by_fin(struct conn *c, const char *state)
{
	if (c->fin_sent)
		return;
	if (!fsmtp_session_quit(c->session))
		conn_settle(c, FINISHING);
	conn_tell_close(c, "server", state, c->then_rule);
	c->io->finish(c->io->ctx, c->fd);
	c->fin_sent = true;
}

/*
 * After the client's FIN the socket stays readable for ever, and only an
 * edge tells of the RST or the last ACK that is still to come.
 */
static void
watch_edges(struct conn *c)
{
	struct event_base *base = c->server->base;
	bool writing = event_pending(c->writable, EV_WRITE, NULL);

	if (c->edges)
		return;
	c->edges = true;
	event_del(c->readable);
	event_del(c->writable);
	event_assign(c->readable, base, c->fd, EV_READ | EV_PERSIST | EV_ET,
	    conn_on_readable, c);
	event_assign(c->writable, base, c->fd, EV_WRITE | EV_ET,
	    conn_on_writable, c);
	event_add(c->readable, NULL);
	if (writing)
		event_add(c->writable, NULL);
}

/*
 * Both sides have said all they had to say.  If an end-of-data reply is still
 * on its way, TCP's answer is awaited: ACK from a client that only closed its
 * half, RST from one that is gone.
 */
void
conn_end_at_eof(struct conn *c)
{
	if (fsmtp_session_unsettled(c->session) == NULL ||
	    transport_unacked(c->fd) <= 0) {
		conn_end_by_client(c, "fin");
		return;
	}
	fsmtp_session_gone(c->session);
	conn_tell_close(c, "client", "fin", awaited(c));
	watch_edges(c);
	if (!c->fin_sent)
		c->io->finish(c->io->ctx, c->fd);
	c->fin_sent = true;
}

/*
 * The client sent QUIT ahead and then its FIN; it still listens, and hears
 * nothing.  How long it does nobody can see: its own close() sends no packet.
 */
static void
hold_silent(struct conn *c)
{
	timers_cancel(c->server->c.timers, c->idle);
	c->idle = NULL;
	conn_settle(c, OVER);
	c->told_close = true;
}

/*
 * RFC 9293 section 3.6: a FIN ends what the client says, not what it hears.
 * A reply under way goes on; the client's patience ended now, though, unless
 * it had said all it has to say.
 */
void
conn_heed_eof(struct conn *c)
{
	bool first = !c->eof;

	c->eof = true;
	watch_edges(c);
	if (transport_broken(c->fd))
		conn_end_by_client(c, "reset");
	else if (c->busy && c->cur.kind == FSMTP_OUT_ENDLESS)
		conn_end_by_client(c, "fin");
	else if (c->busy) {
		if (fsmtp_session_quit_ahead(c->session) &&
		    conn_now_us(c) - c->busy_us <= HASTE_US)
			return;
		fsmtp_session_left_waiting(c->session);
		conn_tell_close(c, "client", "fin", awaited(c));
		/* What it had sent on before it left nobody answers. */
		if (fsmtp_session_quit_ahead(c->session) &&
		    c->cur.txn == NULL)
			conn_end_by_client(c, "fin");
	} else if (fsmtp_session_hushed(c->session,
	    conn_now_us(c) - c->server->origin_us))
		hold_silent(c);
	else if (c->fin_sent)
		conn_end_at_eof(c);
	else if (first)
		conn_pump(c);
}

void
conn_abandon(struct conn *c)
{
	conn_settle(c, OVER);
	close(c->fd);
	retire(c);
}
