/*
 * What was said, word by word: SMTP sessions and DNS questions.  A session
 * that goes like one before it is counted, not repeated.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/names.h"
#include "harness/base/xalloc.h"
#include "harness/report/html/internal.h"

/* More different sessions, or lines, are to be read in the trace. */
#define SESSIONS_MOST	24
#define LOOKUPS_MOST	60
#define SESSION_BYTES	4000

struct talk {
	int64_t		 conn, t_us, last_us;
	struct sbuf	 head, lines;
	size_t		 more;		/* later ones that went like it */
};

struct talks {
	struct talk	*items;
	size_t		 count;
};

static struct talk *
talk_of(struct talks *all, int64_t conn)
{
	for (size_t i = all->count; i > 0; i--)
		if (all->items[i - 1].conn == conn)
			return &all->items[i - 1];
	return NULL;
}

static void
talk_open(struct talks *all, const struct event *ev)
{
	struct talk *t;

	all->items = xreallocarray(all->items, all->count + 1,
	    sizeof *all->items);
	t = &all->items[all->count++];
	memset(t, 0, sizeof *t);
	t->conn = ev->conn;
	t->t_us = t->last_us = ev->t_us;
	html_put(&t->head, "%s %s", ev->host, ev->addr);
}

static void
talk_line(struct talk *t, const struct event *ev)
{
	struct sbuf *b = &t->lines;

	if (b->len > SESSION_BYTES)
		return;
	switch (ev->kind) {
	case EV_SMTP_COMMAND:
		html_put(b, "C: %s", ev->text);
		break;
	case EV_SMTP_REPLY:
		html_put(b, "S: %s", ev->text);
		if (ev->action != NULL)
			html_put(b, " [%s]", ev->action);
		break;
	case EV_SMTP_EOD:
		sbuf_printf(b, "C: (%lld octets of content)",
		    (long long)ev->bytes);
		break;
	case EV_SMTP_CLOSE:
		html_put(b, "   (closed by the %s, %s)", ev->by, ev->state);
		break;
	default:
		return;
	}
	if (ev->rule != NULL)
		html_put(b, "   &lt;- rule %s", ev->rule);
	sbuf_puts(b, b->len > SESSION_BYTES ? "\n(cut)\n" : "\n");
}

/* Numbers that differ from session to session are none of its shape. */
static bool
went_alike(const struct talk *a, const struct talk *b)
{
	return strcmp(sbuf_str(&a->head), sbuf_str(&b->head)) == 0 &&
	    strcmp(sbuf_str(&a->lines), sbuf_str(&b->lines)) == 0;
}

static void
talk_fini(struct talk *t)
{
	sbuf_fini(&t->head);
	sbuf_fini(&t->lines);
}

static void
fold(struct talks *all)
{
	size_t out = 0, k;

	for (size_t i = 0; i < all->count; i++) {
		for (k = 0; k < out; k++)
			if (went_alike(&all->items[k], &all->items[i]))
				break;
		if (k < out) {
			all->items[k].more++;
			all->items[k].last_us = all->items[i].t_us;
			talk_fini(&all->items[i]);
		} else
			all->items[out++] = all->items[i];
	}
	all->count = out;
}

static void
put_talk(struct sbuf *b, const struct talk *t)
{
	struct sbuf clock = { 0 };

	html_time(&clock, t->t_us);
	sbuf_puts(b, "<b>");
	sbuf_add(b, t->head.data, t->head.len);
	html_put(b, "</b> at %s", sbuf_str(&clock));
	if (t->more > 0) {
		sbuf_clear(&clock);
		html_time(&clock, t->last_us);
		html_put(b, ", and %zu more times, the last at %s", t->more,
		    sbuf_str(&clock));
	}
	sbuf_putc(b, '\n');
	if (t->lines.len > 0)
		sbuf_add(b, t->lines.data, t->lines.len);
	sbuf_putc(b, '\n');
	sbuf_fini(&clock);
}

