#include "reference_impl/engine.h"

#include "harness/base/xalloc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

/* One message and one of its domains: the unit of delivery and retry. */
struct job {
	struct engine	*engine;
	struct job	*next;
	struct message	*message;
	char		*domain;
	size_t		*rcpts;		/* indices into the message's */
	size_t		 count;
	struct event	*timer;
	bool		 waiting;	/* due, but no slot is free */
	bool		 running;	/* a cycle is under way */
	/* this cycle */
	uint64_t	 seed;
	struct fact	*facts;
	size_t		 fact_count;
	struct try	*tries;
	size_t		 try_count;
	struct sbuf	 content;
	struct session_rcpt *offers;	/* one for each of offer_rcpts */
	size_t		*offer_rcpts;
	size_t		 offer_count;
	char		 last_host[NAME_SIZE];
	char		 literal[ADDR_STRLEN + 8];	/* for EHLO */
};

static void job_schedule(struct job *);
static void job_step(struct job *);

int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* --- hosts found dead moments ago ------------------------------------ */

static bool
host_is_dead(struct engine *e, const struct addr *a)
{
	int64_t now = now_us();

	if (HAS_BUG(&e->config->bugs, HOL_BLOCKING))
		return false;
	for (size_t i = 0; i < e->dead_count; i++)
		if (addr_same_ip(&e->dead[i].addr, a) &&
		    (now < e->dead[i].until_us ||
		    HAS_BUG(&e->config->bugs, HOST_CACHE)))
			return true;
	return false;
}

static void
remember_dead(struct engine *e, const struct addr *a)
{
	int64_t now = now_us();
	bool forgets = !HAS_BUG(&e->config->bugs, LONG_DEAD_BOUNCES);
	size_t i;

	for (i = 0; i < e->dead_count; i++)
		if (addr_same_ip(&e->dead[i].addr, a) ||
		    (forgets && e->dead[i].until_us <= now))
			break;
	if (i == e->dead_count) {
		e->dead = xreallocarray(e->dead, ++e->dead_count,
		    sizeof *e->dead);
		memset(&e->dead[i], 0, sizeof *e->dead);
	}
	if (!addr_same_ip(&e->dead[i].addr, a))
		e->dead[i].since_us = now;
	e->dead[i].addr = *a;
	e->dead[i].until_us = now + e->config->host_cache_us;
}

/* For one bug: dead for as long as mail is kept. */
static bool
host_is_long_dead(const struct engine *e, const struct addr *a)
{
	int64_t least = now_us() - e->config->policy.life_us;

	if (!HAS_BUG(&e->config->bugs, LONG_DEAD_BOUNCES))
		return false;
	for (size_t i = 0; i < e->dead_count; i++)
		if (addr_same_ip(&e->dead[i].addr, a))
			return e->dead[i].since_us <= least;
	return false;
}

static void
host_is_alive(struct engine *e, const struct addr *a)
{
	for (size_t i = 0; i < e->dead_count; i++)
		if (addr_same_ip(&e->dead[i].addr, a))
			e->dead[i] = e->dead[--e->dead_count];
}

/* --- the life of a job ----------------------------------------------- */

static struct rcpt *
job_rcpt(const struct job *j, size_t i)
{
	return &j->message->rcpts[j->rcpts[i]];
}

static size_t
job_pending(const struct job *j)
{
	size_t n = 0;

	for (size_t i = 0; i < j->count; i++)
		n += job_rcpt(j, i)->state == RCPT_PENDING;
	return n;
}

static struct rcpt *
job_first(const struct job *j)
{
	for (size_t i = 0; i < j->count; i++)
		if (job_rcpt(j, i)->state == RCPT_PENDING)
			return job_rcpt(j, i);
	return NULL;
}

static void
clear_cycle(struct job *j, bool facts_too)
{
	for (size_t i = 0; facts_too && i < j->fact_count; i++)
		free(j->facts[i].rrs);
	if (facts_too) {
		free(j->facts);
		j->facts = NULL;
		j->fact_count = 0;
	}
	free(j->tries);
	j->tries = NULL;
	j->try_count = 0;
	sbuf_fini(&j->content);
	free(j->offers);
	free(j->offer_rcpts);
	j->offers = NULL;
	j->offer_rcpts = NULL;
}

static void
job_free(struct job *j)
{
	clear_cycle(j, true);
	event_free(j->timer);
	free(j->domain);
	free(j->rcpts);
	free(j);
}

