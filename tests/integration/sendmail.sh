#!/bin/sh
# Debian's sendmail, unmodified, at its default timings, on a virtual clock.
. "$(dirname "$0")/lib.sh"
. "$top/tests/integration/mta.sh"
mta=sendmail

can_lab && fetched || {
	skip sendmail "${why-no lab}"
	exit 0
}

by_mx=/^smarthosts:/d
scenario heals $by_mx <<EOT
hosts:
  mx1.r.test: [{rcpt: "451 4.3.0 not now", until: 3h}]
expect: {outcome: delivered-late, copies-max: 1, not-before: 3h, attempts-min: 3}
EOT
scenario expires $by_mx <<EOT
hosts:
  mx1.r.test: [{rcpt: "451 4.3.0 not now"}]
expect: {outcome: bounced, not-before: 2h, attempts-min: 2}
repair: never
EOT

# A configuration of one's own with a life of three hours: used, not changed,
# and what had to be redirected is told.
own_configuration()
{
	mkdir -p "$tmp/config"
	sed 's/^#*O Timeout.queuereturn=.*/O Timeout.queuereturn=3h/' \
	    "$(find "$tmp/$mta-refusal-connection-best" -name sendmail.cf |
	    head -n 1)" >"$tmp/config/sendmail.cf" || return 1
	grep -q '^O Timeout.queuereturn=3h' "$tmp/config/sendmail.cf" ||
		return 1
	cp "$tmp/config/sendmail.cf" "$tmp/before"
	exits 0 "$mxdrill" run --mta $mta --config "$tmp/config" \
	    --out "$tmp/own" "$tmp/expires.yaml" || return 1
	cat "$tmp/out" "$tmp/err" >"$tmp/both"
	cmp "$tmp/before" "$tmp/config/sendmail.cf" &&
	    same bounced "$(verdict "$tmp/own")" &&
	    same 10800000000 "$(jq '.mtas[0].profile.life' \
	    "$tmp/own/results.json")" &&
	    says both 'sendmail.cf: Djmta.sut.test'
}

check 'sendmail: its canaries pass' exits 0 "$mxdrill" adapter check sendmail
check 'sendmail: the second host takes what the best refuses' \
    ends 0 delivered-at-once refusal/connection-best
check 'sendmail: 550 is reported to the sender' \
    ends 0 bounced dsn/refused-recipient
check 'sendmail: 451 for three hours is waited for' \
    ends 0 delivered-late "$tmp/heals.yaml"
check 'sendmail: a life of three hours ends in a report' own_configuration
check 'sendmail: a SERVFAIL readdresses the mail to a stranger (S1)' \
    ends 1 misrouted dns/search-list-mx
finish
