#!/bin/sh
# Debian's nullmailer, unmodified, at its default timings, on a virtual clock.
. "$(dirname "$0")/lib.sh"
mta=nullmailer
. "$top/tests/integration/mta.sh"

scenario heals "$not_now, until: 3h" \
    'outcome: delivered-late, copies-max: 1, not-before: 3h, attempts-min: 3' \
    'smarthosts: [mx1.r.test]'

# Seven days of 451: it is given up, and "delayed" is all that is said.
expired_is_called_delayed()
{
	ends 1 silent-drop smarthost/expires || return 1
	jq -es '[.[] | select(.ev == "dsn")] | length == 1 and
	    .[0].action == "delayed" and .[0].t > 7 * 86400 * 1000000' \
	    "$(trace)"
}

without_mx_it_is_skipped()
{
	mta_run skipped dns/implicit-mx
	same 77 "$got" && says out 'nullmailer cannot "mx"'
}

check 'nullmailer: its canaries pass, through a smarthost' \
    exits 0 "$mxdrill" adapter check nullmailer
check 'nullmailer: a healthy smarthost gets one copy at once' \
    ends 0 delivered-at-once smarthost/healthy
check 'nullmailer: 550 is reported to the sender' \
    ends 0 bounced smarthost/recipient-refused
check 'nullmailer: 451 for three hours is waited for' \
    ends 0 delivered-late heals
check 'nullmailer: scenarios with MX are skipped' without_mx_it_is_skipped
check 'nullmailer: a 554 of the first smarthost returns the mail (N2)' \
    ends 1 premature-bounce smarthost/first-denies-once
check 'nullmailer: expired mail is called delayed, and gone' \
    expired_is_called_delayed
finish
