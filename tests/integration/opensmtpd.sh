#!/bin/sh
# Debian's OpenSMTPD, unmodified, at its default timings, on a virtual clock.
. "$(dirname "$0")/lib.sh"

can_lab && can_mta opensmtpd || {
	skip opensmtpd "${why-no lab}"
	exit 0
}
small_scenarios

# Its reports are malformed and the last one says "delayed": two fail.
run "$mxdrill" run --mta opensmtpd --out "$tmp/small" "$tmp/healthy.yaml" \
    "$tmp/refused.yaml" "$tmp/heals.yaml" "$tmp/expires.yaml"
cp "$tmp/out" "$tmp/small.log"

# ends SCENARIO VERDICT
ends()
{
	cat "$tmp/small.log"
	same "$2" "$(jq -r --arg s "$1" '[.runs[] | select(.id |
	    endswith($s)) | .units[] | select(.control | not) | .verdict] |
	    unique | join(" ")' "$tmp/small/results.json")"
}

virtual()
{
	same virtual "$(jq -r .clock "$tmp/small/results.json")"
}

expiry_is_called_a_delay()
{
	ends expires silent-drop || return 1
	says small.log \
	    'the last that the sender was told, after 4d00h, is "delayed"'
}

# The issue that began it: REFUSED loses the mail and the report of it.
refused_loses_both()
{
	exits 1 "$mxdrill" run --mta opensmtpd --out "$tmp/lost" \
	    dns/mx-refused-both-ways || return 1
	says out 'was accepted and then lost' 'REFUSED' || return 1
	exits 0 "$mxdrill" run --mta opensmtpd --out "$tmp/lost" --baseline \
	    "$top/scenarios/baselines" dns/mx-refused-both-ways
}

# A user's own configuration: copied, redirected, and each change is told;
# its own time to live is in force.
own_configuration()
{
	mkdir "$tmp/config"
	cat >"$tmp/config/smtpd.conf" <<-!
	queue ttl 6h
	listen on lo
	action "out" relay
	match from local for any action "out"
	!
	cp "$tmp/config/smtpd.conf" "$tmp/before"
	run "$mxdrill" run --mta opensmtpd --config "$tmp/config" \
	    --out "$tmp/own" "$tmp/healthy.yaml"
	same 0 "$got" || return 1
	cmp "$tmp/before" "$tmp/config/smtpd.conf" || return 1
	cat "$tmp/out" "$tmp/err" >"$tmp/both"
	says both 'smtpd.conf: without "listen on lo"' \
	    'smtpd.conf: with "listen on 192.0.2.1"' || return 1
	same 21600000000 "$(jq '.mtas[0].profile.life' \
	    "$tmp/own/results.json")"
}

check 'opensmtpd: a healthy host gets one copy at once' \
    ends healthy delivered-at-once
check 'opensmtpd: 550 is reported to the sender, in the wrong form' \
    ends refused bounced-malformed
check 'opensmtpd: 451 for three hours is waited for' \
    ends heals delivered-late
check 'opensmtpd: on giving up it says "delayed"' expiry_is_called_a_delay
check 'opensmtpd: the clock reaches it' virtual
check 'opensmtpd: REFUSED of both domains loses the mail without a trace' \
    refused_loses_both
check 'opensmtpd: a configuration of one'"'"'s own is used, not changed' \
    own_configuration
finish
