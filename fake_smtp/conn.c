/* One connection: carries a session's outputs to the socket, in their time. */
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_smtp/conn_impl.h"
#include "harness/base/xalloc.h"

#define IDLE_US		(300 * USEC_PER_SEC)	/* RFC 5321 4.5.3.2.7 */
/* An endless reply is paced: at full speed the lab would never be quiet and
 * the client's timeout never come. */
#define ENDLESS_PACE_US	(USEC_PER_SEC / 10)
#define OUT_MOST	65536	/* more waits until TCP has taken it */

struct conn *
conn_next(const struct conn *c)
{
	return c->next;
}

void
conn_uncount(struct conn *c)
{
	fsmtp_session_uncount(c->session);
}

void
conn_free(struct conn *c)
{
	fsmtp_session_free(c->session);
	event_free(c->readable);
	event_free(c->writable);
	sbuf_fini(&c->out);
	free(c);
}

/* False: the connection is gone or waits to be writable. */
static bool
flush(struct conn *c)
{
	bool last = c->then == FSMTP_THEN_CLOSE &&
	    fsmtp_session_quit(c->session);
	ssize_t n;

	while (c->out_pos < c->out.len) {
		n = c->io->write(c->io->ctx, c->fd, c->out.data + c->out_pos,
		    c->out.len - c->out_pos, last);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			event_add(c->writable, NULL);
			return false;
		}
		if (n < 0) {
			conn_end_by_client(c, "reset");
			return false;
		}
		c->out_pos += (size_t)n;
		c->written += (uint64_t)n;
	}
	sbuf_clear(&c->out);
	c->out_pos = 0;
	return true;
}

/* The whole of the output is in `out`; what follows from that. */
static void
carried(struct conn *c)
{
	struct fsmtp_delivery *d;

	if (c->cur.txn != NULL) {
		d = fsmtp_txn_delivery(c->cur.txn);
		d->end = c->written + c->out.len - c->out_pos;
		d->at_us = conn_now_us(c);
	}
	c->busy = false;
	if (c->cur.kind == FSMTP_OUT_RESET)
		c->then = FSMTP_THEN_RESET;
	else if (c->cur.kind == FSMTP_OUT_CLOSE)
		c->then = FSMTP_THEN_CLOSE;
	else
		c->then = c->cur.then;
	c->then_rule = c->cur.rule;
	fsmtp_session_sent(c->session);
}

static void
on_drip(void *arg)
{
	struct conn *c = arg;

	assert(c->magic == CONN_MAGIC);
	c->delay = NULL;
	c->active_us = conn_now_us(c);
	if (c->out.len > c->out_pos) {
		/* The client does not read: try again a drop later. */
		c->delay = timers_in(c->server->c.timers, c->cur.drip_us,
		    on_drip, c);
		return;
	}
	sbuf_putc(&c->out, c->cur.bytes[c->cur_pos++]);
	if (c->cur_pos == c->cur.len) {
		if (c->cur.kind != FSMTP_OUT_ENDLESS) {
			carried(c);
			conn_pump(c);
			return;
		}
		c->cur_pos = 0;
	}
	c->delay = timers_in(c->server->c.timers, c->cur.drip_us, on_drip, c);
	flush(c);
}

/* The next piece of a reply, and after a pause the one behind it. */
static void
on_piece(void *arg)
{
	struct conn *c = arg;
	size_t n;

	assert(c->magic == CONN_MAGIC);
	c->delay = NULL;
	c->active_us = conn_now_us(c);
	n = c->cur.len - c->cur_pos;
	if (c->cur_piece < c->cur.piece_count &&
	    c->cur.pieces[c->cur_piece] < n)
		n = c->cur.pieces[c->cur_piece];
	c->cur_piece++;
	sbuf_add(&c->out, c->cur.bytes + c->cur_pos, n);
	c->cur_pos += n;
	if (c->cur_pos == c->cur.len) {
		carried(c);
		conn_pump(c);
		return;
	}
	c->delay = timers_in(c->server->c.timers, c->cur.pause_us, on_piece,
	    c);
	flush(c);
}

