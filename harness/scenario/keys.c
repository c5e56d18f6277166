#include "harness/scenario/keys.h"

#include <string.h>
#include <sys/socket.h>

#define END		{ NULL, 0, NULL }
#define X(sym, w, h)	{ w, FDNS_##sym, h },
const struct word words_answer[] = { FDNS_ACTIONS(X) END };
#undef X
#define X(sym, w, h)	{ w, FSMTP_CONNECT_##sym, h },
const struct word words_connect[] = { FSMTP_CONNECTS(X) END };
#undef X
#define X(sym, w, h)	{ w, FSMTP_DO_##sym, h },
const struct word words_smtp_action[] = { FSMTP_ACTIONS(X) END };
#undef X
#define X(sym, w, h)	{ w, NET_##sym, h },
const struct word words_state[] = { NET_STATES(X) END };
#undef X
#define X(sym, w, h)	{ w, MTA_##sym, h },
const struct word words_verb[] = { MTA_VERBS(X) END };
#undef X
/* Groups have no number; outcome_set() knows them. */
#define X(sym, w, h)	{ w, V_##sym, h },
#define G(w, set, h)	{ w, -1, h },
const struct word words_outcome[] = { OUTCOME_GROUPS(G) VERDICTS(X) END };
#undef G
#undef X
#define X(sym, w, h)	{ w, REPORT_##sym, h },
const struct word words_report_action[] = { REPORT_ACTIONS(X) END };
#undef X
const struct word words_level[] = {
	{ "must", LEVEL_MUST, "a violation is a FAIL" },
	{ "should", LEVEL_SHOULD, "a violation is a warning" },
	{ "info", LEVEL_INFO, "a violation is only told" },
	END
};
/* The judge's flags (judge.h, which stands above); a test compares. */
const struct word words_allow[] = {
	{ "trap-contact", 0, "a host to be left alone was contacted" },
	{ "order-violation", 0, "a host was tried before a better one" },
	{ "not-all-tried", 0, "a cycle ended with hosts untried" },
	{ "not-randomised", 0, "equal hosts do not share the load" },
	{ "retry-storm", 0, "retries without delay" },
	{ "short-timeout", 0, "hung up too early" },
	{ "long-timeout", 0, "waited too long" },
	{ "hol-blocked", 0, "a dead destination delayed another" },
	{ "protocol-violation", 0, "the client broke the protocol" },
	{ "crashed", 0, "a process died of a signal" },
	{ "too-many-queries", 0, "more DNS queries than allowed" },
	{ "too-many-contacts", 0, "more connections than allowed" },
	{ "stray-mail", 0, "mail that nobody sent" },
	{ "report-retried", 0, "a refused report is offered again" },
	{ "report-form", 0, "a report breaks its format" },
	{ "report-fields", 0, "other DSN parameters than were given" },
	{ "delay-warning", 0, "a report of delay out of place" },
	{ "rewritten", 0, "a recipient was sent under another address" },
	{ "divergent", 0, "differs where sources disagree" },
	END
};
const struct word words_on[] = {
	{ "inject", MTA_AFTER_INJECT, "after the n-th accepted injection" },
	{ "eod", MTA_AT_EOD, "at the n-th end of data, before its reply" },
	{ "eod-reply", MTA_AFTER_EOD_REPLY,
	    "after the reply to the n-th end of data" },
	END
};
const struct word words_then[] = {
	{ "nothing", FSMTP_THEN_NOTHING, "as usual: only QUIT and 421 close" },
	{ "stay", FSMTP_THEN_STAY, "the session goes on, even after 421" },
	{ "close", FSMTP_THEN_CLOSE, "close (FIN) after the reply" },
	{ "reset", FSMTP_THEN_RESET, "reset (RST) after the reply" },
	END
};
const struct word words_senders[] = {
	{ "as-zoned", 0, "nobody: the domain does not exist" },
	{ "healthy", 1, "each has mx.senders.test as its MX" },
	END
};
const struct word words_edns[] = {
	{ "with", FDNS_EDNS_WITH, "with an OPT record" },
	{ "without", FDNS_EDNS_WITHOUT, "without one" },
	END
};
const struct word words_case[] = {
	{ "lower", FDNS_CASE_LOWER, "without a capital letter" },
	{ "mixed", FDNS_CASE_MIXED, "with a capital letter" },
	{ "same", FDNS_CASE_SAME, "letter for letter as in `name:`" },
	END
};
const struct word words_counts[] = {
	{ "connections", FSMTP_COUNT_CONNECTIONS, "connections to the host" },
	{ "transactions", FSMTP_COUNT_TRANSACTIONS,
	    "mail transactions, whatever the connection" },
	END
};
const struct word words_keep[] = {
	{ "by-reply", FSMTP_KEEP_BY_REPLY, "kept if the reply was 2yz" },
	{ "store", FSMTP_KEEP_STORE, "kept, whatever the reply" },
	{ "discard", FSMTP_KEEP_DISCARD, "forgotten, whatever the reply" },
	END
};
const struct word words_family[] = {
	{ "ipv4", AF_INET, "IPv4 only" }, { "ipv6", AF_INET6, "IPv6 only" },
	END
};
const struct word words_proto[] = {
	{ "tcp", NET_TCP, "TCP only" }, { "udp", NET_UDP, "UDP only" }, END
};
const struct word words_transport[] = {
	{ "udp", FDNS_UDP, "UDP only" }, { "tcp", FDNS_TCP, "TCP only" }, END
};
/* What an adapter may lack; the scenario is then skipped. */
const struct word words_needs[] = {
	{ "dsn", 0, "takes NOTIFY, RET, ENVID at submission" },
	{ "8bitmime", 0, "takes 8-bit bodies at submission" },
	{ "smtputf8", 0, "takes internationalised addresses" },
	{ "null-sender", 0, "takes mail with the null reverse-path" },
	{ "relay", 0, "relays for a domain as its backup MX" },
	{ "restart", 0, "can be stopped and started on the same spool" },
	{ "queue", 0, "can list its queue" },
	{ "ipv6", 0, "delivers over IPv6" },
	{ "kick", 0, "can be told to run its queue" },
	{ "mx", 0, "finds hosts by MX; without it only smarthosts" },
	{ "smarthost", 0, "can send all mail to given hosts" },
	END
};
const struct word words_rrtype[] = {
	{ "any", 0, "every type" }, { "A", 1, "IPv4 address" },
	{ "NS", 2, "name server" }, { "CNAME", 5, "alias" },
	{ "SOA", 6, "start of authority" }, { "PTR", 12, "pointer" },
	{ "MX", 15, "mail exchanger" }, { "TXT", 16, "text" },
	{ "AAAA", 28, "IPv6 address" }, { "SRV", 33, "service" },
	{ "DS", 43, "delegation signer" }, { "DNSKEY", 48, "key" },
	{ "TLSA", 52, "certificate association" },
	{ "HTTPS", 65, "service binding" }, END
};

