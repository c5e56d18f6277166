#!/bin/sh
# Debian's dma, unmodified, with its cron line, on a virtual clock.
. "$(dirname "$0")/lib.sh"
mta=dma
. "$top/tests/integration/mta.sh"

quitless='allow: [protocol-violation]'
scenario refused "$no_user" \
    'outcome: [bounced, bounced-malformed], status: "5.1.*"' "$quitless" \
    'repair: never'
scenario heals "$not_now, until: 3h" \
    'outcome: delivered-late, copies-max: 1, not-before: 3h, attempts-min: 10' \
    "$quitless"
scenario smart '' \
    'outcome: delivered-at-once, via: mx1.r.test, copies-max: 1' \
    'smarthosts: [mx1.r.test]'

# dma has no SMTP listener: its own program's exit is the acceptance.
accepted_by_exit()
{
	ends 0 delivered-at-once refusal/connection-best || return 1
	jq -es 'any(.[]; .ev == "inject" and .msg == "m1" and
	    .stage == "exit" and .code == 250)' "$(trace)"
}

check 'dma: its canaries pass' exits 0 "$mxdrill" adapter check dma
check 'dma: the exit of its program is the acceptance' accepted_by_exit
check 'dma: 550 is reported to the sender' ends 0 bounced-malformed refused
check 'dma: 451 for three hours is waited for' ends 0 delivered-late heals
check 'dma: a smarthost gets all mail' ends 0 delivered-at-once smart
check 'dma: one MX host without address returns the mail (D1)' \
    ends 1 premature-bounce mx/host-without-address-anywhere
finish
