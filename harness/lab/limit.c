#include "harness/lab/limit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/timers.h"
#include "harness/base/xalloc.h"

/* More than a window's worth is not kept: the rest is lost until the end. */
enum { EATEN_MAX = 1 << 20 };

void
limit_init(struct limit *l, int64_t now_us, const struct packet *syn)
{
	memset(l, 0, sizeof *l);
	l->set = (struct kernel_limits){
		.syn_retries = KERNEL_SYN_RETRIES,
		.keep_idle_s = KERNEL_KEEP_IDLE_S,
		.keep_interval_s = KERNEL_KEEP_INTERVAL_S,
		.keep_probes = KERNEL_KEEP_PROBES,
	};
	l->asked_us = now_us;
	l->lost_us = l->eaten_us = l->healed_us = TIME_NEVER;
	l->heard_us = now_us;
	l->acked = syn->seq;
	l->next = syn->seq + syn->seg_len;
}

void
limit_eaten_free(struct eaten *e)
{
	for (struct eaten *next; e != NULL; e = next) {
		next = e->next;
		free(e);
	}
}

struct eaten *
limit_take_eaten(struct limit *l)
{
	struct eaten *e = l->eaten;

	l->eaten = NULL;
	l->eaten_octets = 0;
	return e;
}

/* Nothing is to be sent again any more. */
static void
forget_eaten(struct limit *l)
{
	limit_eaten_free(limit_take_eaten(l));
	l->eaten_us = l->healed_us = TIME_NEVER;
	l->again = 0;
}

void
limit_fini(struct limit *l)
{
	forget_eaten(l);
}

void
limit_close(struct limit *l)
{
	forget_eaten(l);
	l->asked_us = l->lost_us = TIME_NEVER;
	l->up = false;
}

static bool
after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static void
note_own(struct limit *l, const struct packet *p)
{
	uint32_t end = p->seq + p->seg_len;

	if (after(end, l->next))
		l->next = end;
	if (p->flags & TCP_ACK)
		l->want = p->ack;
}

void
limit_passes(struct limit *l, int64_t now_us, const struct packet *p,
    bool of_mta)
{
	if (l->eaten != NULL && l->healed_us == TIME_NEVER)
		l->healed_us = now_us;
	if (of_mta) {
		note_own(l, p);
		return;
	}
	l->heard_us = now_us;
	l->probes = 0;
	if (!(p->flags & TCP_ACK))
		return;
	l->asked_us = TIME_NEVER;
	l->up = true;
	if (!after(p->ack, l->acked))
		return;
	l->acked = p->ack;
	if (l->lost_us != TIME_NEVER)
		l->lost_us = after(l->next, l->acked) ? now_us : TIME_NEVER;
}

static void
keep(struct limit *l, const struct packet *p, bool of_mta)
{
	struct eaten **at = &l->eaten, *e;

	if (l->eaten_octets + p->len > EATEN_MAX || (p->flags & TCP_RST))
		return;
	while (*at != NULL)
		at = &(*at)->next;
	e = xmalloc(sizeof *e + p->len);
	e->next = NULL;
	e->of_mta = of_mta;
	e->end = p->seq + p->seg_len;
	e->len = p->len;
	memcpy(e->bytes, p->bytes, p->len);
	*at = e;
	l->eaten_octets += p->len;
}

void
limit_eaten(struct limit *l, int64_t now_us, const struct packet *p,
    bool of_mta)
{
	if (of_mta)
		note_own(l, p);
	if (l->asked_us != TIME_NEVER && of_mta)
		return;			/* the SYN itself */
	keep(l, p, of_mta);
	if (l->eaten_us == TIME_NEVER)
		l->eaten_us = now_us;
	if (l->up && l->lost_us == TIME_NEVER && after(l->next, l->acked))
		l->lost_us = now_us;
}

bool
limit_is_repeat(const struct limit *l, const struct packet *p, bool of_mta)
{
	uint32_t end = p->seq + p->seg_len;

	if (p->seg_len == 0 || (p->flags & TCP_RST))
		return false;
	for (const struct eaten *e = l->eaten; e != NULL; e = e->next)
		if (e->of_mta == of_mta && !after(end, e->end))
			return true;
	return false;
}

static int64_t
again_due(const struct limit *l)
{
	if (l->eaten == NULL || l->healed_us != TIME_NEVER)
		return l->healed_us;
	return l->eaten_us + kernel_backoff_us(KERNEL_RTO_MIN_US,
	    l->again + 1);
}

static int64_t
keepalive_due(const struct limit *l)
{
	if (l->set.keepalive == 0 || !l->up || l->lost_us != TIME_NEVER)
		return TIME_NEVER;
	return l->heard_us + (l->set.keep_idle_s + (int64_t)l->probes *
	    l->set.keep_interval_s) * USEC_PER_SEC;
}

/* The end of all hope. */
static int64_t
over_due(const struct limit *l)
{
	if (l->asked_us != TIME_NEVER)
		return l->asked_us + kernel_syn_us(&l->set);
	if (l->lost_us != TIME_NEVER)
		return l->lost_us + kernel_data_us(&l->set);
	return TIME_NEVER;
}

int64_t
limit_due(const struct limit *l)
{
	int64_t due = over_due(l), again = again_due(l);
	int64_t alive = keepalive_due(l);

	if (again < due)
		due = again;
	return alive < due ? alive : due;
}

static bool
probes_are_over(const struct limit *l, int64_t now_us)
{
	if (l->set.user_timeout_ms > 0)
		return l->probes > 0 && now_us - l->heard_us >=
		    (int64_t)l->set.user_timeout_ms * 1000;
	return l->probes >= l->set.keep_probes;
}

enum limit_act
limit_act(const struct limit *l, int64_t now_us)
{
	if (over_due(l) <= now_us)
		return LIMIT_OVER;
	if (again_due(l) <= now_us)
		return LIMIT_AGAIN;
	if (keepalive_due(l) <= now_us)
		return probes_are_over(l, now_us) ? LIMIT_OVER : LIMIT_PROBE;
	return LIMIT_WAIT;
}

/* The other end gives up as well; it is silent then, nothing more. */
void
limit_sent_again(struct limit *l)
{
	l->healed_us = TIME_NEVER;
	if (l->eaten == NULL || ++l->again > KERNEL_RETRIES2)
		forget_eaten(l);
}

void
limit_probed(struct limit *l, int64_t now_us, bool answered)
{
	if (answered) {
		l->heard_us = now_us;
		l->probes = 0;
	} else
		l->probes++;
}
