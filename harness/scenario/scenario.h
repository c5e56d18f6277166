/*
 * A scenario as pure data: what the file says, checked, with every default
 * filled in.  Nothing here knows how to run.  One arena owns it all.
 */
#ifndef MXD_SCENARIO_SCENARIO_H
#define MXD_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake_dns/rule.h"
#include "fake_smtp/rule.h"
#include "harness/base/diag.h"
#include "harness/base/phase.h"
#include "harness/base/sbuf.h"
#include "harness/lab/net_rule.h"

struct loc {
	int line, col;			/* from 1; 0: not in the file */
};

/* How much a violated expectation weighs (requirements 0, mapping). */
enum level { LEVEL_MUST, LEVEL_SHOULD, LEVEL_INFO };

struct message {
	const char	*key;		/* "m1", or `name:` */
	const char	*from;		/* reverse-path; "": the null sender */
	const char	*const *to;
	size_t		 to_count;
	int64_t		 at_us;		/* injection, 0: at the start */
	size_t		 size;		/* octets of body; 0: a short text */
	const char	*header;	/* lines, LF ends; NULL: ours alone */
	const char	*body;		/* lines, LF ends; NULL: ours */
	bool		 eight_bit;	/* body with octets above 127 */
	const char	*notify;	/* RFC 3461 NOTIFY=, NULL: not said */
	const char	*ret;		/* RFC 3461 RET= */
	const char	*envid;		/* decoded; xtext only on the wire */
	int		 count;		/* `times: N`: N like it, keys m1.1.. */
	bool		 control;	/* the harness's, to good.test (G2) */
	struct loc	 loc;
};

/* X(symbol, "word", "help"): what the harness does to the MTA. */
#define MTA_VERBS(X)							\
	X(KILL, "kill", "SIGKILL to every process of the MTA, then a start")	\
	X(RESTART, "restart", "an orderly stop, then a start")			\
	X(STOP, "stop", "an orderly stop")					\
	X(START, "start", "a start after `stop`")				\
	X(KICK, "kick", "the adapter's forced queue run")

enum mta_verb {
#define X(sym, word, help) MTA_##sym,
	MTA_VERBS(X)
#undef X
	MTA_VERB_COUNT
};

struct mta_event {
	struct rule	 rule;		/* rule.phase.from_us: when */
	enum mta_verb	 verb;
	/* When not at a time: at the n-th event of a kind, e.g. 1st EOD. */
	enum { MTA_AT_TIME, MTA_AFTER_INJECT, MTA_AT_EOD, MTA_AFTER_EOD_REPLY }
			 when;
	int		 nth;
	const char	*host;		/* of the EOD; NULL: any */
};

/*
 * X(symbol, "word", severity default, "help"): verdicts of requirements
 * 21.4, one for each message and recipient.  Also the words of `outcome:`
 * and `tolerate:`, beside the groups below.
 */
#define VERDICTS(X)							\
	X(DELIVERED, "delivered-at-once", "exactly one legitimate copy, in the first cycle") \
	X(DELIVERED_LATE, "delivered-late", "exactly one legitimate copy, within one maximum interval of the repair") \
	X(RETRYING, "retrying", "queued, attempts go on, no report of failure")	\
	X(BOUNCED_CORRECT, "bounced", "one well-formed report of failure, entitled and in time") \
	X(BOUNCED_NOWHERE, "bounced-nowhere", "reported in time, but the report found no taker: refused for good, a domain without mail, deferred until the end") \
	X(DISCARDED_OK, "discarded", "mail that must not be reported ended without a report, entitled") \
	X(DUPLICATE_EXCUSED, "duplicate-excused", "more copies than one, each excused by a lost reply or a crash") \
	X(NOT_ACCEPTED, "not-accepted", "refused at injection")			\
	X(BOUNCED_MALFORMED, "bounced-malformed", "the report of failure is not what RFC 3464 asks for") \
	X(BOUNCED_QUEUED, "bounced-still-queued", "reported as failed, and still queued or still offered") \
	X(DUPLICATE_DSN, "duplicate-dsn", "more than one report of failure")	\
	X(LATE_BOUNCE, "late-bounce", "entitled to a report of failure, but it came too late") \
	X(DELIVERED_TOO_LATE, "delivered-too-late", "delivered, but later than one maximum interval after the repair") \
	X(ZOMBIE, "zombie", "delivered and still queued")			\
	X(PREMATURE_BOUNCE, "premature-bounce", "reported as failed without entitlement") \
	X(FALSE_BOUNCE, "false-bounce", "delivered and reported as failed")	\
	X(DUPLICATE, "duplicate", "more copies than lost replies excuse")	\
	X(STUCK, "stuck", "queued, but no attempts, or past its lifetime")	\
	X(SILENT_DROP, "silent-drop", "accepted, not delivered, not reported, not queued") \
	X(MISROUTED, "misrouted", "given to a host that is none of the recipient's") \
	X(MISADDRESSED_DSN, "misaddressed-dsn", "the report went to another than the sender") \
	X(DOWNGRADE, "downgrade", "sent in clear or unauthenticated against the policy") \
	X(CORRUPTED, "corrupted", "the content that arrived is not what was sent") \
	X(BOUNCE_TO_NULL, "bounce-to-null", "a report about mail with the null reverse-path") \
	X(UNWANTED_DSN, "unwanted-dsn", "a report although NOTIFY asked for none") \
	X(DOUBLE_BOUNCE_LOOP, "double-bounce-loop", "reports about reports")	\
	X(LOOPING, "looping", "the same message comes round and round")	\
	X(INCONCLUSIVE, "inconclusive", "the harness cannot tell; never a pass")

