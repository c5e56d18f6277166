/*
 * An SMTP fault rule: at which stage of which sessions a host misbehaves,
 * when, and how.  Pure data, made by the scenario parser (in its arena) and
 * read by fake_smtp.  Healthy is the absence of rules.
 *
 * Rules belong to a host.  A contact is one connection to the host (counted
 * at its SYN, at accept where there is no packet router); `first`/`after`
 * count contacts, time bounds are tested when the stage is reached.  A rule
 * with a further match (client, sender, nth ...) counts only the connections
 * in which it matched, or else it might never meet what it is about; whether
 * it decided does not matter.  For one stage the first rule in list order
 * that matches decides.
 */
#ifndef MXD_FAKE_SMTP_RULE_H
#define MXD_FAKE_SMTP_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/addr.h"
#include "harness/base/phase.h"

/*
 * X(symbol, "word", who, "help"): keys of a host rule, one stage each.  Who
 * is known when it is reached: nobody, the sender of the open transaction, or
 * its recipients as well.
 */
#define FSMTP_STAGES(X)							\
	X(CONNECT, "connect", NOBODY, "the TCP handshake")				\
	X(GREETING, "greeting", NOBODY, "the 220 line")					\
	X(EHLO, "ehlo", NOBODY, "the reply to EHLO")					\
	X(HELO, "helo", NOBODY, "the reply to HELO")					\
	X(MAIL, "mail", SENDER, "the reply to MAIL FROM")				\
	X(RCPT, "rcpt", RECIPIENT, "the reply to RCPT TO")					\
	X(DATA, "data", RECIPIENT, "the reply to DATA (354)")				\
	X(BODY, "body", RECIPIENT, "in the midst of the content, after `octets:` of it")	\
	X(EOD, "eod", RECIPIENT, "the reply to the end of data")				\
	X(BDAT, "bdat", RECIPIENT, "the reply to a BDAT chunk")				\
	X(RSET, "rset", NOBODY, "the reply to RSET")					\
	X(NOOP, "noop", RECIPIENT, "the reply to NOOP")					\
	X(STARTTLS, "starttls", NOBODY, "the reply to STARTTLS")			\
	X(AUTH, "auth", NOBODY, "the reply to AUTH")					\
	X(QUIT, "quit", NOBODY, "the reply to QUIT")					\
	X(OTHER, "other", RECIPIENT, "the reply to any other command")		\
	X(IDLE, "idle", NOBODY, "unasked, when no command has come for `delay:` (default 1s) and no transaction is open")

enum fsmtp_stage {
#define X(sym, word, who, help) FSMTP_##sym,
	FSMTP_STAGES(X)
#undef X
	FSMTP_STAGE_COUNT
};

enum fsmtp_who {
	FSMTP_KNOWS_NOBODY, FSMTP_KNOWS_SENDER, FSMTP_KNOWS_RECIPIENT,
};

/*
 * X(symbol, "word", "help"): what a rule does instead of the healthy reply.
 * A reply is written as its text ("451 4.3.0 try later").
 */
#define FSMTP_ACTIONS(X)						\
	X(REPLY, "", "the reply given")						\
	X(HEALTHY, "healthy", "the healthy reply; used with delay, drip or then") \
	X(SILENCE, "silence", "no reply, the connection stays open")		\
	X(CLOSE, "close", "close the connection (FIN) without a reply")		\
	X(RESET, "reset", "reset the connection (RST) without a reply")		\
	X(ENDLESS, "endless", "continuation lines (CODE-) without an end")	\
	X(OVERSIZED, "oversized", "the reply in one line of `octets:` octets (default 65536)") \
	X(BARE_LF, "bare-lf", "the reply ended by LF alone")			\
	X(GARBAGE, "garbage", "a line that is no reply")			\
	X(RAW, "raw", "the octets given in `raw:` (hex), as they are")

enum fsmtp_action {
#define X(sym, word, help) FSMTP_DO_##sym,
	FSMTP_ACTIONS(X)
#undef X
	FSMTP_ACTION_COUNT
};

/* X(symbol, "word", "help"): values of `connect:`. */
#define FSMTP_CONNECTS(X)						\
	X(OPEN, "open", "the handshake completes")				\
	X(REFUSE, "refuse", "RST in answer to the SYN")				\
	X(BLACKHOLE, "blackhole", "the SYN is dropped")				\
	X(CLOSE, "close", "accepted, then closed (FIN) before the greeting")	\
	X(RESET, "reset", "accepted, then reset (RST) before the greeting")	\
	X(ICMP_NET, "icmp-net", "ICMP network unreachable (v6: no route)")	\
	X(ICMP_HOST, "icmp-host", "ICMP host unreachable (v6: address unreachable)") \
	X(ICMP_PORT, "icmp-port", "ICMP port unreachable")			\
	X(ICMP_NET_PROHIBITED, "icmp-net-prohibited", "ICMP code 9 (v6: administratively prohibited)") \
	X(ICMP_HOST_PROHIBITED, "icmp-host-prohibited", "ICMP code 10 (v6: source address failed policy)") \
	X(ICMP_PROHIBITED, "icmp-prohibited", "ICMP code 13, administratively prohibited")

