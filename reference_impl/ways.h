/*
 * The switchable lawful ways: what RFCs leave to an MTA, done as some real
 * one does it.  None of them may turn a verdict into a failure: a judge that
 * accuses one of them accuses the innocent.  All are off by default, all may
 * be combined with each other and with bugs (bugs.h).  Of ways that exclude
 * each other the one that stands first here acts; those of time say in the
 * profile what they do (settings.h).
 *
 * X(symbol, "name", "clause that allows it", "where it was seen", "help")
 */
#ifndef REFMTA_WAYS_H
#define REFMTA_WAYS_H

#include <stdbool.h>
#include <stdio.h>

#define WAYS(X)								\
	/* which host, in what order; judged by the planner */		\
	X(IPV4_FIRST, "ipv4-first", "RFC 5321 5.2", "Postfix smtp_address_preference=ipv4", \
	    "families take turns, IPv4 begins")				\
	X(IPV4_THEN_IPV6, "ipv4-then-ipv6", "RFC 3974 3", "lesser mailers", \
	    "all IPv4 addresses of a host before its IPv6 ones")		\
	X(IPV6_THEN_IPV4, "ipv6-then-ipv4", "RFC 3974 3", "sendmail 8.17, Exim 4.96", \
	    "all IPv6 addresses of a host before its IPv4 ones")		\
	X(ADDRESSES_SHUFFLED, "addresses-shuffled", "RFC 5321 5.1", "Postfix", \
	    "the addresses of all hosts of one preference are mixed")	\
	X(EQUAL_ROTATED, "equal-mx-rotated", "RFC 5321 5.1", "lesser mailers",	\
	    "hosts of one preference are tried in a circle, begun anywhere") \
	X(FIVE_ADDRESSES, "five-addresses", "RFC 5321 5.1", "Postfix smtp_mx_address_limit", \
	    "five addresses are tried in a cycle")				\
	X(ALL_ADDRESSES, "all-addresses", "RFC 5321 5.1", "sendmail, OpenSMTPD", \
	    "every address is tried in a cycle")				\
	X(HOSTS_LOOKED_UP_FIRST, "hosts-looked-up-first", "RFC 5321 5.1", "Postfix, Exim", \
	    "the addresses of all MX hosts are known before the first is tried") \
	X(LOOKUPS_IN_TURN, "lookups-in-turn", "RFC 5321 5.1", "Postfix", \
	    "one question at a time is asked of DNS")			\
	X(A_ASKED_FIRST, "a-asked-first", "RFC 5321 5.1", "libc resolvers",		\
	    "A is asked before AAAA")					\
	X(ADDRESS_ASKED_TOO, "address-asked-too", "RFC 5321 5.1", "lesser mailers", \
	    "the domain's own addresses are asked along with its MX, and not used") \
	/* what a failed host means */					\
	X(DENIED_WAITS, "denied-waits", "RFC 5321 4.2.1, 5.1", "Postfix smtp_skip_5xx_greeting", \
	    "denied by every host (5yz greeting or EHLO) the mail is kept")	\
	X(MAIL_4YZ_ENDS_CYCLE, "mail-4yz-ends-cycle", "RFC 5321 4.2.1", "qmail, OpenSMTPD", \
	    "4yz to MAIL, RCPT, DATA or the message: no other host in this cycle") \
	X(LOST_EOD_GOES_ON, "lost-eod-goes-on", "RFC 1047", "lesser mailers", \
	    "no reply to the message: one more host in this cycle")		\
	X(BACKUP_REFUSAL_WAITS, "backup-refusal-waits", "RFC 5321 4.2.1, RFC 3974 3", "lesser mailers", \
	    "5yz from a host after another's 4yz in this cycle is no verdict yet") \
	/* time: see the profile */					\
	X(SHORT_BACKOFF, "short-back-off", "RFC 5321 4.5.4.1", "Postfix",	\
	    "retries after 5 min, doubling to 4000 s")			\
	X(LONG_BACKOFF, "long-back-off", "RFC 5321 4.5.4.1", "lesser mailers",	\
	    "retries after 1 h, doubling to 4 h")				\
	X(QUADRATIC_BACKOFF, "quadratic-back-off", "RFC 5321 4.5.4.1", "OpenSMTPD, qmail", \
	    "the n-th retry follows after 400 s times n squared, at most 4 h") \
	X(STEADY_BACKOFF, "steady-back-off", "RFC 5321 4.5.4.1", "sendmail -q30m", \
	    "retries every 30 min")						\
	X(EARLY_SECOND, "early-second-attempt", "RFC 5321 4.5.4.1", "Courier", \
	    "the first retry follows after 5 min")				\
	X(JITTER, "jitter", "RFC 5321 4.5.4.1", "lesser mailers",		\
	    "each interval is longer by up to a quarter")			\
	X(QUEUE_RUNS, "queue-runs", "RFC 5321 4.5.4.1", "Exim -q15m, sendmail -q15m", \
	    "retries and reports wait for the next run, every 15 min")	\
	X(LIFE_4D, "life-4d", "RFC 5321 4.5.4.1", "Exim, OpenSMTPD",		\
	    "mail is given up after four days")				\
	X(LIFE_7D, "life-7d", "RFC 5321 4.5.4.1", "qmail, nullmailer, Courier", \
	    "mail is given up after seven days")				\
	X(NULL_LIFE_4D, "null-life-4d", "RFC 5321 4.5.4.1", "Postfix bounce_queue_lifetime", \
	    "null-sender mail is given up after four days")			\
	X(EXPIRES_AT_ATTEMPT, "expires-at-attempt", "RFC 5321 4.5.4.1", "Postfix, Exim", \
	    "given up after the first attempt that comes after the lifetime")	\
	X(EXPIRES_UNTRIED, "expires-untried", "RFC 5321 4.5.4.1", "OpenSMTPD", \
	    "given up when the lifetime ends, without a last attempt")	\
	X(NO_DELAY_REPORT, "no-delay-report", "RFC 3461 5.2.8", "Postfix, qmail", \
	    "no report of a delay")						\
	X(DELAY_REPORT_DAILY, "delay-report-daily", "RFC 3461 4.1", "Exim delay_warning", \
	    "a report of delay every 24 h")					\
	X(DELAY_REPORT_IF_ASKED, "delay-report-if-asked", "RFC 3461 4.1", "lesser mailers", \
	    "a report of delay only with NOTIFY=DELAY")			\
	X(HOST_CACHE_LONG, "host-cache-long", "RFC 5321 4.5.4.1", "sendmail HostStatusDirectory", \
	    "a dead host is left alone for 10 min")				\
	X(NO_HOST_CACHE, "no-host-cache", "RFC 5321 4.5.4.1", "dma, nullmailer", \
	    "a dead host is remembered by nobody")				\
	X(RESTART_RUNS_QUEUE, "restart-runs-queue", "RFC 5321 4.5.4.1", "sendmail, nullmailer", \
	    "a start makes all that waits due")				\
	X(CONNECT_2M, "connect-2m", "RFC 5321 4.5.4.1", "the kernel's own limit", \
	    "two minutes for a TCP connection")				\
	X(LONG_TIMEOUTS, "long-timeouts", "RFC 5321 4.5.3.2", "sendmail, whose RCPT has 1 h", \
	    "replies are awaited twice as long as they must be")		\
	/* sessions */							\
	X(ONE_RECIPIENT, "one-recipient", "RFC 5321 4.5.4.1", "Postfix smtp_destination_recipient_limit", \
	    "one recipient a transaction")					\
	X(TWO_RECIPIENTS, "two-recipients", "RFC 5321 4.5.4.1", "Postfix smtp_destination_recipient_limit", \
	    "two recipients a transaction")					\
	X(RECIPIENT_SESSIONS, "recipient-sessions", "RFC 5321 4.5.4.1", "qmail", \
	    "each recipient has attempts and sessions of its own")		\
	X(NO_PIPELINING, "no-pipelining", "RFC 2920 3.1", "dma, qmail",	\
	    "each reply is awaited before the next command")		\
	X(DATA_ALONE, "data-alone", "RFC 2920 3.1", "lesser mailers",	\
	    "MAIL and RCPT are pipelined, DATA waits for their replies")	\
	X(BDAT, "bdat", "RFC 3030 2", "Exim 4.96",				\
	    "BDAT where the server offers CHUNKING")			\
	X(RSET_BETWEEN, "rset-between", "RFC 5321 4.1.1.5", "sendmail, Postfix", \
	    "RSET between any two transactions")				\
	X(NOOP_FIRST, "noop-first", "RFC 5321 4.1.1.9", "lesser mailers",	\
	    "NOOP after EHLO")						\
	X(NO_SIZE, "no-size", "RFC 1870 4", "dma, qmail",		\
	    "MAIL never says SIZE")						\
	X(SAYS_7BIT, "says-7bit", "RFC 6152 2", "sendmail",			\
	    "MAIL says BODY=7BIT of such content")				\
	X(EHLO_LITERAL, "ehlo-literal", "RFC 5321 4.1.1.1", "hosts without a name", \
	    "EHLO gives the address instead of the name")			\
	X(LOWER_CASE_VERBS, "lower-case-verbs", "RFC 5321 2.4", "lesser mailers", \
	    "commands are written in small letters")			\
	X(QUIT_AFTER_421, "quit-after-421", "RFC 5321 4.1.1.10", "sendmail",	\
	    "QUIT is said even after 421")					\
	X(QUIT_LATE, "quit-late", "RFC 5321 4.1.1.10", "Postfix's connection cache", \
	    "the connection is kept for two seconds before QUIT")		\
	X(QUOTED_PRINTABLE, "quoted-printable", "RFC 6152 3", "Postfix, sendmail", \
	    "8-bit content is made quoted-printable for a server without 8BITMIME") \
	X(BASE64, "base64", "RFC 6152 3", "sendmail",				\
	    "8-bit content is made base64 for a server without 8BITMIME")	\
	X(EIGHT_BIT_WAITS, "8bit-waits", "RFC 6152 3", "lesser mailers",	\
	    "8-bit content waits for a server with 8BITMIME")		\
	X(ORCPT_ADDED, "orcpt-added", "RFC 3461 5.2.1", "Postfix",		\
	    "ORCPT is added where the client gave none")			\
	X(DOMAIN_UPPER_CASE, "domain-upper-case", "RFC 5321 2.4", "lesser mailers", \
	    "the recipient's domain is written in capitals")		\
	X(DOMAIN_LOWER_CASE, "domain-lower-case", "RFC 5321 2.4", "Exim, OpenSMTPD", \
	    "the recipient's domain is written in small letters")		\
	X(FINAL_DOT_DROPPED, "final-dot-dropped", "RFC 5321 2.3.5", "Postfix, sendmail", \
	    "a dot at the end of the recipient's domain is not passed on")	\
	X(CNAME_WRITTEN, "cname-written", "RFC 1123 5.2.2", "sendmail",	\
	    "the recipient's domain is written as what its CNAME leads to")	\
	/* reports: when, and how many */					\
	X(REPORT_EACH, "report-each", "RFC 3464 2", "lesser mailers",	\
	    "a report for each recipient")					\
	X(REPORTS_LATE, "reports-late", "RFC 5321 4.5.4.1", "queue runners",	\
	    "what failed is reported five minutes later, all in one report") \
	X(REPORT_FOR_ALL, "report-for-all", "RFC 3464 2", "qmail", \
	    "failures are gathered for 20 s, then told in one report")	\
	X(POSTMASTER_COPY, "postmaster-copy", "RFC 5321 6.1", "Postfix notify_classes=bounce", \
	    "the local postmaster has a copy of each report of failure")	\
	X(DOUBLE_BOUNCE_NOTICE, "double-bounce-notice", "RFC 5321 6.1", "Postfix, sendmail, qmail", \
	    "the local postmaster is told of null-sender mail that failed")	\
	/* reports: their form */						\
	X(REPORT_FULL, "report-full", "RFC 3461 4.3", "Postfix, sendmail",	\
	    "the whole message is returned unless RET asks for less")	\
	X(REPORT_BARE, "report-bare", "RFC 3461 4.3, RFC 6522 3", "lesser mailers",		\
	    "nothing is returned unless RET asks for it")			\
	X(REPORT_UTF8, "report-utf8", "RFC 6522 3", "Exchange",	\
	    "the text for people is labelled utf-8")			\
	X(REPORT_BASE64, "report-base64", "RFC 6522 3", "Exchange",		\
	    "the text for people is in base64")				\
	X(REPORT_HTML, "report-html", "RFC 6522 3", "Exchange",		\
	    "the text for people comes as HTML, too")			\
	X(REPORT_SMALL_FIELDS, "report-small-fields", "RFC 5322 1.2.2", "lesser mailers", \
	    "the fields of the report are named in small letters")		\
	X(REPORT_TURNED, "report-turned", "RFC 5322 3.6", "lesser mailers",	\
	    "the fields of each block stand the other way round")		\
	X(REPORT_SPACED, "report-spaced", "RFC 3464 2.1.1, 2.1.2", "sendmail",		\
	    "\"RFC822; user@domain\", with a blank and in capitals")		\
	X(REPORT_UNDATED, "report-undated", "RFC 3464 2.2.5, 2.3.7", "lesser mailers", \
	    "no Arrival-Date and no Last-Attempt-Date")			\
	X(REPORT_EXTRAS, "report-extras", "RFC 3464 2.4", "Postfix, sendmail", \
	    "extension fields, X- and Final-Log-ID")				\
	X(EXPIRED_547, "expired-5.4.7", "RFC 3464 2.3.4", "Exchange",	\
	    "mail whose time is over has Status 5.4.7")			\
	X(STATUS_GUESSED, "status-guessed", "RFC 3463 2", "sendmail",		\
	    "a reply without enhanced code gets the one that it suggests")	\
	X(MAILER_DAEMON, "mailer-daemon", "RFC 3464 2", "Postfix, Exim, sendmail", \
	    "reports are from MAILER-DAEMON and in other words")		\
	/* the resolver */							\
	X(DNS_CACHE, "dns-cache", "RFC 1034 3.6, RFC 2308 5", "a resolver on the host", \
	    "answers are kept for their TTL")				\
	X(FAILURE_CACHE, "dns-failure-cache", "RFC 9520 3.2", "a resolver on the host", \
	    "a failed lookup is not repeated for a minute")			\
	X(EDNS, "edns", "RFC 6891 6.1", "modern resolvers",			\
	    "queries have EDNS with 1232 octets, and none after FORMERR")	\
	X(MIXED_CASE, "dns-mixed-case", "RFC 1035 2.3.3", "resolvers with 0x20", \
	    "letters of query names are of random case")			\
	X(TCP_AFTER_UDP, "dns-tcp-after-udp", "RFC 7766 5", "systemd-resolved", \
	    "the second round of tries is over TCP")				\
	X(SERVERS_IN_TURN, "dns-servers-in-turn", "RFC 1123 6.1.3.3", "resolv.conf's rotate", \
	    "each lookup begins with the next name server")			\
	/* the queue and what is made of a message */			\
	X(LIST_SORTED, "list-sorted", "RFC 5321 4.5.4", "lesser mailers",	\
	    "the queue is listed by the address of the recipient")		\
	X(LIST_NEWEST_FIRST, "list-newest-first", "RFC 5321 4.5.4", "lesser mailers", \
	    "the queue is listed newest first")				\
	X(LONG_IDS, "long-ids", "RFC 5321 4.5.4", "Exim, Haraka",		\
	    "queue names are long and have capitals")			\
	X(NEWEST_FIRST, "newest-first", "RFC 5321 4.5.4.1", "lesser mailers", \
	    "of what waits for a slot the newest comes first")		\
	X(ONE_A_DOMAIN, "one-a-domain", "RFC 5321 4.5.4.1", "lesser mailers", \
	    "one delivery at a time to a domain")				\
	X(FIRST_WAITS, "first-attempt-waits", "RFC 5321 4.5.4.1", "lesser mailers", \
	    "the first attempt begins two seconds after acceptance")	\
	X(RECEIVED_FOR, "received-for", "RFC 5321 4.4", "Postfix, Exim",	\
	    "Received names the queue id, and the only recipient")		\
	X(RECEIVED_SHORT, "received-short", "RFC 5321 4.4", "lesser mailers",	\
	    "Received has nothing that may be left out")			\
	X(FIELDS_ADDED, "fields-added", "RFC 5321 6.4", "sendmail, Postfix",	\
	    "a missing Date or Message-ID is added")

enum way {
#define X(sym, name, clause, origin, help) WAY_##sym,
	WAYS(X)
#undef X
	WAY_COUNT
};

struct ways {
	bool on[WAY_COUNT];
};

/* True when the way is taken; a NULL set has none. */
#define HAS_WAY(set, sym) ((set) != NULL && (set)->on[WAY_##sym])

/* Switches on NAME or NAME+NAME...; false: *bad is the unknown name. */
bool	 ways_enable(struct ways *, const char *names, char bad[64]);
const char *way_name(enum way);
void	 ways_list(FILE *);

#endif