enum verdict {
#define X(sym, word, help) V_##sym,
	VERDICTS(X)
#undef X
	VERDICT_COUNT
};

typedef uint64_t verdict_set;
#define VSET(v)	(UINT64_C(1) << (v))

/* X("word", set, "help"): groups for `outcome:`. */
#define OUTCOME_GROUPS(X)						\
	X("delivered", VSET(V_DELIVERED) | VSET(V_DELIVERED_LATE), "delivered once, at once or late") \
	X("deferred", VSET(V_RETRYING), "still queued and retried when the window closes") \
	X("any-safe", VSET(V_DELIVERED) | VSET(V_DELIVERED_LATE) | VSET(V_RETRYING) | VSET(V_BOUNCED_CORRECT) | VSET(V_BOUNCED_NOWHERE) | VSET(V_DISCARDED_OK) | VSET(V_DUPLICATE_EXCUSED), "whatever loses nothing")

/* X(symbol, "word", "help"): what a report says was done, RFC 3464 2.3.3. */
#define REPORT_ACTIONS(X)						\
	X(FAILED, "failed", "given up: the report of failure")			\
	X(DELAYED, "delayed", "not yet delivered, still tried")			\
	X(DELIVERED, "delivered", "delivered to the mailbox")			\
	X(RELAYED, "relayed", "given to a host that makes no reports")		\
	X(EXPANDED, "expanded", "given to the members of a list")

enum report_action {
#define X(sym, word, help) REPORT_##sym,
	REPORT_ACTIONS(X)
#undef X
	REPORT_ACTION_COUNT
};

/*
 * X(symbol, "word", "help", "example"): what a report has, by RFC 3464 2.2
 * and 2.3; FROM and TO are its envelope (TO without the run's tag).
 */
#define REPORT_FIELDS(X)						\
	X(FROM, "from", "reverse-path of the report; \"\" is the null sender", "\"\"") \
	X(TO, "to", "whom the report went to", "sender@s.test")		\
	X(REPORTING_MTA, "reporting-mta", "Reporting-MTA", "mta.sut.test")	\
	X(ENVID, "envid", "Original-Envelope-Id, decoded", "job42")		\
	X(ORIGINAL_RECIPIENT, "original-recipient", "Original-Recipient", "user@r.test") \
	X(FINAL_RECIPIENT, "final-recipient", "Final-Recipient", "user@r.test")	\
	X(STATUS, "status", "Status", "5.1.*")					\
	X(REMOTE_MTA, "remote-mta", "Remote-MTA", "mx1.r.test")			\
	X(DIAGNOSTIC_CODE, "diagnostic-code", "Diagnostic-Code", "550 5.1.1*")

enum report_field {
#define X(sym, word, help, example) REPORT_FIELD_##sym,
	REPORT_FIELDS(X)
#undef X
	REPORT_FIELD_COUNT
};

/*
 * One entry of `report:` in an expectation: a report about the message and
 * recipient with this action must be such that every pattern matches the
 * field's value.  Values are as struct dsn (harness/dsn) has them: unfolded,
 * without type ("dns;") and comment.  A field that the report does not have
 * matches nothing, not even "*".
 */
struct report_expectation {
	struct loc	 loc;
	enum report_action action;
	const char	*fields[REPORT_FIELD_COUNT];	/* glob; NULL: any */
};

/* One line of `expect:`. */
struct expectation {
	struct loc	 loc;
	const char	*message;	/* key, NULL: every message */
	const char	*recipient;	/* address, NULL: every recipient */
	verdict_set	 outcome;	/* 0: not said by this line */
	struct loc	 outcome_loc;
	verdict_set	 tolerate;	/* disputed: info, not FAIL (0.6) */
	const char	*via;		/* delivered at this host */
	int64_t		 within_us;	/* of acceptance: final event; 0: any */
	int64_t		 not_before_us;
	const char	*status;	/* glob over the report's Status */
	int		 attempts_min, attempts_max;	/* cycles; 0: any */
	int		 copies_max;	/* 0: as the verdict says */
	struct report_expectation *reports;	/* there must be each */
	size_t		 report_count;
	/* Reports with Action: delayed and relayed about the unit. */
	int		 delays_min, relayed_min;	/* 0: any */
	int		 delays_max, relayed_max;	/* -1: any */
};

