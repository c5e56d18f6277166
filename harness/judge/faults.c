#include "harness/judge/faults.h"

#include "harness/base/arena.h"

static bool
is_counted(const struct scenario *s, const char *id)
{
	for (size_t i = 0; i < s->dns_count; i++)
		if (same_text(s->dns[i].rule.id, id))
			return s->dns[i].rule.phase.first > 0;
	for (size_t i = 0; i < s->network_count; i++)
		if (same_text(s->network[i].rule.id, id))
			return s->network[i].rule.phase.first > 0;
	/* A greylist begins when it is met, for each recipient anew. */
	for (size_t h = 0; h < s->host_count; h++)
		if (same_text(s->hosts[h].greylist.rule.id, id))
			return true;
	for (size_t h = 0; h < s->host_count; h++)
		for (size_t i = 0; i < s->hosts[h].rule_count; i++)
			if (same_text(s->hosts[h].rules[i].rule.id, id))
				return s->hosts[h].rules[i].rule.phase.first >
				    0;
	return false;
}

static void
add(struct ledger *l, const struct event *ev)
{
	struct met *m = arena_push(l->arena, &l->met, &l->met_count,
	    sizeof *m);

	m->seq = ev->seq;
	m->t_us = ev->t_us;
	m->conn = ev->conn;
}

void
faults_take(struct ledger *l, const struct event *ev)
{
	const struct met *last = l->met_count > 0 ?
	    &l->met[l->met_count - 1] : NULL;

	/* Silence lasts as long as the connection. */
	if (ev->kind == EV_SMTP_CLOSE && last != NULL && ev->conn > 0 &&
	    last->conn == ev->conn)
		add(l, ev);
	else if (ev->rule != NULL && ev->kind != EV_FLAG &&
	    is_counted(l->scenario, ev->rule))
		add(l, ev);
}

int64_t
faults_last(const struct ledger *l, const struct event *before)
{
	size_t low = 0, high = l->met_count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (l->met[mid].seq < before->seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 ? l->met[low - 1].t_us : 0;
}
