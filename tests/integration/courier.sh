#!/bin/sh
# Debian's Courier, unmodified, at its default timings, on a virtual clock.
. "$(dirname "$0")/lib.sh"

can_lab && can_mta courier || {
	skip courier "${why-no lab}"
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

# It keeps the session open for a minute; the copy counts at once all the same.
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
expect: {outcome: bounced, status: "5.*"}
repair: never
EOT
scenario heals <<EOT
title: the recipient is refused for now, later taken
covers: [R-5321-4.2.1-a]
$zone
hosts:
  mx1.r.test: [{rcpt: "451 4.3.0 not now", until: 3h}]
expect: {outcome: delivered-late, copies-max: 1, not-before: 3h, attempts-min: 8}
EOT
scenario expires <<EOT
title: every greeting is a 451 for ever
covers: [R-5321-4.5.4.1-h]
$zone
hosts:
  mx1.r.test: [{greeting: "451 4.3.0 not now"}]
expect: {outcome: bounced, not-before: 6d, attempts-min: 100}
repair: never
EOT

# One MX host does not exist, the other cannot be looked up: bounced at once.
finding()
{
	set -- dns/mixed-permanent-and-temporary/best-gone --mta courier
	exits 1 "$mxdrill" run "$@" --out "$tmp/found" &&
	    same premature-bounce "$(verdict "$tmp/found")" &&
	    exits 0 "$mxdrill" run "$@" --out "$tmp/known" \
	    --baseline "$top/scenarios/baselines"
}

check 'courier: its canaries pass' exits 0 "$mxdrill" adapter check courier
check 'courier: a healthy host gets one copy at once' \
    ends courier healthy delivered-at-once
check 'courier: 550 is reported to the sender' ends courier refused bounced
check 'courier: 451 for three hours is waited for' \
    ends courier heals delivered-late
check 'courier: one report after a week' ends courier expires bounced
check 'courier: a missing MX hides one that is undetermined, as known' finding
finish