static int
running_to(const struct engine *e, const char *domain)
{
	int n = 0;

	for (const struct job *j = e->jobs; j != NULL; j = j->next)
		n += j->running && strcasecmp(j->domain, domain) == 0;
	return n;
}

static void
start_cycle(struct job *j)
{
	struct engine *e = j->engine;

	j->waiting = false;
	j->running = true;
	e->running++;
	if (HAS_BUG(&e->config->bugs, TAKEN_LOST)) {
		j->message->taken = true;
		queue_save(&e->queue, j->message);
	}
	j->seed = rng_next(&e->rng);
	job_step(j);
}

static bool
slot_is_free(const struct engine *e, const char *domain)
{
	int limit = HAS_BUG(&e->config->bugs, HOL_BLOCKING) ? 1
	    : e->config->job_limit;

	return e->running < limit &&
	    running_to(e, domain) < e->config->domain_limit;
}

/* Gives the slot of an ended cycle to one that waits for it. */
static void
release_slot(struct job *j)
{
	struct engine *e = j->engine;
	struct job *next = NULL;

	j->running = false;
	e->running--;
	for (struct job *o = e->jobs; o != NULL; o = o->next) {
		if (!o->waiting || !slot_is_free(e, o->domain))
			continue;
		next = o;
		if (!HAS_WAY(&e->config->ways, NEWEST_FIRST))
			break;
	}
	if (next != NULL) {
		next->waiting = false;
		event_active(next->timer, EV_TIMEOUT, 1);
	}
}

static void
job_end(struct job *j)
{
	struct engine *e = j->engine;
	struct message *m = j->message;

	release_slot(j);
	for (struct job **p = &e->jobs; *p != NULL; p = &(*p)->next) {
		if (*p == j) {
			*p = j->next;
			break;
		}
	}
	job_free(j);
	if (message_open(m) == 0 && !HAS_BUG(&e->config->bugs,
	    DELIVERED_STAYS) && !(HAS_BUG(&e->config->bugs,
	    BOUNCE_TWICE) && m->reports > 0))
		queue_remove(&e->queue, m);
}

/* What the sender will read if it comes to that. */
static void
set_cause(struct rcpt *r, const char *status, int code, const char *text,
    const char *remote)
{
	snprintf(r->status, sizeof r->status, "%.11s", status);
	text_set(&r->diag, text);
	text_set(&r->remote, remote);
	r->code = code;
	r->tried_us = now_us();
}

/* The planner's cause replaces a host's only where no host was asked. */
static void
note_cause(struct job *j, const struct plan *p)
{
	for (size_t i = 0; i < j->count; i++) {
		struct rcpt *r = job_rcpt(j, i);

		if (r->state == RCPT_PENDING &&
		    (p->cause != CAUSE_HOST || r->status[0] == '\0') &&
		    p->cause != CAUSE_NONE)
			set_cause(r, p->status, 0, p->reason, NULL);
	}
}

/* A refusal for good has a code of class 5, whoever is to blame. */
static void
make_permanent(struct rcpt *r)
{
	if (r->code / 100 == 5 && r->status[0] == '4')
		r->status[0] = '5';
}

static void
fail_pending(struct job *j, bool expired)
{
	size_t *idx = xcalloc(j->count, sizeof *idx), n = 0;

	for (size_t i = 0; i < j->count; i++) {
		if (job_rcpt(j, i)->state == RCPT_PENDING) {
			make_permanent(job_rcpt(j, i));
			idx[n++] = j->rcpts[i];
		}
	}
	engine_report(j->engine, j->message, idx, n, DSN_FAILED, expired,
	    0);
	free(idx);
}

static void
forget_pending(struct job *j)
{
	for (size_t i = 0; i < j->count; i++)
		job_rcpt(j, i)->state = RCPT_FAILED;
	queue_save(&j->engine->queue, j->message);
}

static const char *
last_try_host(const struct job *j)
{
	return j->try_count > 0 ? j->tries[j->try_count - 1].host : "";
}