#define AT(s, f)	.offset = offsetof(struct s, f)
#define AT2(s, f, n)	AT(s, f), .offset2 = offsetof(struct s, n)
#define LAST		{ .name = NULL }

/* The same words for DNS, network and SMTP rules. */
#define PHASE_KEYS(s)							\
	{ .name = "first", .type = K_COUNT, AT(s, rule.phase.first),	\
	    .help = "only the first N contacts", .example = "3" },	\
	{ .name = "after", .type = K_COUNT, AT(s, rule.phase.after),	\
	    .help = "let the first N contacts pass", .example = "1" },	\
	{ .name = "from", .type = K_TIME, AT(s, rule.phase.from_us),	\
	    .help = "not before this time", .example = "10m" },		\
	{ .name = "until", .type = K_TIME, AT(s, rule.phase.until_us),	\
	    .help = "not at or after this time", .example = "2h" },	\
	{ .name = "optional", .type = K_TRUTH, AT(s, rule.optional),	\
	    .help = "a run in which it never fires is no ERROR",	\
	    .example = "true" }

static const struct key keys_top[] = {
	{ .name = "title", .type = K_TEXT, AT(scenario, title),
	    .required = true, .help = "one line: what is broken and what "
	    "must come of it", .example = "the only MX refuses for two hours" },
	{ .name = "why", .type = K_TEXT, AT(scenario, why),
	    .help = "why it matters, in prose", .example =
	    "An outage is no reason to bounce." },
	{ .name = "covers", .type = K_TEXTS,
	    AT2(scenario, covers, covers_count),
	    .help = "ids of the requirements it tests",
	    .example = "[R-DF-CON-a]" },
	{ .name = "level", .type = K_WORD, AT(scenario, level),
	    .words = words_level, .help = "weight of a violation; default: "
	    "the strongest level among `covers`, else must",
	    .example = "should" },
	{ .name = "tags", .type = K_TEXTS, AT2(scenario, tags, tag_count),
	    .help = "free words to select by", .example = "[core]" },
	{ .name = "needs", .type = K_WORDS, AT2(scenario, needs, needs_count),
	    .words = words_needs, .help = "capabilities without which the "
	    "scenario is skipped", .example = "[dsn]" },
	{ .name = "mta-families", .type = K_FAMILIES, .words = words_family,
	    .help = "address families the MTA has; default both",
	    .example = "[ipv4]" },
	{ .name = "smarthosts", .type = K_TEXTS,
	    AT2(scenario, smarthosts, smarthost_count),
	    .help = "hosts to which the MTA must give all mail, in this "
	    "order, instead of the MX hosts",
	    .example = "[smart1.r.test, smart2.r.test]" },
	{ .name = "relay-domain", .type = K_TEXT, AT(scenario, relay_domain),
	    .help = "a domain the MTA relays for as its backup MX",
	    .example = "r.test" },
	{ .name = "sender-domains", .type = K_WORD,
	    AT(scenario, healthy_senders), .words = words_senders,
	    .help = "what takes the reports for senders in domains that no "
	    "zone has; default as-zoned", .example = "healthy" },
	{ .name = "resolvers", .type = K_INT, AT(scenario, resolvers),
	    .min = 1, .max = 2, .help = "lines in the MTA's resolv.conf",
	    .example = "2" },
	{ .name = "search-trap", .type = K_TRUTH, AT(scenario, search_trap),
	    .help = "every name below the MTA's search domain leads to the "
	    "trap decoy.sut.test; default: there are none",
	    .example = "true" },
	{ .name = "zone", .type = K_ZONE, .help = "the DNS as zone-file text, "
	    "absolute names", .example = "r.test. MX 10 mx1.r.test." },
	{ .name = "zones", .type = K_LIST, .help = "later states of the DNS, "
	    "each replaces the one before" },
	{ .name = "dns", .type = K_LIST, .help = "what the resolvers get "
	    "wrong" },
	{ .name = "hosts", .type = K_HOSTS, .help = "what MX hosts get wrong; "
	    "each a host map or just its list of rules" },
	{ .name = "network", .type = K_LIST, .help = "what the MTA's own "
	    "network gets wrong" },
	{ .name = "mta", .type = K_LIST, .help = "what is done to the MTA" },
	{ .name = "send", .type = K_TEXTS, .help = "short for one message "
	    "from sender@s.test to these recipients", .example =
	    "[a@r.test, b@r.test]" },
	{ .name = "messages", .type = K_MAPS, .help = "the messages injected; "
	    "default: one from sender@s.test to user@r.test" },
	{ .name = "expect", .type = K_MAPS, .required = true,
	    .help = "what must become of them" },
	{ .name = "untouched", .type = K_TEXTS,
	    AT2(scenario, checks.untouched, checks.untouched_count),
	    .help = "hosts that must not see a single SYN",
	    .example = "[trap.test]" },
	{ .name = "order", .type = K_TEXTS,
	    AT2(scenario, checks.order, checks.order_count),
	    .help = "hosts in the order of their first contact",
	    .example = "[mx1.r.test, mx2.r.test]" },
	{ .name = "spread", .type = K_TEXTS,
	    AT2(scenario, checks.spread, checks.spread_count),
	    .help = "hosts that must share the first contacts",
	    .example = "[mxa.r.test, mxb.r.test]" },
	{ .name = "queries-max", .type = K_INT,
	    AT(scenario, checks.queries_max), .min = 1, .max = 1000000,
	    .help = "DNS queries allowed for a message", .example = "20" },
	{ .name = "contacts-max", .type = K_INT,
	    AT(scenario, checks.contacts_max), .min = 1, .max = 1000000,
	    .help = "connections allowed in the whole run",
	    .example = "50" },
	{ .name = "allow", .type = K_WORDS,
	    AT2(scenario, checks.allow, checks.allow_count),
	    .words = words_allow, .help = "flags that are no failure here",
	    .example = "[long-timeout]" },
	{ .name = "horizon", .type = K_TIME, AT(scenario, horizon_us),
	    .help = "how long to look; default: until every verdict is final",
	    .example = "6h" },
	{ .name = "repair", .type = K_REPAIR, AT(scenario, repair_us),
	    .help = "from when on a path works; default: computed from the "
	    "phases", .example = "2h" },
	{ .name = "variants", .type = K_VARIANTS, .help = "the same scenario "
	    "with other words: ${NAME} in a value is replaced" },
	LAST
};

