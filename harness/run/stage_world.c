/*
 * What the stage is made of: the run's folder, the fakes, the MTA.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/arena.h"
#include "harness/base/xalloc.h"
#include "harness/run/stage_impl.h"

#define SMTP_PORT	25
#define DNS_PORT	53

void
stage_nothing(void *arg)
{
	(void)arg;
}

void
stage_open(struct stage *st, struct lab *lab)
{
	st->lab = lab;
	st->recorder = recorder_new(st->trace_fd, lab_timers(lab),
	    stage_event, st);
	st->sink = recorder_sink(st->recorder);
	if (st->spec->clock == LAB_CLOCK_REAL) {
		recorder_at_once(st->recorder);
		setvbuf(st->mta_log, NULL, _IOLBF, 0);
		setvbuf(st->notes, NULL, _IOLBF, 0);
	}
}

void
stage_begin(struct stage *st)
{
	recorder_start(st->recorder);
	lab_start_phases(st->lab);
	fdns_start_phases(st->dns);
	fsmtp_start_phases(st->smtp);
	st->phases = true;
	world_emit_rules(st->sc, st->sink);
}

/* --- fakes --- */

static bool
listen_dns_outside(struct stage *st)
{
	const struct places *p = st->spec->places;
	char name[32], text[ADDR_STRLEN];

	for (size_t i = 0; i < p->dns_count; i++) {
		snprintf(name, sizeof name, "resolver%zu", i + 1);
		if (fdns_listen(st->dns, lab_base(st->lab), &p->dns[i],
		    (int)i + 1, name) == 0)
			continue;
		stage_fail(st, "cannot listen at %s (--dns): %s",
		    addr_format(&p->dns[i], text), strerror(errno));
		return false;
	}
	return true;
}

static bool
listen_dns(struct stage *st)
{
	static const struct {
		const char *ip, *name;
		int resolver;
	} at[] = {
		{ LAB_RESOLVER1_IP4, "resolver1", 1 },
		{ LAB_RESOLVER1_IP6, "resolver1", 1 },
		{ LAB_RESOLVER2_IP4, "resolver2", 2 },
		{ LAB_RESOLVER2_IP6, "resolver2", 2 },
	};
	struct addr addr;

	if (stage_is_elsewhere(st))
		return listen_dns_outside(st);
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		addr_parse(&addr, at[i].ip);
		addr.port = DNS_PORT;
		if (fdns_listen(st->dns, lab_base(st->lab), &addr,
		    at[i].resolver, at[i].name) == 0)
			continue;
		stage_fail(st, "cannot listen at %s port %d: %s", at[i].ip,
		    DNS_PORT, strerror(errno));
		return false;
	}
	return true;
}

static bool
listen_smtp(struct stage *st)
{
	char text[ADDR_STRLEN];
	struct addr failed;

	if (fsmtp_listen(st->smtp, lab_base(st->lab), SMTP_PORT,
	    &failed) == 0)
		return true;
	stage_fail(st, "cannot listen at %s%s: %s",
	    addr_format(&failed, text), stage_is_elsewhere(st) ?
	    " (--smtp)" : "", strerror(errno));
	return false;
}

bool
stage_build_fakes(struct stage *st)
{
	struct fdns_config dns = { .zones = st->sc->zones,
	    .zone_count = st->sc->zone_count, .rules = st->sc->dns,
	    .rule_count = st->sc->dns_count, .extra = st->world.zone,
	    .seed = st->spec->seed, .healthy_first = true,
	    .timers = lab_timers(st->lab), .sink = &st->fake_sink };
	struct fsmtp_config smtp = { .hosts = st->world.hosts,
	    .host_count = st->world.host_count,
	    .timers = lab_timers(st->lab), .seed = st->spec->seed,
	    .healthy_first = true, .no_router = stage_is_elsewhere(st),
	    .on_first = st->spec->serve != NULL ? stage_serve_begin : NULL,
	    .sink = &st->fake_sink, .on_message = stage_mail, .ctx = st };
	struct fdns_error error;

	st->dns = fdns_new(&dns, &error);
	if (st->dns == NULL) {
		stage_fail(st, "zone line %d: %s", error.line, error.text);
		return false;
	}
	st->smtp = fsmtp_new(&smtp);
	return listen_dns(st) && listen_smtp(st);
}

/* --- the MTA --- */

static void
emit_mta(struct stage *st, const char *verb, int status, const char *rule)
{
	struct event ev = { .kind = EV_MTA };

	ev.verb = verb;
	ev.num = status;
	ev.rule = rule;
	event_emit(st->sink, &ev);
}