static void
on_endless(void *arg)
{
	struct conn *c = arg;

	assert(c->magic == CONN_MAGIC);
	c->active_us = conn_now_us(c);
	if (c->out.len == c->out_pos)
		sbuf_add(&c->out, c->cur.bytes, c->cur.len);
	c->delay = timers_in(c->server->c.timers, ENDLESS_PACE_US, on_endless,
	    c);
	flush(c);
}

/* The delay, if any, is over. */
static void
carry(struct conn *c)
{
	if (c->cur.kind == FSMTP_OUT_ENDLESS) {
		fsmtp_session_sent(c->session);
		c->cur_pos = 0;
		if (c->cur.drip_us > 0)
			on_drip(c);
		else
			on_endless(c);
	} else if (c->cur.kind == FSMTP_OUT_SEND && c->cur.drip_us > 0 &&
	    c->cur.len > 0) {
		c->busy = true;
		c->cur_pos = 0;
		on_drip(c);
	} else if (c->cur.kind == FSMTP_OUT_SEND && c->cur.piece_count > 0 &&
	    c->cur.len > 0) {
		c->busy = true;
		c->cur_pos = c->cur_piece = 0;
		on_piece(c);
	} else {
		if (c->cur.kind == FSMTP_OUT_SEND)
			sbuf_add(&c->out, c->cur.bytes, c->cur.len);
		carried(c);
	}
}

static void
on_delay(void *arg)
{
	struct conn *c = arg;

	assert(c->magic == CONN_MAGIC);
	c->delay = NULL;
	c->active_us = conn_now_us(c);
	c->busy = false;
	carry(c);
	if (c->fd >= 0 && c->delay == NULL)
		conn_pump(c);
}

/* False: nothing to be said now, or something that takes its time. */
static bool
say_next(struct conn *c)
{
	int64_t origin = c->server->origin_us;

	if (c->busy || c->then != FSMTP_THEN_NOTHING ||
	    !fsmtp_session_next(c->session, conn_now_us(c) - origin, &c->cur))
		return false;
	c->busy_us = conn_now_us(c);
	if (c->cur.delay_us > 0) {
		c->busy = true;
		c->delay = timers_in(c->server->c.timers, c->cur.delay_us,
		    on_delay, c);
		return false;
	}
	if (c->cur.kind == FSMTP_OUT_ENDLESS || c->cur.drip_us > 0 ||
	    c->cur.piece_count > 0) {
		c->busy = true;
		flush(c);
		if (c->fd >= 0)
			carry(c);
		return false;
	}
	carry(c);
	return true;
}

/* The client has kept silent for as long as a rule says. */
static void
on_unasked(void *arg)
{
	struct conn *c = arg;

	assert(c->magic == CONN_MAGIC);
	c->unasked = NULL;
	fsmtp_session_unasked(c->session);
	conn_pump(c);
}

/* Is the client, which has been answered, to hear more if it is silent? */
static void
await_idle(struct conn *c)
{
	int64_t in_us;

	if (c->idle_asked || c->busy || c->eof || c->fin_sent)
		return;
	c->idle_asked = true;
	in_us = fsmtp_session_idle(c->session, conn_now_us(c) -
	    c->server->origin_us);
	if (in_us >= 0)
		c->unasked = timers_in(c->server->c.timers, in_us, on_unasked,
		    c);
}

/* Answers all that can be answered now, in few writes. */
void
conn_pump(struct conn *c)
{
	bool more;

	do {
		while ((more = say_next(c)) && c->out.len - c->out_pos <
		    OUT_MOST)
			;
		if (c->fd < 0 || !flush(c))
			return;
	} while (more);
	if (c->then == FSMTP_THEN_RESET)
		conn_end_by_reset(c);
	else if (c->then == FSMTP_THEN_CLOSE)
		conn_end_by_fin(c, "fin");
	if (c->fd >= 0 && c->eof && !c->busy)
		conn_end_at_eof(c);
	if (c->fd >= 0) {
		conn_await_silence(c);
		await_idle(c);
	}
}

void
conn_on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	(void)what;
	assert(c->magic == CONN_MAGIC);
	if (c->busy)
		flush(c);
	else
		conn_pump(c);
}

