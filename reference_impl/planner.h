/*
 * The planner: what to do next for one message and one domain.  Read this
 * first.
 *
 * A pure function.  It sees the state of the message, the DNS answers known
 * so far, what the hosts tried in this cycle did, and the time; it answers
 * with the next step.  The driver (delivery.c) takes that step, adds what it
 * learned and asks again, until the answer ends the cycle.  There is no
 * socket, no clock and no allocation here; the same input gives the same
 * answer, also for the "random" order of equal preferences, which comes from
 * the seed.
 *
 * The rules are RFC 5321 section 5 with RFC 974, 3974, 7505 and 2181.  Every
 * host falls in one class (the letters are those of requirements 21.11):
 *
 *	OK delivered     T  temporary, the next host may do better
 *	U  address lookup undetermined          N  certainly no such host
 *	H  the host denies us for good          Tr, Pr  this mail's own fate
 *	A  lost after the end of data: it may have been delivered
 *
 * With smarthosts there is no MX: they are the hosts, in the order given, and
 * one that does not resolve is our own trouble (T), never the mail's.
 *
 * A cycle that found only N is returned at once, {N, H} too; one T, U, Tr,
 * A or untried host among them makes it "again later".
 */
#ifndef REFMTA_PLANNER_H
#define REFMTA_PLANNER_H

#include "harness/base/addr.h"
#include "reference_impl/bugs.h"
#include "reference_impl/ways.h"

#include <stddef.h>
#include <stdint.h>

#define NAME_SIZE	256	/* a domain name in text and its NUL */
#define ALIAS_MAX	16	/* CNAMEs followed for one name */
#define HOSTS_MAX	64	/* MX hosts considered, the best ones */

/* --- what DNS said --------------------------------------------------- */

enum fact_type { FACT_A, FACT_AAAA, FACT_MX };

enum fact_state {
	FACT_PENDING,		/* asked, not answered yet */
	FACT_OK,
	FACT_NODATA,		/* the name exists, the type does not */
	FACT_NXDOMAIN,		/* certainly no such name */
	FACT_FAILED,		/* no usable answer: nothing is known */
};

enum { RCODE_NONE = 0, RCODE_FORMERR = 1, RCODE_SERVFAIL = 2,
	RCODE_NOTIMP = 4, RCODE_REFUSED = 5 };

struct fact_rr {
	uint16_t	preference;		/* MX */
	char		name[NAME_SIZE];	/* MX, no final dot; "": "." */
	struct addr	addr;			/* A, AAAA */
};

struct fact {
	char		 name[NAME_SIZE];	/* as asked, no final dot */
	enum fact_type	 type;
	enum fact_state	 state;
	int		 rcode;		/* FAILED: the last one, 0 no answer */
	char		 alias[NAME_SIZE];	/* end of the CNAMEs, or "" */
	uint32_t	 ttl_s;		/* how long it may be kept */
	struct fact_rr	*rrs;
	size_t		 count;
};

/* --- what the hosts did in this cycle -------------------------------- */

/* X(symbol, class of requirements 21.11) */
#define TRIES(X)							\
	X(OK, "OK")		/* nothing is left to do for it */	\
	X(REFUSED, "T")		/* connection refused */		\
	X(UNREACHABLE, "T")	/* ICMP, no route, network down */	\
	X(NO_ANSWER, "T")	/* connect timed out */			\
	X(NO_GREETING, "T")	/* connected, closed or silent */	\
	X(GREETING_4YZ, "T")						\
	X(EHLO_4YZ, "T")						\
	X(LOST, "T")		/* lost or timed out before the dot */	\
	X(GREETING_5YZ, "H")						\
	X(EHLO_5YZ, "H")						\
	X(MAIL_4YZ, "Tr")	/* MAIL, RCPT, DATA or the dot */	\
	X(MAIL_5YZ, "Pr")						\
	X(AMBIGUOUS, "A")	/* lost after the end of data */	\
	X(REMEMBERED, "T")	/* not tried, found dead moments ago */

enum try_result {
#define X(sym, cls) TRY_##sym,
	TRIES(X)
#undef X
	TRY_COUNT
};

struct try {
	struct addr	 addr;
	char		 host[NAME_SIZE];
	enum try_result	 result;
};

/* --- the question ---------------------------------------------------- */

struct plan_policy {
	int64_t		 first_retry_us, max_retry_us, life_us, life_null_us;
	int64_t		 queue_run_us;		/* 0: no queue runs */
	int		 address_limit;		/* tries in a cycle, 0: none */
	int		 hop_limit;
	const char	*hostname;		/* own name */
	const struct addr *own;			/* own addresses */
	size_t		 own_count;
	const char	*search;		/* resolv.conf's, for bugs */
	const char	*const *smarthosts;	/* instead of MX, in order */
	size_t		 smarthost_count;
	const struct bugs *bugs;
	const struct ways *ways;
};

struct plan_input {
	const char	*domain;	/* of the recipients; "[...]" allowed */
	int64_t		 now_us, arrival_us;
	int		 attempts;	/* failed cycles before this one */
	int		 hops;		/* Received lines on arrival */
	bool		 null_sender;
	size_t		 pending;	/* recipients still without a verdict */
	uint64_t	 seed;		/* order of equal preferences */
	const char	*last_host;	/* last host of the last cycle or "" */
	const struct fact *facts;
	size_t		 fact_count;
	const struct try *tries;
	size_t		 try_count;
};

/* --- the answer ------------------------------------------------------ */

enum plan_action {
	PLAN_LOOKUP,		/* ask DNS for name and type, come again */
	PLAN_WAIT,		/* nothing to do before a pending answer */
	PLAN_CONNECT,		/* try addr of host name */
	PLAN_DEFER,		/* this cycle is over; again at until_us */
	PLAN_BOUNCE,		/* return what is pending, see status */
	PLAN_DROP,		/* forget it (only bugs do that) */
	PLAN_DONE,		/* nothing is pending */
};

/* Why a cycle failed, in words of requirements 22. */
enum plan_cause {
	CAUSE_NONE,
	CAUSE_HOST,		/* a host's doing: its own status is better */
	CAUSE_DNS,		/* lookups failed */
	CAUSE_NXDOMAIN,
	CAUSE_NO_ADDRESS,
	CAUSE_NULL_MX,
	CAUSE_SELF,		/* we are the best MX */
	CAUSE_HOPS,
	CAUSE_BUG,
};

struct plan {
	enum plan_action action;
	char		 name[NAME_SIZE];	/* LOOKUP, CONNECT */
	enum fact_type	 type;			/* LOOKUP */
	struct addr	 addr;			/* CONNECT, without port */
	int64_t		 until_us;		/* DEFER */
	enum plan_cause	 cause;			/* DEFER, BOUNCE */
	bool		 expired;		/* BOUNCE: its time was over */
	const char	*status;		/* enhanced code for cause */
	const char	*reason;		/* a sentence for people */
};

void	 plan_next(const struct plan_input *, const struct plan_policy *,
	    struct plan *);

/* When the cycle after this one begins, see planner.c. */
int64_t	 plan_retry_at(const struct plan_input *, const struct plan_policy *);
/* The first of the queue runs every `run_us` at or after `at`; 0: `at`. */
int64_t	 plan_queue_run(int64_t at, int64_t run_us);
int64_t	 plan_expiry(const struct plan_input *, const struct plan_policy *);
const char *try_class(enum try_result);
/* An address that only means this machine or none: RFC 5321 section 5.1. */
bool	 plan_addr_is_nowhere(const struct addr *);

#endif