static const struct key keys_zone[] = {
	{ .name = "from", .type = K_TIME, AT(fdns_zone, from_us),
	    .required = true, .help = "in force from this time on",
	    .example = "1h" },
	{ .name = "text", .type = K_ZONE, .required = true,
	    .help = "the whole DNS from then on",
	    .example = "r.test. MX 10 mx9.r.test." },
	LAST
};

static const struct key keys_dns[] = {
	{ .name = "name", .type = K_TEXT, AT(fdns_rule, name),
	    .help = "queries for this name; `*.suffix` for all below; "
	    "default any", .example = "r.test" },
	{ .name = "type", .type = K_RRTYPE, AT(fdns_rule, type),
	    .words = words_rrtype, .help = "queries of this type; default any",
	    .example = "MX" },
	{ .name = "transport", .type = K_WORD, AT(fdns_rule, transport),
	    .words = words_transport, .help = "queries over this transport; "
	    "default both", .example = "udp" },
	{ .name = "edns", .type = K_WORD, AT(fdns_rule, edns),
	    .words = words_edns, .help = "queries with or without EDNS (OPT); "
	    "default both", .example = "with" },
	{ .name = "case", .type = K_WORD, AT(fdns_rule, name_case),
	    .words = words_case, .help = "queries whose name is in this case; "
	    "default any", .example = "lower" },
	{ .name = "resolver", .type = K_INT, AT(fdns_rule, resolver),
	    .min = 1, .max = 2, .help = "queries to this resolver; default "
	    "all", .example = "1" },
	{ .name = "answer", .type = K_WORD, AT(fdns_rule, action),
	    .words = words_answer, .required = true,
	    .help = "what the resolver says", .example = "servfail" },
	{ .name = "delay", .type = K_TIME, AT(fdns_rule, delay_us),
	    .help = "before the reply", .example = "20s" },
	{ .name = "records", .type = K_TEXT, AT(fdns_rule, records),
	    .help = "zone text of the records to give",
	    .example = "r.test. MX 5 trap.test." },
	{ .name = "raw", .type = K_HEX, .help = "octets of the reply after "
	    "the query id", .example = "8183" },
	{ .name = "pieces", .type = K_PIECES, .help = "over TCP, the reply "
	    "with its length in pieces of so many octets; what is left is the "
	    "last one", .example = "[1, 20]" },
	{ .name = "pause", .type = K_TIME, AT(fdns_rule, pause_us),
	    .help = "between two pieces; default 1s", .example = "5s" },
	{ .name = "octets", .type = K_INT, AT(fdns_rule, octets), .min = 1,
	    .max = 65535, .help = "with cut: octets left", .example = "5" },
	{ .name = "ttl", .type = K_TTL, .help = "TTL of every record given",
	    .example = "0" },
	{ .name = "shuffle", .type = K_TRUTH, AT(fdns_rule, shuffle),
	    .help = "records in random order", .example = "true" },
	{ .name = "mix-case", .type = K_TRUTH, AT(fdns_rule, mix_case),
	    .help = "random letter case in owner names", .example = "true" },
	{ .name = "ad", .type = K_TRUTH, AT(fdns_rule, ad),
	    .help = "set the AD bit", .example = "true" },
	PHASE_KEYS(fdns_rule), LAST
};