static void
job_defer(struct job *j, int64_t until_us)
{
	/* Within a cycle the planner knows the tries themselves. */
	snprintf(j->last_host, sizeof j->last_host, "%s", last_try_host(j));
	for (size_t i = 0; i < j->count; i++) {
		struct rcpt *r = job_rcpt(j, i);

		if (r->state != RCPT_PENDING)
			continue;
		r->attempts++;
		r->next_us = until_us;
		if (r->diag != NULL)
			fprintf(stderr, "%s: <%s> deferred: %s %s\n",
			    j->message->id, r->addr, r->status, r->diag);
	}
	queue_save(&j->engine->queue, j->message);
	clear_cycle(j, !HAS_BUG(&j->engine->config->bugs, DNS_REMEMBERED));
	release_slot(j);
	job_schedule(j);
}

/* --- lookups and sessions -------------------------------------------- */

/* For one bug; a core would only be in the way. */
static void
crash(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	abort();
}

static void
on_fact(void *arg, struct fact *fact)
{
	struct job *j = arg;

	if (fact->type == FACT_MX && fact->state == FACT_FAILED &&
	    HAS_BUG(&j->engine->config->bugs, SERVFAIL_CRASHES))
		crash();
	for (size_t i = 0; i < j->fact_count; i++) {
		struct fact *f = &j->facts[i];

		if (f->type == fact->type &&
		    strcasecmp(f->name, fact->name) == 0) {
			*f = *fact;
			break;
		}
	}
	job_step(j);
}

static void
start_lookup(struct job *j, const struct plan *p)
{
	struct fact *f;

	j->facts = xreallocarray(j->facts, j->fact_count + 1,
	    sizeof *j->facts);
	f = &j->facts[j->fact_count++];
	memset(f, 0, sizeof *f);
	snprintf(f->name, sizeof f->name, "%s", p->name);
	f->type = p->type;
	f->state = FACT_PENDING;
	dns_ask(&j->engine->resolver, p->name, p->type, on_fact, j);
}

static void
add_try(struct job *j, const struct addr *a, const char *host,
    enum try_result result)
{
	struct try *t;

	j->tries = xreallocarray(j->tries, j->try_count + 1,
	    sizeof *j->tries);
	t = &j->tries[j->try_count++];
	memset(t, 0, sizeof *t);
	t->addr = *a;
	t->addr.port = 0;
	snprintf(t->host, sizeof t->host, "%s", host);
	t->result = result;
}

/* The way by which a backup's refusal after another's 4yz is no verdict. */
static bool
refusal_waits(const struct job *j)
{
	if (!HAS_WAY(&j->engine->config->ways, BACKUP_REFUSAL_WAITS))
		return false;
	for (size_t i = 0; i + 1 < j->try_count; i++)
		if (j->tries[i].result == TRY_MAIL_4YZ)
			return true;
	return false;
}

/*
 * Some verdicts of a session are final.  Deliveries are noted first, for a
 * crash after them must not deliver again; then failures with their report.
 */
static void
on_commit(void *arg)
{
	struct job *j = arg;
	struct engine *e = j->engine;
	struct message *m = j->message;
	size_t *failed = xcalloc(j->offer_count, sizeof *failed), nfailed = 0;
	size_t *relayed = xcalloc(j->offer_count, sizeof *relayed), nrel = 0;
	bool changed = false, waits = refusal_waits(j);

	for (size_t i = 0; i < j->offer_count; i++) {
		struct session_rcpt *o = &j->offers[i];
		struct rcpt *r = &m->rcpts[j->offer_rcpts[i]];

		if (r->state != RCPT_PENDING)
			continue;
		if (o->verdict == VERDICT_OK) {
			r->state = RCPT_DELIVERED;
			changed = true;
			fprintf(stderr, "%s: <%s> delivered to %s\n", m->id,
			    r->addr, last_try_host(j));
			if (!o->dsn_passed)
				relayed[nrel++] = j->offer_rcpts[i];
		} else if (o->verdict == VERDICT_PERMANENT ||
		    o->verdict == VERDICT_TEMPORARY) {
			set_cause(r, o->status, o->code, o->text,
			    last_try_host(j));
			if (o->verdict == VERDICT_PERMANENT && !waits &&
			    !HAS_BUG(&e->config->bugs, RCPT_550_NEXT)) {
				make_permanent(r);
				failed[nfailed++] = j->offer_rcpts[i];
			}
		}
	}
	if (changed && !HAS_BUG(&e->config->bugs, DELIVERED_STAYS))
		queue_save(&e->queue, m);
	if (nfailed > 0)
		engine_report(e, m, failed, nfailed, DSN_FAILED, false, 0);
	if (nrel > 0 && m->from[0] != '\0')
		engine_report(e, m, relayed, nrel, DSN_RELAYED, false, 0);
	free(failed);
	free(relayed);
}

