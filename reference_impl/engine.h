/*
 * The engine: queue, schedule, deliveries and reports, tied to libevent.
 * It asks the planner (planner.h) what to do and does it.
 */
#ifndef REFMTA_ENGINE_H
#define REFMTA_ENGINE_H

#include "harness/base/rng.h"
#include "reference_impl/client.h"
#include "reference_impl/dns.h"
#include "reference_impl/dsn.h"
#include "reference_impl/queue.h"

#define LIST_MAX	16

/* X(field, "key", default in seconds, "help"): --set KEY=TIME */
#define SETTINGS(X)							\
	X(policy.first_retry_us, "first-retry", 1800, "first retry interval") \
	X(policy.max_retry_us, "max-retry", 14400, "largest retry interval")	\
	X(policy.queue_run_us, "queue-run", 0, "retries wait for the next of these, 0: for nothing") \
	X(policy.life_us, "life", 432000, "lifetime of a message")	\
	X(policy.life_null_us, "life-null", 432000, "lifetime of null-sender mail") \
	X(warn_us, "warn", 14400, "age at which the sender is told of a delay, 0 never") \
	X(connect_us, "connect-timeout", 30, "time for a TCP connection")	\
	X(host_cache_us, "host-cache", 60, "how long a dead host is remembered") \
	X(dns.try_us, "dns-try", 5, "one try of one name server")

struct config {
	const char	*dir;
	struct plan_policy policy;
	struct dns_config dns;
	struct bugs	 bugs;
	struct ways	 ways;
	int64_t		 warn_us, connect_us, host_cache_us;
	uint16_t	 smtp_port;		/* 25 */
	int		 job_limit;		/* deliveries at once */
	int		 domain_limit;		/* of them to one domain */
	struct addr	 listen[LIST_MAX], clients[LIST_MAX];
	size_t		 listen_count, client_count;
	const char	*relay_domains[LIST_MAX];
	size_t		 relay_count;
	uint64_t	 seed;			/* 0: none is the same */
	const char	*smarthosts[LIST_MAX];	/* policy's */
};

struct job;

struct dead_host {
	struct addr	 addr;
	int64_t		 since_us, until_us;
};

struct engine {
	struct event_base *base;
	struct config	*config;
	struct resolver	 resolver;
	struct queue	 queue;
	struct rng	 rng;
	struct job	*jobs;
	int		 running;
	struct dead_host *dead;
	size_t		 dead_count;
	struct hold	*holds;		/* reports that wait, report_hold.c */
};

void	 config_init(struct config *);
/* "first-retry=30m"; false: no such key or no duration. */
bool	 config_set(struct config *, const char *assignment);
/* Sets what the ways that are on decide; later settings win. */
void	 config_take_ways(struct config *);
/* The adapter's `info` lines of times and bounds (harness/mta/README.md). */
void	 config_print_profile(const struct config *, FILE *);

int64_t	 now_us(void);
/* False: errno says why the queue cannot be used. */
bool	 engine_open(struct engine *, struct event_base *, struct config *);
void	 engine_close(struct engine *);
/* A message that is in the queue now and wants delivery. */
void	 engine_add(struct engine *, struct message *);
/*
 * These recipients (indices) failed, are late or were relayed: tells the
 * sender if RFC 3461 wants it, and notes it in the queue.  Where the report
 * cannot be stored their state stays as it is.
 */
void	 engine_report(struct engine *, struct message *, const size_t *rcpts,
	    size_t count, enum dsn_action, bool expired, int64_t until_us);
/*
 * The same for failures whose report waits (ways.h): they are doomed, which is
 * noted in the queue, until it is made.  False: nothing waits here.
 */
bool	 report_hold(struct engine *, struct message *, const size_t *rcpts,
	    size_t count, bool expired);
/* Goes on with what a stop left waiting. */
void	 report_hold_resume(struct engine *, struct message *);
void	 report_hold_close(struct engine *);
/* At once, whatever waits. */
void	 engine_report_now(struct engine *, struct message *,
	    const size_t *rcpts, size_t count, enum dsn_action, bool expired,
	    int64_t until_us);
/* Into the local postmaster's mailbox: a text, or a report of its own. */
void	 postmaster_deliver(const struct engine *, const char *text,
	    size_t len);
void	 postmaster_tell(const struct engine *, struct dsn *);
bool	 engine_has_job(const struct engine *, const struct message *);
/* Forces a queue run: everything that waits is due now. */
void	 engine_kick(struct engine *);

#endif