static const struct key keys_host[] = {
	{ .name = "addresses", .type = K_TEXTS, .help = "default: A and AAAA "
	    "of the name in the zone", .example = "[198.18.1.1]" },
	{ .name = "keywords", .type = K_TEXTS,
	    AT2(fsmtp_host, keywords, keyword_count), .help = "EHLO keywords "
	    "instead of the usual ones", .example = "[PIPELINING, DSN]" },
	{ .name = "greylist", .type = K_MAP, .help = "refuses a new triplet "
	    "for a while" },
	{ .name = "rules", .type = K_LIST, .help = "what it gets wrong" },
	LAST
};

static const struct key keys_greylist[] = {
	{ .name = "delay", .type = K_TIME, AT(fsmtp_greylist, delay_us),
	    .required = true, .help = "a triplet is accepted so long after "
	    "its first try", .example = "5m" },
	{ .name = "reply", .type = K_TEXT, AT(fsmtp_greylist, reply),
	    .help = "until then; default 450 4.7.1",
	    .example = "451 4.7.1 greylisted" },
	{ .name = "optional", .type = K_TRUTH,
	    AT(fsmtp_greylist, rule.optional),
	    .help = "a run in which it never fires is no ERROR",
	    .example = "true" },
	LAST
};

static const struct key keys_host_rule[] = {
#define X(sym, w, who, h) { .name = w, .type = K_REPLY, .min = FSMTP_##sym,	\
	.words = FSMTP_##sym == FSMTP_CONNECT ? words_connect :		\
	words_smtp_action, .help = h,					\
	.example = FSMTP_##sym == FSMTP_CONNECT ? "refuse" :		\
	FSMTP_##sym == FSMTP_BODY ? "reset" : "421 4.3.2 later" },
	FSMTP_STAGES(X)
#undef X
	{ .name = "client", .type = K_ADDRESS, AT(fsmtp_rule, client),
	    .help = "only connections from this address",
	    .example = "192.0.2.1" },
	{ .name = "sender", .type = K_TEXT, AT(fsmtp_rule, sender),
	    .help = "glob over the reverse-path; \"\" is the null sender",
	    .example = "\"*@s.test\"" },
	{ .name = "recipient", .type = K_TEXT, AT(fsmtp_rule, recipient),
	    .help = "glob over the forward-path", .example = "b@r.test" },
	{ .name = "nth", .type = K_INT, AT(fsmtp_rule, nth_in_session),
	    .min = 1, .max = 100000, .help = "only the n-th time in a session",
	    .example = "2" },
	{ .name = "from-nth", .type = K_INT, AT(fsmtp_rule, from_nth),
	    .min = 1, .max = 100000,
	    .help = "the n-th time in a session and later", .example = "3" },
	{ .name = "after-recipients", .type = K_INT,
	    AT(fsmtp_rule, after_rcpts), .min = 1, .max = 100000,
	    .help = "once the transaction has so many accepted recipients",
	    .example = "100" },
	{ .name = "counts", .type = K_WORD, AT(fsmtp_rule, counts),
	    .words = words_counts, .help = "what `first` and `after` count, "
	    "of those that match; default connections",
	    .example = "transactions" },
	{ .name = "nth-transaction", .type = K_INT,
	    AT(host_rule, nth_transaction), .min = 1, .max = 100000,
	    .help = "only the n-th transaction that matches; short for "
	    "counts, after and first", .example = "2" },
	{ .name = "family", .type = K_WORD, AT(fsmtp_rule, family),
	    .words = words_family, .help = "only when so reached",
	    .example = "ipv6" },
	{ .name = "delay", .type = K_TIME, AT(fsmtp_rule, delay_us),
	    .help = "before the first octet", .example = "30s" },
	{ .name = "drip", .type = K_TIME, AT(fsmtp_rule, drip_us),
	    .help = "between two octets of the reply", .example = "1s" },
	{ .name = "pieces", .type = K_PIECES, .help = "the reply in pieces of "
	    "so many octets; what is left is the last one",
	    .example = "[2, 10]" },
	{ .name = "pause", .type = K_TIME, AT(fsmtp_rule, pause_us),
	    .help = "between two pieces; default 1s", .example = "30s" },
	{ .name = "raw", .type = K_HEX, .help = "octets of the reply, with "
	    "the end of its line", .example = "3235300d0a" },
	{ .name = "early", .type = K_TRUTH, AT(fsmtp_rule, early),
	    .help = "before the command has come", .example = "true" },
	{ .name = "octets", .type = K_OCTETS, AT(fsmtp_rule, octets),
	    .help = "body: after so many (default 0: right behind the 354, "
	    "whoever is faster); oversized: length of the line",
	    .example = "2000" },
	{ .name = "cut", .type = K_OCTETS, AT(fsmtp_rule, cut),
	    .help = "send only so many octets of the reply",
	    .example = "2" },
	{ .name = "then", .type = K_WORD, AT(fsmtp_rule, then),
	    .words = words_then, .help = "after the reply",
	    .example = "close" },
	{ .name = "keep", .type = K_WORD, AT(fsmtp_rule, keep),
	    .words = words_keep, .help = "eod, bdat: is the message kept",
	    .example = "store" },
	PHASE_KEYS(fsmtp_rule), LAST
};