static void
on_session_end(void *arg, enum try_result result, const struct reply *why,
    const char *text)
{
	struct job *j = arg;
	struct try *t = &j->tries[j->try_count - 1];
	char diag[400];

	t->result = result;
	if (why == NULL) {
		snprintf(diag, sizeof diag, "%.250s: %.100s", t->host, text);
		for (size_t i = 0; i < j->count; i++)
			if (job_rcpt(j, i)->state == RCPT_PENDING)
				set_cause(job_rcpt(j, i), "4.4.1", 0, diag,
				    NULL);
		remember_dead(j->engine, &t->addr);
	} else
		host_is_alive(j->engine, &t->addr);
	job_step(j);
}

static bool
load_content(struct job *j)
{
	if (j->content.len > 0 || j->message->size == 0)
		return true;
	return queue_content(&j->engine->queue, j->message, &j->content);
}

/* Where the aliases of the domain lead, if that is to be written. */
static const char *
canonical_domain(const struct job *j)
{
	const char *name = j->domain;

	if (!HAS_WAY(&j->engine->config->ways, CNAME_WRITTEN))
		return NULL;
	for (size_t i = 0; i < j->fact_count; i++)
		if (j->facts[i].type == FACT_MX && j->facts[i].alias[0] != '\0'
		    && strcasecmp(j->facts[i].name, name) == 0)
			name = j->facts[i].alias;
	return name == j->domain ? NULL : name;
}

static void
fill_offers(struct job *j)
{
	const struct bugs *bugs = &j->engine->config->bugs;
	const char *search = j->engine->config->dns.search;

	free(j->offers);
	free(j->offer_rcpts);
	j->offers = xcalloc(j->count, sizeof *j->offers);
	j->offer_rcpts = xcalloc(j->count, sizeof *j->offer_rcpts);
	j->offer_count = 0;
	for (size_t i = 0; i < j->count; i++) {
		struct rcpt *r = job_rcpt(j, i);
		struct session_rcpt *o = &j->offers[j->offer_count];

		if (r->state != RCPT_PENDING)
			continue;
		o->addr = r->addr;
		if (HAS_BUG(bugs, SEARCH_REWRITE) && search[0] != '\0' &&
		    j->fact_count > 1 && j->facts[0].state != FACT_OK) {
			char *other = xasprintf("%s.%s", r->addr, search);

			text_set(&r->addr, other);
			o->addr = r->addr;
			free(other);
		}
		o->canonical = canonical_domain(j);
		o->notify = r->notify;
		o->orcpt = r->orcpt;
		j->offer_rcpts[j->offer_count++] = j->rcpts[i];
	}
}

/* RFC 5321 4.1.3; the name if there is no address of this family. */
static const char *
own_literal(const struct config *c, sa_family_t family,
    char out[ADDR_STRLEN + 8])
{
	char text[ADDR_STRLEN];

	for (size_t i = 0; i < c->listen_count; i++) {
		struct addr a = c->listen[i];

		if (a.family != family)
			continue;
		a.port = 0;
		snprintf(out, ADDR_STRLEN + 8, "[%s%s]",
		    family == AF_INET6 ? "IPv6:" : "", addr_format(&a, text));
		return out;
	}
	return c->policy.hostname;
}

static void
start_session(struct job *j, const struct plan *p)
{
	struct engine *e = j->engine;
	const struct message *m = j->message;
	struct session_mail mail = { .helo = e->config->policy.hostname,
		.from = m->from, .envid = m->envid, .ret = m->ret,
		.size = m->size, .eight_bit = m->eight_bit, .utf8 = m->utf8,
		.bugs = &e->config->bugs, .ways = &e->config->ways,
		.commit = on_commit, .ctx = j };
	struct addr to = p->addr;

	fill_offers(j);
	if (HAS_WAY(&e->config->ways, EHLO_LITERAL))
		mail.helo = own_literal(e->config, p->addr.family,
		    j->literal);
	mail.attempt = job_first(j)->attempts;
	mail.content = sbuf_str(&j->content);
	mail.rcpts = j->offers;
	mail.count = j->offer_count;
	to.port = e->config->smtp_port;
	add_try(j, &p->addr, p->name, TRY_LOST);
	client_start(e->base, &to, e->config->connect_us, &mail,
	    on_session_end, j);
}