/* So soon after its start nothing has happened to an MTA. */
#define AT_ONCE_US	(2 * USEC_PER_SEC)

static void
mta_ended(void *arg, const struct adapter_result *res)
{
	struct stage *st = stage_of(arg);

	if (st->over || st->error != NULL)
		return;
	if (st->mta_expected) {
		emit_mta(st, "exit", res->exit_code, NULL);
		/*
		 * One that we have started again and that says no at once has
		 * met what ours left behind, a lock above all.
		 */
		if (!st->phases || (res->exit_code > 0 && lab_now(st->lab) -
		    st->started_us <= AT_ONCE_US))
			stage_fail(st, "the MTA ended at once (exit %d): %s",
			    res->exit_code, res->notes);
	}
	st->mta_expected = false;
	st->look = true;
	if (st->start_when_ended) {
		st->start_when_ended = false;
		stage_start_mta(st);
	}
}

bool
stage_start_mta(struct stage *st)
{
	st->mta_expected = true;
	st->started_us = lab_now(st->lab);
	if (stage_is_elsewhere(st))
		return true;		/* it runs already */
	emit_mta(st, "start", 0, NULL);
	if (adapter_run(st->adapter, ADAPTER_START, mta_ended, st))
		return true;
	stage_fail(st, "the MTA cannot be started: %s", strerror(errno));
	return false;
}

static void
orderly_verb_ended(void *arg, const struct adapter_result *res)
{
	struct stage *st = stage_of(arg);

	/* Whatever ran when all was killed did not fail of its own. */
	if (res->status == ADAPTER_FAILED && !st->over && !st->killing)
		stage_fail(st, "the adapter's \"%s\" failed (exit %d): %s",
		    res->verb, res->exit_code, res->notes);
	st->look = true;
}

static void
run_orderly(struct stage *st, enum adapter_verb v)
{
	if (!adapter_run(st->adapter, v, orderly_verb_ended, st))
		stage_fail(st, "the adapter cannot be started: %s",
		    strerror(errno));
}

static void
kill_all(struct stage *st)
{
	st->mta_expected = false;
	/* Or the end of what is stopping starts another meanwhile. */
	st->start_when_ended = false;
	st->killing = true;
	lab_kill_all(st->lab);
	st->killing = false;
}

/*
 * Unless it is stopping, or has stopped, already.  One that was killed and
 * started at this very moment cannot be asked to stop yet, and is as new as a
 * restart would make it.
 */
static void
stop_mta(struct stage *st, bool start_again)
{
	if (st->killed && st->killed_us == lab_now(st->lab)) {
		if (!start_again)
			kill_all(st);
		return;
	}
	st->start_when_ended = start_again;
	if (!st->mta_expected)
		return;
	st->mta_expected = false;
	run_orderly(st, ADAPTER_STOP);
}

/* Unless it runs; while it is stopping that comes first. */
static void
start_mta(struct stage *st)
{
	if (st->mta_expected)
		return;
	if (adapter_mta_pid(st->adapter) != 0)
		st->start_when_ended = true;
	else
		stage_start_mta(st);
}

void
stage_mta_event(struct stage *st, struct mta_event *m)
{
	static const char *const words[] = {
#define X(sym, word, help) word,
		MTA_VERBS(X)
#undef X
	};

	m->rule.fired++;
	emit_mta(st, words[m->verb], 0, m->rule.id);
	switch (m->verb) {
	case MTA_KILL:
		st->killed = true;
		st->killed_us = lab_now(st->lab);
		kill_all(st);
		stage_start_mta(st);
		break;
	case MTA_RESTART:
		stop_mta(st, true);
		start_mta(st);
		break;
	case MTA_STOP:
		stop_mta(st, false);
		break;
	case MTA_START:
		start_mta(st);
		break;
	case MTA_KICK:
		run_orderly(st, ADAPTER_KICK);
		break;
	case MTA_VERB_COUNT:
		break;
	}
}

/* --- the run as a whole --- */

void
stage_emit_run_start(struct stage *st)
{
	struct event ev = { .kind = EV_RUN_START };
	char epoch[32];

	snprintf(epoch, sizeof epoch, "%lld", (long long)lab_epoch(st->lab));
	ev.name = st->sc->id;
	ev.mta = st->spec->mta->text;
	ev.num = (int64_t)st->spec->seed;
	ev.text = epoch;
	event_emit(st->sink, &ev);
}