static const struct key keys_network[] = {
	{ .name = "state", .type = K_WORD, AT(net_rule, state),
	    .words = words_state, .required = true,
	    .help = "what is wrong", .example = "no-route" },
	{ .name = "at", .type = K_TEXT, AT(net_rule, at),
	    .help = "a host, an address, resolver1, resolver2 or resolvers; "
	    "default everything", .example = "resolver1" },
	{ .name = "family", .type = K_WORD, AT(net_rule, family),
	    .words = words_family, .help = "default both",
	    .example = "ipv6" },
	{ .name = "proto", .type = K_WORD, AT(net_rule, proto),
	    .words = words_proto, .help = "default both", .example = "udp" },
	PHASE_KEYS(net_rule), LAST
};

static const struct key keys_mta[] = {
	{ .name = "do", .type = K_WORD, AT(mta_event, verb),
	    .words = words_verb, .required = true, .help = "what is done",
	    .example = "kill" },
	{ .name = "at", .type = K_TIME, AT(mta_event, rule.phase.from_us),
	    .help = "when", .example = "10m" },
	{ .name = "on", .type = K_WORD, AT(mta_event, when),
	    .words = words_on, .help = "or: at this event",
	    .example = "eod" },
	{ .name = "nth", .type = K_INT, AT(mta_event, nth), .min = 1,
	    .max = 100000, .help = "the n-th such event; default the first",
	    .example = "2" },
	{ .name = "host", .type = K_TEXT, AT(mta_event, host),
	    .help = "at this host; default any", .example = "mx1.r.test" },
	{ .name = "optional", .type = K_TRUTH, AT(mta_event, rule.optional),
	    .help = "a run in which it never happens is no ERROR",
	    .example = "true" },
	LAST
};

