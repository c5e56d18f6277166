/*
 * A DNS fault rule: which queries it is about, when it is in force and what
 * it does to them.  Pure data, made by the scenario parser (in its arena)
 * and read by fake_dns.  Healthy is the absence of rules.
 *
 * The first rule in list order that matches a query and whose phase covers
 * it decides; the number of contacts of a rule is the number of queries that
 * matched its name, type, transport and resolver so far (this one included),
 * whatever rule decided them.
 *
 * What is marked (UDP) below means only UDP queries unless `transport` says
 * TCP, and `close` and `pieces` mean only TCP ones; others pass without being
 * counted.
 *
 * `records:` whose owner is the name asked for ("@" without $ORIGIN stands
 * for it) or its alias's target become the answer, all others come along as
 * additional data; a rule for any type gives only those of the type asked.
 */
#ifndef MXD_FAKE_DNS_RULE_H
#define MXD_FAKE_DNS_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/phase.h"

/*
 * X(symbol, "word", "help").  The words are the scenario language's values
 * of `answer:`; the manual and the schema are made from this table.
 */
#define FDNS_ACTIONS(X)							\
	X(TRUTH, "truth", "the zone's own answer; used with delay, shuffle, case, ttl or ad") \
	X(NODATA, "nodata", "NOERROR with an empty answer section and the SOA")	\
	X(NXDOMAIN, "nxdomain", "the name does not exist, with the SOA")	\
	X(SERVFAIL, "servfail", "rcode 2, server failure")			\
	X(REFUSED, "refused", "rcode 5, refused by policy")			\
	X(FORMERR, "formerr", "rcode 1, format error")				\
	X(NOTIMP, "notimp", "rcode 4, not implemented")				\
	X(DROP, "drop", "no reply at all")					\
	X(RECORDS, "records", "the records given in `records:` instead of the zone's") \
	X(TRUNCATE, "truncate", "TC bit and an empty answer section (UDP)")	\
	X(TRUNCATE_PARTIAL, "truncate-partial", "TC bit and only the records given in `records:` (UDP)") \
	X(WRONG_ID, "wrong-id", "a forged reply with another query id and the records in `records:`, then after 200 ms the truth") \
	X(WRONG_QUESTION, "wrong-question", "a forged reply to another question with the records in `records:`, then after 200 ms the truth") \
	X(WRONG_SOURCE, "wrong-source", "a forged reply from another port with the records in `records:`, then after 200 ms the truth (UDP)") \
	X(MUTATE, "mutate", "the truth with seeded random octets changed")	\
	X(RAW, "raw", "the octets given in `raw:` (hex) after the query id")	\
	X(CUT, "cut", "the truth cut to the first `octets:` octets")		\
	X(CLOSE, "close", "TCP: close the connection without a reply")

enum fdns_action {
#define X(sym, word, help) FDNS_##sym,
	FDNS_ACTIONS(X)
#undef X
	FDNS_ACTION_COUNT
};

enum fdns_transport { FDNS_ANY, FDNS_UDP, FDNS_TCP };

/* Which queries, by their OPT record and the letters of their name. */
enum fdns_edns { FDNS_EDNS_ANY, FDNS_EDNS_WITH, FDNS_EDNS_WITHOUT };
enum fdns_case {
	FDNS_CASE_ANY, FDNS_CASE_LOWER, FDNS_CASE_MIXED, FDNS_CASE_SAME,
};

struct fdns_rule {
	struct rule	 rule;
	/* match */
	const char	*name;		/* name, "*.suffix" or NULL: any */
	uint16_t	 type;		/* RR type; 0: any */
	enum fdns_transport transport;
	int		 resolver;	/* 1, 2, ...; 0: any */
	enum fdns_edns	 edns;
	enum fdns_case	 name_case;
	/* action */
	enum fdns_action action;
	int64_t		 delay_us;	/* virtual, before the reply */
	const char	*records;	/* zone text, or NULL */
	const uint8_t	*raw;
	size_t		 raw_len;
	int		 octets;	/* CUT */
	/* TCP: the reply, length first, in pieces of so many octets. */
	const size_t	*pieces;
	size_t		 piece_count;	/* 0: in one */
	int64_t		 pause_us;	/* virtual, between two pieces */
	int64_t		 ttl;		/* seconds; -1: as in the zone */
	bool		 shuffle;	/* random order of each RRset */
	bool		 mix_case;	/* 0x20: random case in owner names */
	bool		 ad;		/* set the AD bit */
};

/* The zones that are in force during a span of time; text is RFC 1035. */
struct fdns_zone {
	const char	*text;
	int		 line;		/* where the text starts in the file */
	int64_t		 from_us;	/* replaces the former from here on */
};

const char *fdns_action_word(enum fdns_action);
const char *fdns_action_help(enum fdns_action);

#endif
