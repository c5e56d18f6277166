#!/bin/sh
# Haraka of npm, unmodified, on a virtual clock.  At its default timings for
# minutes only: it looks at its queue every second, and each look is a jump.
. "$(dirname "$0")/lib.sh"

can_lab && can_mta haraka || {
	skip haraka "${why-no lab}"
	exit 0
}

scenario()
{
	cat >"$tmp/$1.yaml"
}

zone='zone: |
  r.test.      MX 10 mx1.r.test.
  mx1.r.test.  A     198.18.1.1
  mx1.r.test.  AAAA  2001:db8:1::1'

scenario healthy <<EOT
title: nothing is wrong
covers: [R-5321-5.1-k]
$zone
expect: {outcome: delivered-at-once, copies-max: 1}
EOT
scenario refused <<EOT
title: the recipient is refused
covers: [R-3464-3-a]
$zone
hosts:
  mx1.r.test: [{rcpt: "550 5.1.1 no such user"}]
expect: {outcome: bounced, status: "5.1.*"}
repair: never
EOT
scenario heals <<EOT
title: the recipient is refused for now, later taken
covers: [R-5321-4.2.1-a]
$zone
hosts:
  mx1.r.test: [{rcpt: "451 4.3.0 not now", until: 10m}]
expect: {outcome: delivered-late, copies-max: 1, not-before: 10m, attempts-min: 4}
EOT
scenario expires <<EOT
title: the recipient is refused for now, for ever
covers: [R-5321-4.5.4.1-h]
$zone
hosts:
  mx1.r.test: [{rcpt: "451 4.3.0 not now"}]
expect: {outcome: bounced, not-before: 9m, attempts-min: 5}
repair: never
EOT

# Intervals of its own configuration: five attempts, two minutes apart.
expires()
{
	ends 'haraka:temp-fail-intervals=2m*5' expires bounced &&
	    same 600000000 "$(jq '.mtas[0].profile.life' \
	    "$tmp/expires/results.json")"
}

# RCPT answered 251 (RFC 5321 section 3.4): neither delivered nor returned.
finding()
{
	set -- session/recipient-forwarded --mta haraka
	exits 1 "$mxdrill" run "$@" --out "$tmp/found" &&
	    same silent-drop "$(verdict "$tmp/found")" &&
	    exits 0 "$mxdrill" run "$@" --out "$tmp/known" \
	    --baseline "$top/scenarios/baselines"
}

check 'haraka: its canaries pass' exits 0 "$mxdrill" adapter check haraka
check 'haraka: a healthy host gets one copy at once' \
    ends haraka healthy delivered-at-once
check 'haraka: 550 is reported to the sender' ends haraka refused bounced
check 'haraka: 451 for ten minutes is waited for' \
    ends haraka heals delivered-late
check 'haraka: one report when its intervals are used up' expires
check 'haraka: a recipient answered 251 vanishes, as known' finding
finish