static void
fill_input(const struct job *j, struct plan_input *in)
{
	const struct message *m = j->message;
	const struct rcpt *r = job_first(j);

	memset(in, 0, sizeof *in);
	in->domain = j->domain;
	in->now_us = now_us();
	in->arrival_us = m->arrival_us;
	in->attempts = r == NULL ? 0 : r->attempts;
	in->hops = m->hops;
	in->null_sender = m->from[0] == '\0';
	in->pending = job_pending(j);
	in->seed = j->seed;
	in->last_host = j->last_host;
	in->facts = j->facts;
	in->fact_count = j->fact_count;
	in->tries = j->tries;
	in->try_count = j->try_count;
}

static void
give_up_untried(struct plan *p)
{
	p->action = PLAN_BOUNCE;
	p->cause = CAUSE_BUG;
	p->status = "5.4.1";
	p->reason = "retry timeout exceeded";
}

/* Does what the planner says until something has to be waited for. */
static void
job_step(struct job *j)
{
	struct engine *e = j->engine;
	struct plan_input in;
	struct plan p;

	for (;;) {
		fill_input(j, &in);
		plan_next(&in, &e->config->policy, &p);
		if (p.action == PLAN_CONNECT && host_is_long_dead(e, &p.addr))
			give_up_untried(&p);
		switch (p.action) {
		case PLAN_LOOKUP:
			start_lookup(j, &p);
			continue;
		case PLAN_WAIT:
			return;
		case PLAN_CONNECT:
			if (host_is_dead(e, &p.addr)) {
				add_try(j, &p.addr, p.name, TRY_REMEMBERED);
				continue;
			}
			if (!load_content(j)) {	/* our disk, not their fault */
				p.cause = CAUSE_DNS;
				p.status = "4.3.0";
				p.reason = "the queue cannot be read";
				note_cause(j, &p);
				job_defer(j, plan_retry_at(&in,
				    &e->config->policy));
				return;
			}
			start_session(j, &p);
			return;
		case PLAN_DEFER:
			note_cause(j, &p);
			job_defer(j, p.until_us);
			return;
		case PLAN_BOUNCE:
			note_cause(j, &p);
			fail_pending(j, p.expired);
			/* The disk is full: keep it and come again. */
			if (job_pending(j) > 0) {
				job_defer(j, plan_retry_at(&in,
				    &e->config->policy));
				return;
			}
			continue;
		case PLAN_DROP:
			forget_pending(j);
			continue;
		case PLAN_DONE:
			job_end(j);
			return;
		}
	}
}

/* --- time ------------------------------------------------------------ */

static int64_t
warn_at(const struct job *j)
{
	const struct config *c = j->engine->config;
	const struct rcpt *r = job_first(j);

	if (c->warn_us == 0 || r == NULL || j->message->from[0] == '\0' ||
	    !dsn_wanted(r, DSN_DELAYED, &c->bugs))
		return INT64_MAX;
	if (HAS_WAY(&c->ways, DELAY_REPORT_IF_ASKED) && r->notify == NULL)
		return INT64_MAX;
	if (HAS_WAY(&c->ways, DELAY_REPORT_DAILY))
		return j->message->arrival_us + (r->warnings + 1) * c->warn_us;
	return r->warned ? INT64_MAX : j->message->arrival_us + c->warn_us;
}

static void
warn_sender(struct job *j)
{
	size_t *idx = xcalloc(j->count, sizeof *idx), n = 0;
	bool daily = HAS_WAY(&j->engine->config->ways, DELAY_REPORT_DAILY);
	struct plan_input in;

	for (size_t i = 0; i < j->count; i++)
		if (job_rcpt(j, i)->state == RCPT_PENDING &&
		    (daily || !job_rcpt(j, i)->warned))
			idx[n++] = j->rcpts[i];
	fill_input(j, &in);
	engine_report(j->engine, j->message, idx, n, DSN_DELAYED, false,
	    plan_expiry(&in, &j->engine->config->policy));
	/* Not again every moment if the disk was full. */
	for (size_t i = 0; i < n; i++) {
		j->message->rcpts[idx[i]].warned = true;
		j->message->rcpts[idx[i]].warnings++;
	}
	free(idx);
}