/* Scenario-wide checks, beside the units' verdicts. */
struct checks {
	const char	*const *untouched;	/* no SYN (TRAP_CONTACT) */
	size_t		 untouched_count;
	const char	*const *order;		/* hosts by first contact */
	size_t		 order_count;
	const char	*const *spread;		/* must share first contacts */
	size_t		 spread_count;
	int		 queries_max;		/* DNS, per message; 0: any */
	int		 contacts_max;		/* SYNs, whole run; 0: any */
	const char	*const *allow;		/* flags that are no failure */
	size_t		 allow_count;
	struct loc	 loc;
};

/* What ${NAME} stands for in a variant. */
struct scenario_value {
	const char	*name, *text;
};

struct scenario {
	struct arena	*arena;
	const char	*path;		/* of the file */
	const char	*id;		/* path below scenarios/, no .yaml */
	const char	*source;	/* its text, for snippets */
	const char	*variant;	/* of the file's `variants`, or NULL */
	struct scenario_value *values;	/* its `set` */
	size_t		 value_count;
	const char	*title;
	const char	*why;		/* prose: why it matters; may be NULL */
	const char	*const *covers;	/* requirement ids */
	size_t		 covers_count;
	const char	*const *tags;
	size_t		 tag_count;
	const char	*const *needs;	/* adapter capabilities */
	size_t		 needs_count;
	bool		 core;		/* tag "core" */
	enum level	 level;		/* of what it says; else see below */
	bool		 level_is_given; /* else the strongest of `covers` */

	struct fdns_zone *zones;	/* the first from time 0 */
	size_t		 zone_count;
	struct fdns_rule *dns;
	size_t		 dns_count;
	int		 resolvers;	/* 1 or 2 */
	struct fsmtp_host *hosts;	/* also those only named in the zone */
	size_t		 host_count;
	struct net_rule	*network;
	size_t		 network_count;
	struct mta_event *mta;
	size_t		 mta_count;
	bool		 mta_ipv4, mta_ipv6;	/* families the MTA has */
	/* Senders' domains that the zone does not have get a host. */
	int		 healthy_senders;
	/* Names completed by the search list lead to a stranger. */
	bool		 search_trap;
	const char	*relay_domain;	/* the MTA relays for it (backup MX) */
	/* Where it must send all mail, in this order; none: by MX. */
	const char	*const *smarthosts;
	size_t		 smarthost_count;

	struct message	*messages;
	size_t		 message_count;
	struct expectation *expect;
	size_t		 expect_count;
	struct checks	 checks;
	/*
	 * How long to look: 0 decides by the verdict (until every unit is
	 * final, at most LIFE and its allowances); else a virtual time.
	 */
	int64_t		 horizon_us;
	/* From when on the scenario guarantees a working path; TIME_NEVER:
	 * never; computed from the phases when not said. */
	int64_t		 repair_us;
};

/*
 * Parses and checks one file.  NULL if it has errors; all of them are in
 * `diags`, warnings too.  `id` NULL: made from the path.
 */
struct scenario *scenario_parse_file(const char *path, struct diags *);
struct scenario *scenario_parse(const char *text, size_t len,
	    const char *path, struct diags *);
/*
 * A file with `variants:` is as many scenarios, ids FILE/VARIANT.  NULL is
 * the first one, which is also what the functions above give.  Nothing is
 * printed or kept of a file that cannot be read as a list of variants:
 * scenario_variants() then gives 0, parsing says why.
 */
struct scenario *scenario_parse_variant(const char *text, size_t len,
	    const char *path, const char *variant, struct diags *);
/* Names of the variants, in the arena; 0: an ordinary file. */
size_t	 scenario_variants(struct arena *, const char *text, size_t len,
	    const char *const **names);
/*
 * Appends a part of `source` as this variant means it: with the values in
 * place of ${NAME}.
 */
void	 scenario_fill(const struct scenario *, struct sbuf *,
	    const char *text, size_t len);
void	 scenario_free(struct scenario *);

const char *verdict_word(enum verdict);		/* as in the language */
const char *verdict_name(enum verdict);		/* "SILENT_DROP" */
const char *verdict_help(enum verdict);
const char *report_action_word(enum report_action);	/* "failed" */
const char *report_field_word(enum report_field);	/* "remote-mta" */

#endif