/* For those who make the clock faster: where the real time went. */
static void
print_figures(struct stage *st)
{
	struct lab_stats s;

	if (getenv("MXDRILL_FIGURES") == NULL)
		return;
	lab_stats(st->lab, &s);
	fprintf(stderr, "%s: %llu jumps, %llu looks in %.3f s, busy %.3f s, "
	    "%llu packets, %llu waits for octets, %llu for stamps\n",
	    st->sc->id, (unsigned long long)s.jumps,
	    (unsigned long long)s.looks, (double)s.scan_real_us / 1e6,
	    (double)s.busy_real_us / 1e6, (unsigned long long)s.packets,
	    (unsigned long long)s.flight_waits,
	    (unsigned long long)s.dirty_waits);
}

void
stage_tear_down(struct stage *st)
{
	st->over = true;
	print_figures(st);
	for (size_t i = 0; i < st->message_count; i++)
		submission_free(st->messages[i].submission);
	fsmtp_free(st->smtp);
	fdns_free(st->dns);
	adapter_free(st->adapter);
	judge_settle_free(st->settle);
	stage_packets_end(st);
	recorder_free(st->recorder);
}

static FILE *
create_in(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC |
	    O_CLOEXEC, 0644);

	return fd >= 0 ? fdopen(fd, "w") : NULL;
}

static void
write_log_line(void *ctx, const char *line)
{
	struct stage *st = stage_of(ctx);
	int64_t t = recorder_now(st->recorder);

	fprintf(st->mta_log, "%lld.%06lld %s\n",
	    (long long)(t / USEC_PER_SEC), (long long)(llabs(t) %
	    USEC_PER_SEC), line);
}

static void
ask_smtp(void *ctx, const struct addr *server, const struct addr *client,
    struct lab_syn *out)
{
	struct stage *st = stage_of(ctx);
	struct fsmtp_contact contact;

	if (st->smtp == NULL || !fsmtp_syn(st->smtp, server, client,
	    &contact))
		return;
	out->connect = contact.connect;
	out->host = contact.host;
	out->contact = contact.contact;
	out->rule = contact.rule;
}

static bool
open_folder(struct stage *st, char **error)
{
	int fd = st->spec->dir_fd;

	st->trace_fd = openat(fd, RUN_TRACE, O_WRONLY | O_CREAT | O_TRUNC |
	    O_CLOEXEC, 0644);
	st->mta_log = create_in(fd, RUN_MTA_LOG);
	st->notes = create_in(fd, RUN_NOTES);
	if (st->trace_fd >= 0 && st->mta_log != NULL && st->notes != NULL)
		return true;
	*error = xasprintf("the run's folder cannot be written: %s",
	    strerror(errno));
	return false;
}

/*
 * A crash is the MTA's own doing.  Any other signal somebody has sent, the
 * MTA's supervisor as a rule: no more than a fact.
 */
static void
note_death(void *ctx, const char *program, int sig)
{
	struct event crash = {
		.kind = EV_MTA, .verb = "exit", .state = "signal",
		.text = program, .num = sig,
	}, fact = {
		.kind = EV_FLAG, .name = "killed", .text = program,
		.state = sigabbrev_np(sig), .num = sig,
	};

	event_emit(((struct stage *)ctx)->sink, lab_is_crash(sig) ? &crash :
	    &fact);
}

/* Made while another run is at work: waits until this one's turn comes. */
static void
await_turn(void *ctx)
{
	const struct progress *p = ((struct stage *)ctx)->spec->progress;
	eventfd_t turn;

	while (p != NULL && eventfd_read(p->turn_fd, &turn) < 0 &&
	    errno == EINTR)
		;
}

static void
fill_lab_config(struct stage *st, struct lab_config *cfg)
{
	const struct stage_spec *spec = st->spec;

	cfg->preload = st->preload;
	cfg->root = spec->root;
	cfg->adapter_dir = spec->adapter_dir;
	cfg->config_dir = spec->config;
	cfg->clock = spec->clock;
	cfg->many_uids = spec->many_uids;
	cfg->mta_ipv4 = st->sc->mta_ipv4;
	cfg->mta_ipv6 = st->sc->mta_ipv6;
	cfg->resolvers = st->sc->resolvers;
	cfg->addrs = st->world.addrs;
	cfg->addr_count = st->world.addr_count;
	cfg->net_rules = st->sc->network;
	cfg->net_rule_count = st->sc->network_count;
	cfg->sink = &st->fake_sink;
	cfg->on_syn = ask_smtp;
	cfg->on_log = write_log_line;
	cfg->on_made = await_turn;
	cfg->on_death = note_death;
	cfg->ctx = st;
	cfg->limit_us = spec->limit_us;
	cfg->watchdog_us = spec->clock == LAB_CLOCK_REAL ? 0 :
	    STAGE_WATCHDOG_US;
	cfg->pcap_fd = -1;
	cfg->bare = stage_is_elsewhere(st);
	cfg->speed = spec->speed;
	if (cfg->bare) {
		cfg->clock = LAB_CLOCK_REAL;
		cfg->watchdog_us = 0;
	} else if (spec->pcap)
		cfg->pcap_fd = openat(spec->dir_fd, RUN_PCAP, O_WRONLY |
		    O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

/* What the body wrote into its pipe before it ended. */
static char *
read_error(int fd)
{
	struct sbuf b = { 0 };
	char chunk[512];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof chunk)) > 0)
		sbuf_add(&b, chunk, (size_t)n);
	return b.len > 0 ? sbuf_steal(&b) : NULL;
}

