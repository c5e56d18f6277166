/*
 * The switchable bugs: defects that real mail transfer agents had, each at
 * the place in the engine where such a bug lives.  All are off by default.
 *
 * X(symbol, "name", "where it was seen", "requirements it breaks", "help")
 *
 * The requirements are those whose statement the bug contradicts by itself,
 * not all that may be met on the way: a scenario that covers one of them is
 * to the point of the bug, and the bug of the scenario (matrix.sh).
 */
#ifndef REFMTA_BUGS_H
#define REFMTA_BUGS_H

#include <stdbool.h>
#include <stdio.h>

#define BUGS(X)								\
	/* DNS answers, judged by the planner */			\
	X(Q267245_DROP, "q267245-drop", "Exchange 5.5 IMS, KB Q267245", "R-DF-GREET-b", \
	    "one MX denies us or has no DNS, another is down: the message vanishes") \
	X(Q267245_NDR, "q267245-ndr", "Exchange 5.5 IMS, KB Q267245", "R-DF-GREET-b", \
	    "one MX denies us or has no DNS, another is down: returned without retry") \
	X(REFUSED_PERMANENT, "opensmtpd-refused-permanent", "OpenSMTPD #852", "R-9520-2.2-a R-9520-2.7-a", \
	    "REFUSED, NOTIMP or FORMERR for the MX means an invalid domain")	\
	X(REFUSED_LOSES, "opensmtpd-refused-loses-bounce", "OpenSMTPD #742", "R-9520-2.2-a R-9520-2.7-a", \
	    "REFUSED for the MX loses the message and its bounce")	\
	X(FORMERR_PERMANENT, "formerr-permanent", "Postfix 3.7, dma 0.13, sendmail 8.17", "R-9520-2.7-a", \
	    "FORMERR for the MX is taken as permanent")			\
	X(SERVFAIL_PERMANENT, "servfail-permanent", "chasquid before 8fab350b, ZoneMTA #4", "R-5321-5.1-b R-5321-5.1-c R-9520-2.2-a R-9520-2.7-a", \
	    "any failed MX lookup is permanent")				\
	X(NO_SERVER_BOUNCES, "no-name-server-bounces", "sendmail < 8.8.6", "R-5321-5.1-c R-DF-CON-g", \
	    "no answer from any name server returns the message")	\
	X(SERVFAIL_CRASHES, "servfail-crashes", "Haraka < 3.0.4 #3375", "R-5321-5.1-b", \
	    "a failed MX lookup ends the program")	\
	X(SERVFAIL_LOOP, "servfail-asked-for-ever", "Exim 4.99 bug 3172", "R-5321-5.1-b", \
	    "a failed lookup is repeated five hundred times at once")	\
	X(A_FALLBACK_LOOKUP, "a-record-fallback-on-mx-failure", "Postal #2833", "R-5321-5.1-g", \
	    "a failed MX lookup counts as no MX")				\
	X(A_FALLBACK_DOWN, "a-record-fallback-when-mx-down", "lesser mailers", "R-5321-5.1-f", \
	    "when every MX fails the domain's own address is tried")	\
	X(IMPLICIT_MX_BOUNCED, "implicit-mx-bounced", "OpenSMTPD 2012", "R-5321-5.1-e", \
	    "a domain without MX is returned")				\
	X(NXDOMAIN_RETRIED, "nxdomain-retried", "ZoneMTA #298", "R-5321-5.1-d", \
	    "a domain that does not exist is retried until it expires")	\
	X(NXDOMAIN_DROPS, "nxdomain-drops", "lesser mailers", "R-5321-5.1-d", \
	    "mail for a domain that does not exist vanishes")	\
	X(SEARCH_MX_HOST, "opensmtpd-search-list", "OpenSMTPD #1253", "R-5321-2.3.5-a", \
	    "an MX host without address is sought in the search list")	\
	X(SEARCH_DOMAIN, "dma-search-list", "dma 0.13 dns.c", "R-5321-2.3.5-a", \
	    "a failed MX lookup is repeated with the search list")	\
	X(SEARCH_REWRITE, "sendmail-search-list-rewrite", "sendmail 8.17.1", "R-5321-2.3.5-a", \
	    "as dma-search-list, and the recipient is rewritten")		\
	X(NULL_MX_RETRIED, "null-mx-retried", "OpenSMTPD < 7.5, Courier < 1.2.3", "R-7505-3-a", \
	    "a null MX is a temporary failure")				\
	X(NULL_MX_ADDRESS, "null-mx-uses-address", "mailers before RFC 7505", "R-7505-3-a", \
	    "a null MX counts as no MX: the address of the domain is used")	\
	X(NODATA_BOUNCES, "dma-nodata-bounces", "dma 0.13 add_host", "R-7672-2.1.2-a R-5321-5.1-l", \
	    "one MX host without address returns the message")		\
	X(NO_ADDRESS_DROPS, "no-address-drops", "lesser mailers", "R-DF-MXIP-a", \
	    "with no MX host that has an address the message vanishes")	\
	X(LOOPBACK_DROPS, "loopback-mx-drops", "lesser mailers", "R-5321-5.1-s", \
	    "an MX host that is this machine swallows the message")	\
	X(HOST_SERVFAIL_BOUNCES, "mx-host-servfail-bounces", "ZoneMTA #154", "R-1123-5.3.4-a R-7672-2.1.2-a", \
	    "one MX host whose lookup fails returns the message")		\
	X(MIXED_LOOKUP_BOUNCES, "mixed-lookup-bounces", "sendmail < 8.8.6", "R-DF-MIX-a", \
	    "one MX host without address makes the other, undetermined ones permanent") \
	X(AAAA_BLOCKS, "aaaa-servfail-blocks", "sendmail < 8.12.1, Exchange KB972744", "R-DF-AF-a", \
	    "a failed AAAA lookup hides the host's A records")		\
	X(AAAA_NXDOMAIN, "aaaa-nxdomain-hides-a", "RFC 4074 4.2", "R-DF-AF-a R-DF-AF-d", \
	    "NXDOMAIN for the AAAA says that there is no A either")	\
	X(CNAME_IGNORED, "cname-not-followed", "Exchange 2000 KB332189", "R-5321-5.1-j", \
	    "an alias is taken as a name without records")		\
	X(ALIAS_LOOP_DROPS, "alias-loop-drops", "lesser mailers", "R-DF-CNAME-a", \
	    "an alias that leads back to itself loses the message")	\
	X(DNS_REMEMBERED, "dns-remembered-for-ever", "lesser mailers", "R-DF-TTL-a R-DF-RET-g", \
	    "the first answers are kept for the life of the message")	\
	X(TTL_ZERO, "ttl-zero-is-expired", "lesser resolvers", "R-8767-4-a", \
	    "an answer with TTL 0 is thrown away as too old")	\
	X(SMARTHOST_BOUNCES, "smarthost-lookup-bounces", "maddy PR #845, dma #30", "R-DF-SH-a", \
	    "a smarthost without address returns the message")	\
	X(SMARTHOST_BYPASSED, "smarthost-bypassed", "lesser mailers", "R-DF-SH-a", \
	    "a smarthost without address is passed by, the MX gets the mail")	\
	X(SMARTHOST_IGNORED, "smarthost-ignored-at-home", "lesser mailers", "R-DF-SH-b", \
	    "a domain that the smarthost belongs to is served directly")	\
	/* which host, in what order */					\
	X(MX_ORDER_IGNORED, "mx-order-ignored", "mxclient #1", "R-5321-5.1-k", \
	    "MX hosts are tried in the order of the answer")		\
	X(MX_ORDER_LEXICAL, "mx-order-lexical", "lesser mailers", "R-5321-5.1-k", \
	    "preferences are sorted as text")				\
	X(NO_SHUFFLE, "no-shuffle", "Exchange 5.0 IMS", "R-5321-5.1-o",	\
	    "equal preferences are tried in the order of their names")	\
	X(ONLY_FIRST_MX, "only-first-mx", "PMail PR #360", "R-5321-5.1-l R-5321-5.1-m R-DF-CON-b R-DF-CON-c R-DF-SH-b",	\
	    "only the best MX host is ever tried")			\
	X(ONLY_FIRST_ADDRESS, "only-first-address", "lesser mailers", "R-5321-5.1-p R-5321-5.2-a", \
	    "only the first address of a host is tried")			\
	X(STICKY_BACKUP, "sticky-backup-mx", "Stalwart #1224", "R-DF-CYCLE-a", \
	    "later cycles try only the host that failed last")		\
	X(IPV6_STARVES, "ipv6-starves-ipv4", "Postfix < 3.3", "R-DF-AF-c",	\
	    "five addresses a cycle, all IPv6 first")			\
	X(IPV6_ONLY, "ipv6-only-if-present", "mox < 2024-04", "R-5321-5.2-a R-5321-5.1-p", \
	    "a host with IPv6 addresses is never tried over IPv4")	\
	X(IPV4_ONLY, "ipv4-only-if-present", "mailers before RFC 3974", "R-5321-5.2-a R-5321-5.1-p", \
	    "a host with IPv4 addresses is never tried over IPv6")	\
	X(SELF_UNKNOWN, "self-mx-not-recognised", "Haraka < 2.8.28", "R-5321-5.1-q", \
	    "the engine does not know itself among the MX hosts")		\
	/* what a failed host means */					\
	X(GREETING_554_BOUNCES, "dma-554-greeting-bounces", "dma 0.13, Haraka 3.3.4, nullmailer 2.2", "R-DF-GREET-a R-DF-GREET-b R-DF-SH-b", \
	    "a 5yz greeting returns the message, the next MX is unused")	\
	X(GREETING_4YZ_BOUNCES, "4yz-greeting-bounces", "sendmail 8.13.2", "R-DF-GREET-c R-DF-GREET-a R-DF-GREET-b R-DF-SH-b", \
	    "a 4yz greeting returns the message")				\
	X(EHLO_421_PERMANENT, "dma-ehlo-421-permanent", "dma 0.13 net.c", "R-DF-EHLO-a", \
	    "any failure of EHLO returns the message")			\
	X(NO_NEXT_AFTER_TCP, "ims-no-next-mx-after-handshake", "Exchange KB Q182821, Q190785", "R-DF-CON-e R-DF-CON-f R-DF-GREET-d", \
	    "no greeting after the TCP handshake returns the message")	\
	X(REFUSED_CONNECTION, "connection-refused-bounces", "lesser mailers", "R-DF-CON-a R-DF-CON-b R-DF-CON-d R-DF-SH-b", \
	    "a refused connection returns the message")			\
	X(ICMP_PERMANENT, "icmp-permanent", "lesser mailers", "R-DF-CON-d R-DF-CON-g",	\
	    "an unreachable network or host returns the message")		\
	X(CONNECT_TIMEOUT, "connect-timeout-bounces", "lesser mailers", "R-DF-CON-c", \
	    "no answer to a connection request returns the message")	\
	X(LOST_BOUNCES, "lost-connection-bounces", "dma 0.13 net.c", "R-5321-3.8-a", \
	    "a connection lost before the end of data returns the message")	\
	X(LOST_EOD_BOUNCES, "lost-eod-reply-bounces", "lesser mailers", "R-1047-a", \
	    "no reply to the message returns it")	\
	X(RECONNECTS, "reconnects-at-once", "KumoMTA < 2025.03.19", "R-5321-4.5.4.1-d", \
	    "a 4yz greeting is answered by fifty connections more")	\
	X(RCPT_550_NEXT, "rcpt-550-tries-next-mx", "Postfix 2003 soft_bounce", "R-DF-RCPT-b", \
	    "a recipient refused for good is offered to the next MX")	\
	X(HOST_CACHE, "host-cache-for-ever", "ZoneMTA 2019", "R-DF-RET-g",	\
	    "a host found dead is never tried again")			\
	/* time */							\
	X(RETRY_STORM, "retry-storm", "Exim 4.42, KumoMTA < 2025.03", "R-5321-4.5.4.1-d", \
	    "retried every second")					\
	X(GIVES_UP_EARLY, "gives-up-after-a-day", "lesser mailers", "R-5321-4.5.4.1-h", \
	    "the lifetime is a fifth of what was set")			\
	X(LONG_DEAD_BOUNCES, "exim-retry-timeout", "Exim 4.96", "R-5321-4.5.4.1-h", \
	    "mail to a host dead for a lifetime is returned untried")	\
	X(BACK_OFF_UNLIMITED, "back-off-without-limit", "lesser mailers", "R-DF-RET-g R-5321-4.5.4.1-f", \
	    "the retry interval doubles without end")	\
	X(WAITS_LONG, "waits-for-hours", "nullmailer 2.2 #75", "R-DF-CON-f R-5321-4.5.3.2-a", \
	    "replies are awaited for hours")	\
	X(NEVER_EXPIRES, "expired-never-bounced", "Exim 4.42", "R-5321-4.5.4.1-h", \
	    "a message past its lifetime is retried for ever")		\
	X(EXPIRES_SILENTLY, "expired-dropped", "OpenSMTPD 6.8", "R-5321-4.5.4.1-h R-5321-3.6.3-b", \
	    "a message past its lifetime vanishes without report")	\
	X(LIFE_RESET, "lifetime-reset-on-restart", "lesser mailers", "R-DF-RET-a", \
	    "a restart makes all queued mail young again")		\
	X(HOL_BLOCKING, "head-of-line-blocking", "Exchange 2000 KB308350", "R-DF-RET-d", \
	    "one delivery at a time, and dead hosts are not remembered")					\
	X(FORGETS_RETRY, "stuck-until-restart", "Exchange 2000 KB826948", "R-5321-4.5.4.1-d R-DF-RET-g", \
	    "deferred mail waits for a restart")				\
	/* the SMTP client */						\
	X(MULTILINE_354, "multiline-354", "Exchange 2003 KB912341", "R-5321-4.2.1-e", \
	    "the second line of a 354 is read as the reply to the message")	\
	X(MISCOUNT_552, "pipelining-552-miscount", "Exchange 2003 KB822105", "R-5321-4.5.3.1.10-b", \
	    "after one 552 the rest of the recipients fail")		\
	X(MAIL_AFTER_554, "mail-after-554-greeting", "lesser mailers", "R-5321-3.1-a", \
	    "a 554 greeting is not noticed")				\
	X(GREETING_LINE, "greeting-first-line-only", "lesser mailers", "R-5321-4.2-e", \
	    "the first line of a greeting is taken for all of it")	\
	X(CONTENT_UNWANTED, "content-without-recipients", "lesser mailers", "R-5321-3.3-b", \
	    "with every recipient refused the content is sent after a 354")	\
	X(NO_HELO, "no-helo-fallback", "hMailServer", "R-5321-3.2-a",	\
	    "EHLO answered 5yz is fatal")					\
	X(QUIT_DUPLICATES, "duplicate-after-quit-lost", "lesser mailers", "R-5321-4.1.1.10-a", \
	    "a delivery counts only once QUIT was answered")		\
	X(QUIT_LOOP, "repeated-after-quit-lost", "Postfix 2.3 20051229", "R-5321-4.1.1.10-a R-5321-4.2.5-c", \
	    "as duplicate-after-quit-lost, again after a second")	\
	X(NO_QUIT, "closes-without-quit", "lesser mailers", "R-5321-4.1.1.10-b", \
	    "the connection is closed without QUIT")	\
	X(DELIVERED_STAYS, "delivered-stays-queued", "lesser mailers", "R-5321-4.2.5-c", \
	    "what was delivered is left in the queue")	\
	X(LOST_EOD_SUCCESS, "lost-eod-reply-is-success", "mission", "R-1047-a", \
	    "no reply to the message counts as delivered")		\
	X(RCPT_250_DELIVERED, "rcpt-250-before-loss-marked-delivered", "Haraka < 2.4", "R-5321-3.8-a", \
	    "a recipient answered 250 counts as delivered")		\
	X(RCPT_251_LOST, "rcpt-251-lost", "Haraka 3.3.4 hmail.js", "R-5321-3.4-a", \
	    "a recipient answered 251 is forgotten")			\
	X(CODE_ALONE, "code-alone-bounces", "Haraka 3.3.4 hmail.js", "R-5321-4.2-c", \
	    "a reply without text is a permanent failure")			\
	X(MIXED_ALL_BOUNCED, "mixed-rcpt-all-bounced", "sendmail < 8.11", "R-DF-RCPT-a", \
	    "one recipient refused for good returns all")			\
	X(REPORT_NAMES_ALL, "report-names-all", "sendmail < 8.11", "R-DF-RCPT-a R-3461-5.2.8-a", \
	    "the report names the recipients that did not fail, too")	\
	X(REPORTS_EACH_RUN, "reported-at-every-run", "sendmail < 8.7", "R-DF-RCPT-a R-3464-3-b", \
	    "while one recipient waits the refused one is reported anew")	\
	X(MAIL_4YZ_BOUNCES, "mail-4yz-bounces", "lesser mailers", "R-5321-4.2.1-c", \
	    "a 4yz to MAIL returns the message")	\
	X(RCPT_4YZ_BOUNCES, "rcpt-4yz-bounces", "ZoneMTA c2040e2", "R-5321-4.2.1-a", \
	    "a 4yz to RCPT returns the message")	\
	X(REFUSAL_RETRIED, "5yz-retried", "ZoneMTA #301", "R-5321-4.2.1-b R-5321-4.2.1-d R-5321-4.2.5-b R-DF-RET-f R-DF-DB-a", \
	    "5yz to MAIL, RCPT or the message is retried until it expires")	\
	X(STATUS_DECIDES, "enhanced-status-decides", "ZoneMTA 93b532c", "R-2034-4-a", \
	    "the class of the enhanced code counts, not that of the reply")	\
	X(CROWDED_LOST, "rcpt-452-loses-the-rest", "Exim <= 4.94", "R-5321-4.5.3.1.10-a", \
	    "who is too many for one transaction is forgotten")	\
	X(RESENDS_ALL, "partial-success-resends-all", "James before 2019-09", "R-DF-RCPT-a R-5321-4.2.1-a", \
	    "after one temporary refusal all recipients are sent again")	\
	X(GREYLIST_ENVELOPE, "greylist-changes-envelope", "VERP senders", "R-6647-5-a R-6647-5-c", \
	    "every retry has another envelope sender")			\
	X(QUOTES_LOST, "quotes-lost", "lesser mailers", "R-5321-3.3-c", \
	    "a local part that needs its quotes is sent without them")	\
	X(EOD_TIMEOUT_60, "eod-timeout-60s", "Postal", "R-5321-4.5.3.2.6-a R-5321-4.5.3.2.1-a", \
	    "the reply to the message is awaited for one minute")		\
	X(SIZE_ZERO, "size-zero-is-limit", "mox", "R-1870-3-a",		\
	    "SIZE 0 is taken as a limit of no octets")			\
	X(NO_DOT_STUFFING, "no-dot-stuffing", "KumoMTA < 2023.11.28", "R-5321-4.5.2-a", \
	    "a leading dot is not doubled")				\
	X(EOD_4YZ_PERMANENT, "eod-451-bounces", "ZoneMTA 2023", "R-5321-4.2.5-a", \
	    "a 4yz to the message returns it")				\
	/* the resolver */						\
	X(TRUNCATED_USED, "truncated-answer-used", "qmail 1.03", "R-1123-6.1.3.2-a", \
	    "a truncated answer is used as it is")			\
	X(FIRST_SERVER_ONLY, "first-resolver-only", "Exchange 2000 KB829722", "R-DF-RES-a", \
	    "the second name server is never asked")			\
	X(WRONG_ID_ACCEPTED, "wrong-id-accepted", "resolvers before RFC 5452", "R-DF-RES-b", \
	    "a reply with another's ID or question is believed")		\
	/* queue and reports */						\
	X(ACCEPT_BEFORE_STORE, "accept-before-store", "chasquid before 2025-10", "R-5321-6.1-a", \
	    "250 is said before the message is stored")			\
	X(TAKEN_LOST, "taken-is-lost-at-crash", "James before 2022-06", "R-5321-6.1-a R-DF-RET-a", \
	    "what was tried once does not survive the process")	\
	X(EMPTY_AFTER_CRASH, "empty-after-crash", "chasquid before 2025-10", "R-5321-6.1-a", \
	    "after a restart the queued messages have no content")	\
	X(BOUNCE_TWICE, "bounce-twice-after-restart", "Postfix < 2.1", "R-3464-3-b R-DF-DB-a", \
	    "what was returned is returned again after a restart")	\
	X(REPORTED_TWICE, "reported-twice", "Haraka #2944", "R-3464-3-b", \
	    "each failure is reported twice")	\
	X(REPORT_LATE, "report-waits-a-lifetime", "lesser mailers", "R-DF-DSN-a", \
	    "a report leaves when the life of a message is over")	\
	X(REPORT_ONCE, "report-tried-once", "lesser mailers", "R-DF-DB-b", \
	    "mail of the null sender is tried at one address, once")	\
	X(NO_DSN, "failure-without-report", "mission", "R-5321-3.6.3-b R-3464-3-a",	\
	    "failed mail leaves the queue without a report")		\
	X(EXPIRED_DELAYED, "opensmtpd-expired-delayed-dsn", "OpenSMTPD <= 6.8.0p2", "R-5321-4.5.4.1-h R-3464-3-a", \
	    "an expired message is reported as delayed and deleted")	\
	X(STATUS_500, "exim-status-500", "Exim 4.96", "R-3464-2.3.4-a R-2034-4-a",	\
	    "every report says 5.0.0")					\
	X(BOUNCE_TO_NULL, "bounce-to-null-sender", "lesser mailers", "R-5321-6.1-d R-DF-DB-a", \
	    "null-sender mail is returned to its From address")		\
	X(DSN_NO_REPORT, "dsn-without-report", "OpenSMTPD 6.8", "R-5321-3.6.3-c R-3464-3-a", \
	    "the report is plain text")					\
	X(DSN_FROM_HEADER, "dsn-wrong-recipient", "lesser mailers", "R-5321-6.1-b", \
	    "the report goes to the From address")			\
	X(NOTIFY_IGNORED, "notify-never-ignored", "lesser mailers", "R-3461-5.2.6-a", \
	    "NOTIFY=NEVER is returned nevertheless")			\
	X(DSN_NOT_PASSED, "dsn-parameters-not-passed", "lesser mailers", "R-3461-5.2.1-a", \
	    "ENVID, RET and NOTIFY are kept from a next hop that offers DSN")	\
	X(DSN_REFUSED, "dsn-parameters-refused", "lesser mailers", "R-3461-5.2.6-a", \
	    "DSN is offered, and its parameters are refused")	\
	X(ORCPT_RAW, "orcpt-not-xtext", "Postfix 3.0 .. 3.7.11", "R-3461-5.2.1-a", \
	    "ORCPT is passed on without its xtext encoding")

enum bug {
#define X(sym, name, origin, req, help) BUG_##sym,
	BUGS(X)
#undef X
	BUG_COUNT
};

struct bugs {
	bool on[BUG_COUNT];
};

/* True when the bug is switched on; a NULL set has none. */
#define HAS_BUG(set, sym) ((set) != NULL && (set)->on[BUG_##sym])

/* Switches on NAME or NAME+NAME...; false: *bad is the unknown name. */
bool	 bugs_enable(struct bugs *, const char *names, char bad[64]);
const char *bug_name(enum bug);
void	 bugs_list(FILE *);

#endif