static void
job_schedule(struct job *j)
{
	const struct rcpt *r = job_first(j);
	int64_t now = now_us(), next = r->next_us, warn = warn_at(j);
	int64_t wait;
	struct timeval tv;

	if (HAS_BUG(&j->engine->config->bugs, FORGETS_RETRY) &&
	    r->attempts > 0)
		next = INT64_MAX;
	if (warn < next)
		next = warn;
	if (next == INT64_MAX)
		return;
	wait = next > now ? next - now : 0;
	tv.tv_sec = wait / 1000000;
	tv.tv_usec = wait % 1000000;
	event_add(j->timer, &tv);
}

static void
on_job_timer(evutil_socket_t fd, short what, void *arg)
{
	struct job *j = arg;
	int64_t now = now_us();

	(void)fd;
	(void)what;
	if (j->running)
		return;
	if (now >= warn_at(j) && job_first(j)->attempts > 0)
		warn_sender(j);
	if (now < job_first(j)->next_us)
		job_schedule(j);
	else if (slot_is_free(j->engine, j->domain))
		start_cycle(j);
	else
		j->waiting = true;
}

/* --- the engine ------------------------------------------------------ */

static const char *
domain_of(const char *addr)
{
	const char *at = strrchr(addr, '@');

	return at == NULL ? "" : at + 1;
}

static struct job *
find_job(struct engine *e, const struct message *m, const char *domain)
{
	if (HAS_WAY(&e->config->ways, RECIPIENT_SESSIONS))
		return NULL;
	for (struct job *j = e->jobs; j != NULL; j = j->next)
		if (j->message == m && strcasecmp(j->domain, domain) == 0)
			return j;
	return NULL;
}

bool
engine_has_job(const struct engine *e, const struct message *m)
{
	for (const struct job *j = e->jobs; j != NULL; j = j->next)
		if (j->message == m)
			return true;
	return false;
}

static struct job *
job_new(struct engine *e, struct message *m, const char *domain)
{
	struct job **tail = &e->jobs, *j = xcalloc(1, sizeof *j);
	size_t len;

	j->engine = e;
	j->message = m;
	j->domain = xstrdup(domain);
	len = strlen(j->domain);
	if (len > 1 && j->domain[len - 1] == '.')
		j->domain[len - 1] = '\0';
	j->timer = evtimer_new(e->base, on_job_timer, j);
	while (*tail != NULL)
		tail = &(*tail)->next;
	*tail = j;
	return j;
}

void
engine_add(struct engine *e, struct message *m)
{
	struct job *j;

	for (size_t i = 0; i < m->count; i++) {
		const char *domain = domain_of(m->rcpts[i].addr);

		if (m->rcpts[i].state != RCPT_PENDING)
			continue;
		j = find_job(e, m, domain);
		if (j == NULL)
			j = job_new(e, m, domain);
		j->rcpts = xreallocarray(j->rcpts, j->count + 1,
		    sizeof *j->rcpts);
		j->rcpts[j->count++] = i;
	}
	for (j = e->jobs; j != NULL; j = j->next)
		if (j->message == m)
			job_schedule(j);
}

void
engine_kick(struct engine *e)
{
	e->dead_count = 0;
	for (struct job *j = e->jobs; j != NULL; j = j->next) {
		if (j->running || j->waiting)
			continue;
		for (size_t i = 0; i < j->count; i++)
			job_rcpt(j, i)->next_us = 0;
		job_schedule(j);
	}
}

bool
engine_open(struct engine *e, struct event_base *base, struct config *c)
{
	uint64_t seed = c->seed;

	memset(e, 0, sizeof *e);
	e->base = base;
	e->config = c;
	e->resolver.base = base;
	e->resolver.config = &c->dns;
	c->policy.search = c->dns.search;
	if (seed == 0 && getrandom(&seed, sizeof seed, 0) == -1)
		seed = (uint64_t)now_us();
	rng_init(&e->rng, seed);
	if (!queue_open(&e->queue, c->dir, &c->bugs, now_us()))
		return false;
	e->queue.ways = &c->ways;
	for (struct message *m = e->queue.messages; m != NULL; m = m->next) {
		engine_add(e, m);
		report_hold_resume(e, m);
	}
	if (HAS_WAY(&c->ways, RESTART_RUNS_QUEUE))
		engine_kick(e);
	return true;
}

void
engine_close(struct engine *e)
{
	while (e->jobs != NULL) {
		struct job *j = e->jobs;

		e->jobs = j->next;
		job_free(j);
	}
	report_hold_close(e);
	dns_close(&e->resolver);
	free(e->dead);
	queue_close(&e->queue);
}