void
conn_on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	static char buf[65536];		/* one event loop, one thread */
	ssize_t n;

	(void)what;
	assert(c->magic == CONN_MAGIC);
	n = c->io->read(c->io->ctx, fd, buf, sizeof buf);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		conn_end_by_client(c, "reset");
		return;
	}
	if (n == 0) {
		conn_heed_eof(c);
		return;
	}
	c->active_us = conn_now_us(c);
	timers_cancel(c->server->c.timers, c->unasked);
	c->unasked = NULL;
	c->idle_asked = false;
	conn_settle(c, HEARD);
	fsmtp_session_input(c->session, buf, (size_t)n);
	if (!c->busy)
		conn_pump(c);
}

static void
on_idle(void *arg)
{
	struct conn *c = arg;
	int64_t due = c->active_us + IDLE_US;

	assert(c->magic == CONN_MAGIC);
	c->idle = NULL;
	if (due <= conn_now_us(c) && c->fin_sent) {
		conn_end_by_client(c, "timeout");
		return;
	}
	if (due <= conn_now_us(c)) {
		/* A rule holds the session up: the client's timeout is what
		 * is under test, not ours. */
		if (c->busy || fsmtp_session_stalled(c->session))
			due = conn_now_us(c) + IDLE_US;
		else {
			fsmtp_session_timeout(c->session);
			c->idle = timers_in(c->server->c.timers, IDLE_US,
			    on_idle, c);
			c->active_us = conn_now_us(c);
			conn_tell_close(c, "server", "timeout", NULL);
			conn_pump(c);
			return;
		}
	}
	c->idle = timers_at(c->server->c.timers, due, on_idle, c);
}

static void
tell_open(struct conn *c, const struct addr *client, uint32_t contact)
{
	struct event ev = { .kind = EV_SMTP_OPEN };
	char addr[ADDR_STRLEN], peer[ADDR_STRLEN];
	struct addr ip = c->listener->addr;

	if (c->server->c.sink == NULL)
		return;
	ip.port = 0;
	ev.host = c->listener->host->host->name;
	ev.addr = addr_format(&ip, addr);
	ev.peer = addr_format(client, peer);
	ev.conn = (int64_t)c->number;
	ev.num = contact;
	event_emit(c->server->c.sink, &ev);
}

static struct conn *
conn_take(struct fsmtp *f, int fd)
{
	struct conn *c = f->idle, old;

	if (c == NULL) {
		c = xcalloc(1, sizeof *c);
		c->session = fsmtp_session_new();
		c->readable = event_new(f->base, fd, EV_READ | EV_PERSIST,
		    conn_on_readable, c);
		c->writable = event_new(f->base, fd, EV_WRITE,
		    conn_on_writable, c);
		return c;
	}
	f->idle = c->next;
	old = *c;
	memset(c, 0, sizeof *c);
	c->session = old.session;
	c->readable = old.readable;
	c->writable = old.writable;
	c->out = old.out;
	sbuf_clear(&c->out);
	event_assign(c->readable, f->base, fd, EV_READ | EV_PERSIST,
	    conn_on_readable, c);
	event_assign(c->writable, f->base, fd, EV_WRITE, conn_on_writable, c);
	return c;
}

void
conn_open(struct fsmtp *f, struct listener *l, int fd,
    const struct addr *client, const struct syn *syn)
{
	struct conn *c = conn_take(f, fd);
	struct fsmtp_session_config sc = {
		.host = l->host->host,
		.greys = l->host->greys,
		.server = l->addr,
		.client = *client,
		.contact = syn->contact,
		.connect = syn->connect,
		.connect_rule = syn->rule,
		.sink = f->c.sink,
		.on_message = f->c.on_message,
		.ctx = f->c.ctx,
	};

	c->magic = CONN_MAGIC;
	c->server = f;
	c->listener = l;
	c->io = &transport_tcp;
	c->fd = fd;
	c->number = sc.conn = ++f->conns;
	c->active_us = conn_now_us(c);
	c->next = f->live;
	if (f->live != NULL)
		f->live->prev = c;
	f->live = c;
	f->open++;
	tell_open(c, client, syn->contact);
	fsmtp_session_open(c->session, &sc);
	event_add(c->readable, NULL);
	c->idle = timers_in(f->c.timers, IDLE_US, on_idle, c);
	conn_pump(c);
}