static const struct key keys_message[] = {
	{ .name = "name", .type = K_TEXT, AT(message, key),
	    .help = "its key in `expect`; default m1, m2 ...",
	    .example = "late" },
	{ .name = "from", .type = K_TEXT, AT(message, from),
	    .help = "reverse-path, \"\" is the null sender; default "
	    "sender@s.test", .example = "\"\"" },
	{ .name = "to", .type = K_TEXTS, AT2(message, to, to_count),
	    .required = true, .help = "recipients", .example = "[a@r.test]" },
	{ .name = "at", .type = K_TIME, AT(message, at_us),
	    .help = "injected at this time; default at the start",
	    .example = "1h" },
	{ .name = "size", .type = K_OCTETS, AT(message, size),
	    .help = "octets of body; default a short text",
	    .example = "100000" },
	{ .name = "header", .type = K_TEXT, AT(message, header),
	    .help = "lines of header; they replace ours of the same name",
	    .example = "\"Subject: hello\"" },
	{ .name = "body", .type = K_TEXT, AT(message, body),
	    .help = "lines of the body, instead of ours; `size` adds to it",
	    .example = "\".\"" },
	{ .name = "eight-bit", .type = K_TRUTH, AT(message, eight_bit),
	    .help = "body with octets above 127", .example = "true" },
	{ .name = "notify", .type = K_TEXT, AT(message, notify),
	    .help = "RFC 3461 NOTIFY", .example = "NEVER" },
	{ .name = "ret", .type = K_TEXT, AT(message, ret),
	    .help = "RFC 3461 RET", .example = "HDRS" },
	{ .name = "envid", .type = K_TEXT, AT(message, envid),
	    .help = "RFC 3461 ENVID, before it is made xtext",
	    .example = "job 42" },
	{ .name = "times", .type = K_INT, AT(message, count), .min = 1,
	    .max = 10000, .help = "so many like it, keys NAME.1, NAME.2 ...",
	    .example = "24" },
	LAST
};

