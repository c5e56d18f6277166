#!/bin/sh
# Debian's dma, unmodified, with its cron line, on a virtual clock.
. "$(dirname "$0")/lib.sh"
. "$top/tests/integration/mta.sh"
mta=dma

can_lab && fetched || {
	skip dma "${why-no lab}"
	exit 0
}

by_mx=/^smarthosts:/d
scenario refused $by_mx <<EOT
hosts:
  mx1.r.test: [{rcpt: "550 5.1.1 no such user"}]
expect: {outcome: [bounced, bounced-malformed], status: "5.1.*"}
allow: [protocol-violation]
repair: never
EOT
scenario heals $by_mx <<EOT
hosts:
  mx1.r.test: [{rcpt: "451 4.3.0 not now", until: 3h}]
expect: {outcome: delivered-late, copies-max: 1, not-before: 3h, attempts-min: 10}
allow: [protocol-violation]
EOT
scenario smart '' <<EOT
expect: {outcome: delivered-at-once, via: mx1.r.test, copies-max: 1}
EOT

# dma has no SMTP listener: its own program's exit is the acceptance.
accepted_by_exit()
{
	ends 0 delivered-at-once refusal/connection-best || return 1
	jq -es 'any(.[]; .ev == "inject" and .msg == "m1" and
	    .stage == "exit" and .code == 250)' "$(find "$dir" \
	    -path '*connection-best/trace.jsonl')"
}

check 'dma: its canaries pass' exits 0 "$mxdrill" adapter check dma
check 'dma: the exit of its program is the acceptance' accepted_by_exit
check 'dma: 550 is reported to the sender' \
    ends 0 bounced-malformed "$tmp/refused.yaml"
check 'dma: 451 for three hours is waited for' \
    ends 0 delivered-late "$tmp/heals.yaml"
check 'dma: a smarthost gets all mail' ends 0 delivered-at-once \
    "$tmp/smart.yaml"
check 'dma: one MX host without address returns the mail (D1)' \
    ends 1 premature-bounce mx/host-without-address-anywhere
finish