enum fsmtp_connect {
#define X(sym, word, help) FSMTP_CONNECT_##sym,
	FSMTP_CONNECTS(X)
#undef X
	FSMTP_CONNECT_COUNT
};

/*
 * After the reply.  NOTHING is the default: the session goes on, but for a
 * reply of code 421 to anything and for the one to QUIT, after which a server
 * closes (RFC 5321 sections 3.8 and 4.1.1.10).  STAY keeps even those open.
 * After a greeting of 554 or 521 the server waits for QUIT (section 3.1).
 */
enum fsmtp_then {
	FSMTP_THEN_NOTHING,
	FSMTP_THEN_CLOSE,
	FSMTP_THEN_RESET,
	FSMTP_THEN_STAY,
};

/* The truth about a message whose end-of-data reply gets lost. */
enum fsmtp_keep { FSMTP_KEEP_BY_REPLY, FSMTP_KEEP_STORE, FSMTP_KEEP_DISCARD };

/* What first and after count. */
enum fsmtp_count { FSMTP_COUNT_CONNECTIONS, FSMTP_COUNT_TRANSACTIONS };

struct fsmtp_rule {
	struct rule	 rule;
	enum fsmtp_count counts;
	uint32_t	 contacts;	/* its own so far, kept by the server */
	/* match; NULL or 0: any */
	enum fsmtp_stage stage;
	struct addr	 client;	/* connecting address; family 0: any */
	const char	*sender;	/* glob over reverse-path ("" is <>) */
	const char	*recipient;	/* glob over the forward-path */
	int		 nth_in_session;/* only the n-th time in the session */
	int		 from_nth;	/* the n-th in the session and later */
	/*
	 * RCPT and later: only once the open transaction has so many accepted
	 * recipients.  "452 after 100 recipients" (RFC 5321 4.5.3.1.10) is
	 * stage RCPT with after_rcpts 100: a new transaction has room again.
	 */
	int		 after_rcpts;
	int		 family;	/* AF_INET, AF_INET6: only so reached */
	/* action */
	enum fsmtp_action action;
	enum fsmtp_connect connect;	/* stage CONNECT only */
	const char	*const *lines;	/* reply lines, no CRLF, each with */
	size_t		 line_count;	/* its code: "250-a", "250 b" */
	int64_t		 delay_us;	/* virtual, before the first octet */
	int64_t		 drip_us;	/* virtual, between octets; 0: none */
	/* The reply in pieces of so many octets; the rest is the last one. */
	const size_t	*pieces;
	size_t		 piece_count;	/* 0: in one */
	int64_t		 pause_us;	/* virtual, between two pieces */
	const uint8_t	*raw;		/* RAW */
	size_t		 raw_len;
	bool		 early;		/* reply before the command has come */
	size_t		 octets;	/* BODY: after so many; OVERSIZED */
	size_t		 cut;		/* only so many octets of the reply, */
					/* 0: all; then `then` */
	enum fsmtp_then	 then;		/* after the reply */
	enum fsmtp_keep	 keep;		/* EOD, BDAT: message is kept or not */
};

/* `greylist:` of a host: RFC 6647 triplet (client, sender, recipient). */
struct fsmtp_greylist {
	struct rule	 rule;		/* id "" when there is no greylist */
	int64_t		 delay_us;	/* accept after so long; 0: none */
	const char	*reply;		/* NULL: 450 4.7.1 */
};

/* One MX host, reached at one or more addresses on port 25. */
struct fsmtp_host {
	const char	*name;
	const struct addr *addrs;
	size_t		 addr_count;
	struct fsmtp_rule *rules;
	size_t		 rule_count;
	struct fsmtp_greylist greylist;
	/* EHLO keywords, e.g. "PIPELINING", "SIZE 1000"; NULL: the default
	 * set PIPELINING, SIZE 52428800, 8BITMIME, SMTPUTF8, DSN,
	 * ENHANCEDSTATUSCODES, CHUNKING; without the last if a rule is for
	 * DATA, which BDAT would go round. */
	const char	*const *keywords;
	size_t		 keyword_count;
};

static inline bool
fsmtp_greylists(const struct fsmtp_host *host)
{
	return host->greylist.rule.id != NULL &&
	    *host->greylist.rule.id != '\0';
}

const char *fsmtp_stage_word(enum fsmtp_stage);
const char *fsmtp_stage_help(enum fsmtp_stage);
enum fsmtp_who fsmtp_stage_knows(enum fsmtp_stage);
const char *fsmtp_action_word(enum fsmtp_action);
const char *fsmtp_action_help(enum fsmtp_action);
const char *fsmtp_connect_word(enum fsmtp_connect);
const char *fsmtp_connect_help(enum fsmtp_connect);

#endif