static const struct key keys_expect[] = {
	{ .name = "message", .type = K_TEXT, AT(expectation, message),
	    .help = "default every message", .example = "m1" },
	{ .name = "recipient", .type = K_TEXT, AT(expectation, recipient),
	    .help = "default every recipient", .example = "b@r.test" },
	{ .name = "outcome", .type = K_OUTCOME, AT(expectation, outcome),
	    .words = words_outcome, .help = "one of these must be its end",
	    .example = "delivered" },
	{ .name = "tolerate", .type = K_OUTCOME, AT(expectation, tolerate),
	    .words = words_outcome, .help = "where sources disagree: told, "
	    "not failed", .example = "bounced" },
	{ .name = "via", .type = K_TEXT, AT(expectation, via),
	    .help = "delivered at this host", .example = "mx2.r.test" },
	{ .name = "within", .type = K_TIME, AT(expectation, within_us),
	    .help = "final so soon after acceptance", .example = "10m" },
	{ .name = "not-before", .type = K_TIME,
	    AT(expectation, not_before_us),
	    .help = "not final so soon after acceptance", .example = "4d" },
	{ .name = "status", .type = K_TEXT, AT(expectation, status),
	    .help = "glob over the Status of the report",
	    .example = "5.1.*" },
	{ .name = "attempts-min", .type = K_INT,
	    AT(expectation, attempts_min), .min = 1, .max = 100000,
	    .help = "cycles at least", .example = "3" },
	{ .name = "attempts-max", .type = K_INT,
	    AT(expectation, attempts_max), .min = 1, .max = 100000,
	    .help = "cycles at most", .example = "1" },
	{ .name = "copies-max", .type = K_INT, AT(expectation, copies_max),
	    .min = 1, .max = 100000, .help = "copies at most",
	    .example = "2" },
	{ .name = "report", .type = K_MAPS, .help = "there must be a report "
	    "about it with these fields, for each map one" },
	{ .name = "delays-min", .type = K_INT, AT(expectation, delays_min),
	    .min = 1, .max = 100000, .help = "reports of delay at least",
	    .example = "1" },
	{ .name = "delays-max", .type = K_INT, AT(expectation, delays_max),
	    .min = 0, .max = 100000, .help = "reports of delay at most",
	    .example = "0" },
	{ .name = "relayed-min", .type = K_INT, AT(expectation, relayed_min),
	    .min = 1, .max = 100000, .help = "reports of relaying at least",
	    .example = "1" },
	{ .name = "relayed-max", .type = K_INT, AT(expectation, relayed_max),
	    .min = 0, .max = 100000, .help = "reports of relaying at most",
	    .example = "0" },
	LAST
};