void
html_smtp(struct sbuf *b, const struct report_case *rc)
{
	struct talks all = { .count = 0 };
	struct talk *t;

	for (size_t i = 0; rc->trace != NULL && i < rc->trace->count; i++) {
		const struct event *ev = &rc->trace->events[i];

		if (ev->conn == 0 || ev->t_us < 0)
			continue;
		if (ev->kind == EV_SMTP_OPEN)
			talk_open(&all, ev);
		else if ((t = talk_of(&all, ev->conn)) != NULL)
			talk_line(t, ev);
	}
	fold(&all);
	if (all.count > 0) {
		sbuf_puts(b, "<details><summary>SMTP, word by word"
		    "</summary>\n<pre tabindex=\"0\">");
		for (size_t i = 0; i < all.count && i < SESSIONS_MOST; i++)
			put_talk(b, &all.items[i]);
		if (all.count > SESSIONS_MOST)
			html_put(b, "%zu more sessions are in trace.jsonl\n",
			    all.count - SESSIONS_MOST);
		sbuf_puts(b, "</pre>\n</details>\n");
	}
	for (size_t i = 0; i < all.count; i++)
		talk_fini(&all.items[i]);
	free(all.items);
}

/* A question with its answer, and how often it came. */
struct asked_line {
	const struct event *ev;
	int64_t		 last_us;
	size_t		 more;
};

static bool
same_answer(const struct event *a, const struct event *b)
{
#define SAME(f) (a->f == b->f || same_text(a->f, b->f))
	return SAME(qname) && SAME(qtype) && SAME(transport) && SAME(rcode) &&
	    SAME(action) && SAME(text) && SAME(rule) && SAME(host);
#undef SAME
}

static void
put_asked(struct sbuf *b, const struct asked_line *a)
{
	const struct event *ev = a->ev;
	struct sbuf clock = { 0 };

	html_time(&clock, ev->t_us);
	html_put(b, "%s  %s %s/%s -&gt; %s", sbuf_str(&clock), ev->qname,
	    ev->qtype, ev->transport, ev->rcode != NULL ? ev->rcode :
	    "no reply");
	if (ev->text != NULL && *ev->text != '\0')
		html_put(b, " %s", ev->text);
	if (ev->action != NULL && !same_text(ev->action, "truth"))
		html_put(b, " [%s]", ev->action);
	if (ev->rule != NULL)
		html_put(b, "   &lt;- rule %s", ev->rule);
	if (a->more > 0) {
		sbuf_clear(&clock);
		html_time(&clock, a->last_us);
		html_put(b, "   (and %zu more times, the last at %s)",
		    a->more, sbuf_str(&clock));
	}
	sbuf_putc(b, '\n');
	sbuf_fini(&clock);
}

void
html_dns(struct sbuf *b, const struct report_case *rc)
{
	struct asked_line lines[LOOKUPS_MOST];
	size_t count = 0, left_out = 0, k;

	for (size_t i = 0; rc->trace != NULL && i < rc->trace->count; i++) {
		const struct event *ev = &rc->trace->events[i];

		if (ev->kind != EV_DNS_REPLY || ev->t_us < 0)
			continue;
		for (k = 0; k < count; k++)
			if (same_answer(lines[k].ev, ev))
				break;
		if (k < count) {
			lines[k].more++;
			lines[k].last_us = ev->t_us;
		} else if (count < LOOKUPS_MOST)
			lines[count++] = (struct asked_line){ .ev = ev };
		else
			left_out++;
	}
	if (count == 0)
		return;
	sbuf_puts(b, "<details><summary>DNS, question by question</summary>\n"
	    "<pre tabindex=\"0\">");
	for (size_t i = 0; i < count; i++)
		put_asked(b, &lines[i]);
	if (left_out > 0)
		html_put(b, "%zu more replies are in trace.jsonl\n",
		    left_out);
	sbuf_puts(b, "</pre>\n</details>\n");
}
