/*
 * Lint: what a scenario can get wrong although every word of it is right.
 * X(symbol, "rule-name", level, "help, which is the message's first half")
 */
#ifndef MXD_SCENARIO_LINT_H
#define MXD_SCENARIO_LINT_H

#define LINT_RULES(X)							\
	X(COVERS_UNKNOWN, "covers-unknown", DIAG_ERROR, "no requirement has this id") \
	X(COVERS_NOTHING, "covers-nothing", DIAG_WARNING, "the scenario covers no requirement") \
	X(UNKNOWN_HOST, "unknown-host", DIAG_ERROR, "no host of this name is in the zone or under `hosts`") \
	X(NO_HOST_BELOW, "no-host-below", DIAG_ERROR, "the zone has no host with an address below this domain") \
	X(HOST_WITHOUT_ADDRESS, "host-without-address", DIAG_ERROR, "the host has neither A nor AAAA in the zone nor `addresses`") \
	X(ADDRESS_OUTSIDE, "address-outside", DIAG_ERROR, "the address is none of the lab's (198.18.0.0/15, 2001:db8::/32)") \
	X(ZONE_ADDRESS_OUTSIDE, "zone-address-outside", DIAG_WARNING, "nobody is at this address: hosts of the lab are in 198.18.0.0/15 and 2001:db8::/32") \
	X(NAME_WITHOUT_DOT, "name-without-dot", DIAG_WARNING, "no final dot, so the name goes on with what $ORIGIN says (without one: nothing)") \
	X(SENDER_WITHOUT_MAILBOX, "sender-without-mailbox", DIAG_WARNING, "no zone has an MX or an address for this sender's domain: a report would have nowhere to go (`sender-domains: healthy` gives it a host)") \
	X(SENDER_NULL_MX, "sender-null-mx", DIAG_WARNING, "the sender's domain takes no mail (null MX): a report has nowhere to go") \
	X(ADDRESS_TWICE, "address-twice", DIAG_ERROR, "two hosts have the same address") \
	X(PHASE_EMPTY, "phase-empty", DIAG_ERROR, "the rule ends before it begins") \
	X(FAULT_NEVER_REACHABLE, "fault-never-reachable", DIAG_ERROR, "an earlier rule that always applies hides this one") \
	X(COUNT_PHASE_ON_LINK, "count-phase-on-link-state", DIAG_ERROR, "a link or route is switched by time, it sees no contacts") \
	X(SECOND_RESOLVER, "second-resolver-missing", DIAG_ERROR, "the second resolver needs `resolvers: 2`") \
	X(DUPLICATE_RECIPIENT, "duplicate-recipient", DIAG_ERROR, "the message has this recipient twice") \
	X(NULL_SENDER_RECIPIENT, "null-sender-recipient-not-unique", DIAG_ERROR, "a report about null-sender mail can be told apart only by its recipient, which another message has too") \
	X(BAD_ADDRESS, "bad-address", DIAG_ERROR, "not LOCAL@DOMAIN (RFC 5321 4.1.2: quote what is no dot-string, an address stands in [])") \
	X(BAD_NOTIFY, "bad-notify", DIAG_ERROR, "NOTIFY is NEVER alone, or some of SUCCESS, FAILURE, DELAY with commas (RFC 3461 4.1)") \
	X(BAD_RET, "bad-ret", DIAG_ERROR, "RET is FULL or HDRS (RFC 3461 4.3)") \
	X(BAD_ENVID, "bad-envid", DIAG_ERROR, "ENVID has 1 to 100 printable ASCII characters or blanks, on the wire as xtext (RFC 3461 4.4)") \
	X(EXPECT_MESSAGE, "expectation-names-unknown-message", DIAG_ERROR, "no message has this key") \
	X(EXPECT_RECIPIENT, "expectation-names-unknown-recipient", DIAG_ERROR, "no message goes to this recipient") \
	X(EXPECT_NOTHING, "expectation-says-nothing", DIAG_ERROR, "the expectation asks for nothing") \
	X(EXPECT_TWICE, "expectation-twice", DIAG_ERROR, "an earlier expectation is about the same messages and recipients") \
	X(OUTCOME_CONTRADICTION, "outcome-contradiction", DIAG_ERROR, "the parts of the expectation exclude each other") \
	X(FAMILY_WITHOUT_HOST, "family-missing", DIAG_ERROR, "the rule is for a family that the MTA does not have") \
	X(SMARTHOST_TWICE, "smarthost-twice", DIAG_ERROR, "this smarthost stands in the list already") \
	X(SMARTHOST_RELAY, "smarthost-and-relay", DIAG_ERROR, "a backup MX needs MX hosts to relay to; with `smarthosts` there are none") \
	X(START_WITHOUT_STOP, "start-without-stop", DIAG_ERROR, "`do: start` without a `do: stop` before it")

#endif