static const struct key keys_report[] = {
	{ .name = "action", .type = K_WORD, AT(report_expectation, action),
	    .words = words_report_action, .help = "what it says was done; "
	    "default failed", .example = "delayed" },
#define X(sym, w, h, ex) { .name = w, .type = K_TEXT,			\
	AT(report_expectation, fields[REPORT_FIELD_##sym]),		\
	.help = "glob over: " h, .example = ex },
	REPORT_FIELDS(X)
#undef X
	LAST
};

/* `set` is read before all else (template.c). */
static const struct key keys_variant[] = {
	{ .name = "name", .type = K_TEXT, .required = true,
	    .help = "added to the id after a slash", .example = "refused" },
	{ .name = "set", .type = K_MAP, .required = true,
	    .help = "NAME: text for each ${NAME}",
	    .example = "{RCODE: refused}" },
	LAST
};

#define MAP(sym, name, title)						\
	const struct key_map map_##sym = { name, title, keys_##sym }
MAP(top, "scenario", "The file");
MAP(zone, "zones", "Entries of `zones`");
MAP(dns, "dns", "Rules under `dns`");
MAP(host, "host", "A host under `hosts`");
MAP(host_rule, "host rule", "Rules of a host");
MAP(greylist, "greylist", "`greylist` of a host");
MAP(network, "network", "Rules under `network`");
MAP(mta, "mta", "Events under `mta`");
MAP(message, "message", "Messages");
MAP(expect, "expect", "Expectations");
MAP(report, "report", "`report` of an expectation");
MAP(variant, "variant", "Variants");

const struct key_map *const all_maps[] = { &map_top, &map_zone, &map_dns,
	&map_host, &map_host_rule, &map_greylist, &map_network, &map_mta,
	&map_message, &map_expect, &map_report, &map_variant, NULL };

const struct word_list all_words[] = {
	{ "Words of `answer`", words_answer },
	{ "Words of `connect`", words_connect },
	{ "Words of a reply", words_smtp_action },
	{ "Words of `state`", words_state },
	{ "Words of `do`", words_verb },
	{ "Words of `on`", words_on },
	{ "Words of `outcome` and `tolerate`", words_outcome },
	{ "Words of `action`", words_report_action },
	{ "Words of `allow`", words_allow },
	{ "Words of `needs`", words_needs },
	{ NULL, NULL }
};

const char *
key_type_word(enum key_type type)
{
	static const char *const words[] = {
#define X(sym, word) word,
		KEY_TYPES(X)
#undef X
	};

	return words[type];
}

const struct word *
word_find(const struct word *words, const char *text)
{
	for (; words->word != NULL; words++)
		if (strcmp(words->word, text) == 0)
			return words;
	return NULL;
}

const char *
word_of(const struct word *words, int value)
{
	for (; words->word != NULL; words++)
		if (words->value == value)
			return words->word;
	return "?";
}
