/*
 * Telling senders: a report is stored first, then its subject says so; the
 * queue makes that pair safe against a crash between (queue.h).
 */
#include "reference_impl/engine.h"

#include "harness/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static struct message *
make_report(struct engine *e, const struct dsn *d, const char *to)
{
	const struct message *m = d->subject;
	struct message *r = message_new("");
	struct sbuf covers = { 0 };

	message_add_rcpt(r, to);
	text_set(&r->rcpts[0].notify, "NEVER");	/* RFC 3461 6.1 */
	r->arrival_us = d->now_us;
	r->rcpts[0].next_us = plan_queue_run(d->now_us,
	    e->config->policy.queue_run_us);
	if (HAS_BUG(&e->config->bugs, REPORT_LATE))
		r->rcpts[0].next_us += e->config->policy.life_us;
	for (const char *p = to; *p != '\0'; p++)
		if ((unsigned char)*p > 127)
			r->utf8 = true;
	snprintf(r->id, sizeof r->id, "%.34s.%d", m->id, m->reports + 1);
	if (d->action != DSN_RELAYED &&
	    !HAS_BUG(&e->config->bugs, BOUNCE_TWICE)) {
		for (size_t i = 0; i < d->count; i++)
			sbuf_printf(&covers, "%zu ", d->rcpts[i]);
		text_set(&r->parent, m->id);
		r->parent_seq = m->reports + 1;
		r->parent_delay = d->action == DSN_DELAYED;
		r->covers = sbuf_steal(&covers);
	}
	return r;
}

/* Stores a report.  False: the disk would not have it. */
static bool
send_report(struct engine *e, struct dsn *d)
{
	struct message *m = (struct message *)d->subject, *r;
	struct sbuf to = { 0 }, text = { 0 }, content = { 0 };
	bool ok = true;

	if (!queue_content(&e->queue, m, &content))
		sbuf_clear(&content);
	d->content = sbuf_str(&content);
	d->len = content.len;
	d->hostname = e->config->policy.hostname;
	d->now_us = now_us();
	d->bugs = &e->config->bugs;
	d->ways = &e->config->ways;
	dsn_address(d, &to);
	if (to.len > 0) {
		r = make_report(e, d, sbuf_str(&to));
		dsn_write(d, &text);
		ok = queue_store(&e->queue, r, sbuf_str(&text), text.len,
		    d->now_us);
		if (ok) {
			m->reports++;
			engine_add(e, r);
		} else
			message_free(r);
	}
	if (d->action == DSN_FAILED && (to.len > 0 ?
	    ok && HAS_WAY(d->ways, POSTMASTER_COPY) :
	    HAS_WAY(d->ways, DOUBLE_BOUNCE_NOTICE)))
		postmaster_tell(e, d);
	sbuf_fini(&to);
	sbuf_fini(&text);
	sbuf_fini(&content);
	return ok;
}

void
engine_report(struct engine *e, struct message *m, const size_t *rcpts,
    size_t count, enum dsn_action action, bool expired, int64_t until_us)
{
	if (action == DSN_FAILED && report_hold(e, m, rcpts, count, expired))
		return;
	engine_report_now(e, m, rcpts, count, action, expired, until_us);
}

static void
report_once(struct engine *e, struct message *m, const size_t *rcpts,
    size_t count, enum dsn_action action, bool expired, int64_t until_us)
{
	const struct bugs *bugs = &e->config->bugs;
	size_t *wanted = xcalloc(m->count + 1, sizeof *wanted);
	struct dsn d = { .action = action, .subject = m, .rcpts = wanted,
		.expired = expired, .until_us = until_us };
	bool told = true, others = message_pending(m) > count;

	for (size_t i = 0; i < count; i++)
		if (dsn_wanted(&m->rcpts[rcpts[i]], action, bugs))
			wanted[d.count++] = rcpts[i];
	if (d.count > 0 && HAS_BUG(bugs, REPORT_NAMES_ALL))
		for (d.count = 0; d.count < m->count; d.count++)
			wanted[d.count] = d.count;
	if (d.count > 0 && !(action == DSN_FAILED && (HAS_BUG(bugs, NO_DSN) ||
	    (expired && HAS_BUG(bugs, EXPIRES_SILENTLY)))))
		told = send_report(e, &d) && (action != DSN_FAILED ||
		    !HAS_BUG(bugs, REPORTED_TWICE) || send_report(e, &d));
	for (size_t i = 0; told && i < count; i++) {
		struct rcpt *r = &m->rcpts[rcpts[i]];

		if (action == DSN_DELAYED)
			r->warned = true;
		else if (action == DSN_FAILED && !(others &&
		    HAS_BUG(bugs, REPORTS_EACH_RUN)))
			r->state = RCPT_FAILED;
		if (action == DSN_FAILED)
			fprintf(stderr, "%s: <%s> failed: %s %s\n", m->id,
			    r->addr, r->status, r->diag ? r->diag : "");
	}
	if (told && !(action == DSN_FAILED && HAS_BUG(bugs, BOUNCE_TWICE)))
		queue_save(&e->queue, m);
	free(wanted);
}

void
engine_report_now(struct engine *e, struct message *m, const size_t *rcpts,
    size_t count, enum dsn_action action, bool expired, int64_t until_us)
{
	size_t most = HAS_WAY(&e->config->ways, REPORT_EACH) ? 1 : count;

	for (size_t i = 0; i < count; i += most)
		report_once(e, m, rcpts + i, most, action, expired, until_us);
}
