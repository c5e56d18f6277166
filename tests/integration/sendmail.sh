#!/bin/sh
# Debian's sendmail, unmodified, at its default timings, on a virtual clock.
. "$(dirname "$0")/lib.sh"
mta=sendmail
. "$top/tests/integration/mta.sh"

scenario heals "$not_now, until: 3h" \
    'outcome: delivered-late, copies-max: 1, not-before: 3h, attempts-min: 3'
scenario expires "$not_now" \
    'outcome: bounced, not-before: 2h, attempts-min: 2' 'repair: never'

# A configuration of one's own with a life of three hours: used, not changed,
# and what had to be redirected is told.
own_configuration()
{
	mkdir -p "$config"
	sed 's/^#*O Timeout.queuereturn=.*/O Timeout.queuereturn=3h/' \
	    "$(find "$tmp/refusal-connection-best" -name sendmail.cf |
	    head -n 1)" >"$config/sendmail.cf" || return 1
	grep -q '^O Timeout.queuereturn=3h' "$config/sendmail.cf" || return 1
	own bounced expires && same 10800 "$(profile life)" &&
	    told 'sendmail.cf: Djmta.sut.test'
}

check 'sendmail: its canaries pass' exits 0 "$mxdrill" adapter check sendmail
check 'sendmail: the second host takes what the best refuses' \
    ends 0 delivered-at-once refusal/connection-best
check 'sendmail: 550 is reported to the sender' \
    ends 0 bounced dsn/refused-recipient
check 'sendmail: 451 for three hours is waited for' ends 0 delivered-late heals
check 'sendmail: a life of three hours ends in a report' own_configuration
check 'sendmail: a SERVFAIL readdresses the mail to a stranger (S1)' \
    ends 1 misrouted dns/search-list-mx
finish
