#!/bin/sh
# Debian's Postfix, unmodified, at its default timings, on a virtual clock.
. "$(dirname "$0")/lib.sh"

can_lab && can_postfix || {
	skip postfix "${why-no lab}"
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
  mx1.r.test: [{rcpt: "451 4.3.0 not now", until: 3h}]
expect: {outcome: delivered-late, copies-max: 1, not-before: 3h, attempts-min: 3}
EOT
scenario expires <<EOT
title: every greeting is a 451 for ever
covers: [R-5321-4.5.4.1-h]
$zone
hosts:
  mx1.r.test: [{greeting: "451 4.3.0 not now"}]
expect: {outcome: bounced, not-before: 4d, attempts-min: 10, status: "4.*"}
repair: never
EOT
scenario restarts <<EOT
title: a restart while the mail waits
covers: [R-DF-RET-a]
$zone
hosts:
  mx1.r.test: [{connect: refuse, until: 6h}]
mta:
  - {do: restart, at: 2h}
expect: {outcome: delivered-late, copies-max: 1}
EOT

trace_of()
{
	find "$1" -path '*canary*' -prune -o -name trace.jsonl -print |
	    grep -v '/info/'
}

five_days_pass()
{
	ends postfix expires bounced || return 1
	jq -es '([.[] | select(.ev == "dsn" and .action == "failed") | .t])
	    as $told | ($told | length) == 1 and
	    $told[0] >= 5 * 86400 * 1000000 and
	    $told[0] < (5 * 86400 + 2 * 4000) * 1000000 and
	    ([.[] | select(.ev == "net.syn" and .host == "mx1.r.test" and
	    .t > $told[0])] == [])' "$(trace_of "$tmp/expires")" || {
		jq -c 'select(.ev == "dsn")' "$(trace_of "$tmp/expires")"
		return 1
	}
}

# attempts RUN: when it connected and what it reported.  Which of two equal
# addresses comes first, Postfix draws by lot.
attempts()
{
	jq -c 'select(.ev == "net.syn" or .ev == "dsn") | [.t, .ev]' \
	    "$(trace_of "$1")"
}

another_life_alike()
{
	exits 0 "$mxdrill" run --mta postfix --out "$tmp/again" \
	    "$tmp/expires.yaml" || return 1
	attempts "$tmp/expires" >"$tmp/life"
	attempts "$tmp/again" >"$tmp/life.again"
	[ -s "$tmp/life" ] || { echo 'no attempts'; return 1; }
	diff "$tmp/life" "$tmp/life.again"
}

restart_is_there()
{
	ends postfix restarts delivered-late || return 1
	jq -es 'any(.[]; .ev == "mta" and .verb == "restart")' \
	    "$(trace_of "$tmp/restarts")"
}

# A user's own configuration: copied, redirected, and each change is told.
own_configuration()
{
	tree=$("$top/harness/mta/store" path postfix)
	mkdir -p "$tmp/config"
	cp "$tree/usr/share/postfix/main.cf.debian" "$tmp/config/main.cf" ||
		return 1
	cat >>"$tmp/config/main.cf" <<-!
	myhostname = relay.example.com
	minimal_backoff_time = 700s
	maximal_backoff_time = 700s
	queue_run_delay = 100s
	!
	cp "$tmp/config/main.cf" "$tmp/main.cf.before"
	exits 0 "$mxdrill" run --mta postfix --config "$tmp/config" \
	    --out "$tmp/own" "$tmp/heals.yaml" || return 1
	cmp "$tmp/main.cf.before" "$tmp/config/main.cf" || return 1
	same "$(ls "$tmp/config")" main.cf || return 1
	# Its own timings are in force: the profile and the attempts say so.
	same 700000000 "$(jq '.mtas[0].profile."first-retry"' \
	    "$tmp/own/results.json")" || return 1
	n=$(jq -s '[.[] | select(.ev == "net.syn" and
	    .host == "mx1.r.test")] | length' "$(trace_of "$tmp/own")")
	[ "$n" -ge 12 ] || { echo "$n attempts in three hours"; return 1; }
}

changes_are_told()
{
	cat "$tmp/out" "$tmp/err" >"$tmp/both"
	says both 'main.cf: myhostname = mta.sut.test (was "relay.example.com")'
}

check 'postfix: its canaries pass' exits 0 "$mxdrill" adapter check postfix
check 'postfix: a healthy host gets one copy at once' \
    ends postfix healthy delivered-at-once
check 'postfix: 550 is reported to the sender' ends postfix refused bounced
check 'postfix: 451 for three hours is waited for' ends postfix heals delivered-late
check 'postfix: one report after five days, no attempt after it' \
    five_days_pass
check 'postfix: another life of five days makes the same attempts' \
    another_life_alike
check 'postfix: a restart loses nothing' restart_is_there
check 'postfix: a configuration of one'"'"'s own is used, not changed' \
    own_configuration
check 'postfix: changes to a configuration of one'"'"'s own are printed' \
    changes_are_told
finish