static int
run_lab(struct stage *st, char **error)
{
	struct lab_config cfg = { 0 };
	int pipe_fd[2], rc;
	char *said;

	if (pipe2(pipe_fd, O_CLOEXEC) < 0) {
		*error = xasprintf("pipe: %s", strerror(errno));
		return -1;
	}
	st->error_fd = pipe_fd[1];
	fill_lab_config(st, &cfg);
	rc = lab_run(&cfg, st->spec->serve != NULL ? stage_serve_body :
	    stage_body, st, error);
	close(pipe_fd[1]);
	said = read_error(pipe_fd[0]);
	close(pipe_fd[0]);
	if (cfg.pcap_fd >= 0)
		close(cfg.pcap_fd);
	if (rc == 0 || rc == 89) {
		free(said);
		return rc;
	}
	st->wrong_option = rc == STAGE_WRONG_OPTION;
	if (rc > 0 || *error == NULL)
		*error = said != NULL ? said :
		    xasprintf("the lab ended with status %d", rc);
	return -1;
}

static void
add_message(struct stage *st, const struct message *m)
{
	struct stage_message *sm = &st->messages[st->message_count++];

	sm->message = m;
	if (st->message_count > 1)
		sm->first_unit = sm[-1].first_unit + sm[-1].message->to_count;
	HASH_ADD_KEYPTR(hh, st->by_key, m->key, strlen(m->key), sm);
}

/* `times: N` means N messages, keys m1.1 to m1.N. */
static void
expand_messages(struct stage *st)
{
	const struct message *m;
	struct message *copy;
	size_t total = 0;

	for (size_t i = 0; i < st->sc->message_count; i++)
		total += st->sc->messages[i].count > 1 ?
		    (size_t)st->sc->messages[i].count : 1;
	st->messages = xcalloc(total, sizeof *st->messages);
	for (size_t i = 0; i < st->sc->message_count; i++) {
		m = &st->sc->messages[i];
		if (m->count <= 1)
			add_message(st, m);
		for (int n = 1; m->count > 1 && n <= m->count; n++) {
			copy = arena_alloc(st->sc->arena, sizeof *copy);
			*copy = *m;
			copy->count = 1;
			copy->key = arena_printf(st->sc->arena, "%s.%d",
			    m->key, n);
			add_message(st, copy);
		}
	}
}

/* Other runs' mail is told apart by it, so it must differ each time. */
static void
make_tag(struct stage *st)
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	unsigned char octets[7];

	if (getrandom(octets, sizeof octets, 0) != sizeof octets)
		abort();
	for (size_t i = 0; i < sizeof octets; i++)
		st->tag[i] = letters[octets[i] % (sizeof letters - 1)];
}

int
stage_run(struct stage_spec *spec, char **error)
{
	struct stage st = { .magic = STAGE_MAGIC, .spec = spec,
	    .sc = spec->scenario, .trace_fd = -1 };
	int rc = -1;

	*error = NULL;
	st.fake_sink = (struct event_sink){ stage_fill_and_record, &st };
	st.preload = xasprintf("%s/libmxclock.so", spec->home->bin);
	world_build(&st.world, st.sc);
	if (spec->serve == NULL)
		expand_messages(&st);
	st.mta_seen = xcalloc(st.sc->mta_count + 1, sizeof *st.mta_seen);
	if (stage_is_elsewhere(&st)) {
		make_tag(&st);
		*error = places_apply(spec->places, st.sc, &st.world);
	}
	if (*error == NULL && open_folder(&st, error))
		rc = run_lab(&st, error);
	spec->wrong_option = st.wrong_option;
	if (st.trace_fd >= 0)
		close(st.trace_fd);
	if (st.mta_log != NULL)
		fclose(st.mta_log);
	if (st.notes != NULL)
		fclose(st.notes);
	free(st.preload);
	free(st.messages);
	free(st.mta_seen);
	return rc;
}
