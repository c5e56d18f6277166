#!/bin/sh
# Debian's OpenSMTPD, unmodified, at its default timings, on a virtual clock.
. "$(dirname "$0")/lib.sh"
mta=opensmtpd
. "$top/tests/integration/mta.sh"

scenario healthy '' "$healthy"
scenario refused "$no_user" 'outcome: bounced, status: "5.*"' 'repair: never'
scenario heals "$not_now, until: 3h" \
    'outcome: delivered-late, copies-max: 1, not-before: 3h'
scenario expires "$no_greeting" \
    'outcome: bounced, not-before: 3d, attempts-min: 10' 'repair: never'

# Its reports are malformed and the last one says "delayed": both fail.
expiry_is_called_a_delay()
{
	ends 1 silent-drop expires && says out \
	    'the last that the sender was told, after 4d00h, is "delayed"'
}

# The issue that began it: REFUSED loses the mail and the report of it.
refused_loses_both()
{
	ends 1 silent-drop dns/mx-refused-both-ways &&
	    says out 'was accepted and then lost' 'REFUSED' &&
	    known dns/mx-refused-both-ways silent-drop
}

# A user's own configuration: copied, redirected, and each change is told;
# its own times and its own relay action are in force.
own_configuration()
{
	mkdir -p "$config/tables"
	echo example.com >"$config/tables/domains"
	cat >"$config/smtpd.conf" <<-!
	pki relay.example.com cert "/etc/ssl/nowhere/relay.crt"
	table domains file:/etc/tables/domains
	table inside { 10.0.0.0/8 }
	table sources { 10.1.2.3 }
	queue ttl 6h
	bounce warn-interval 1h
	listen on lo
	listen on eth0 tls \\
	    pki relay.example.com
	action "local" mbox
	action "out" relay src <sources> helo relay.example.com
	match from any for domain <domains> action "local"
	match from src <inside> for any action "out"
	match from local for any action "out"
	!
	own delivered-late heals &&
	    same '21600 3600' "$(profile life warn)" &&
	    same '0 400 1600 3600 6400 10000 14400' "$(attempts)" &&
	    told 'smtpd.conf: without "listen on lo"' \
	    'smtpd.conf: with "listen on 192.0.2.1"' \
	    'without "pki relay.example.com cert' \
	    'with "action "out" relay helo relay.example.com"' \
	    'with "match from src 192.0.2.25 for any action "out""' &&
	    grep -q 'EHLO relay.example.com' "$(trace)"
}

broken_configuration()
{
	echo 'queue tll 6h' >>"$config/smtpd.conf"
	broken 'syntax error: queue tll 6h'
}

check 'opensmtpd: a healthy host gets one copy at once' \
    ends 0 delivered-at-once healthy
check 'opensmtpd: 550 is reported to the sender, in the wrong form' \
    ends 0 bounced-malformed refused
check 'opensmtpd: 451 for three hours is waited for' \
    ends 0 delivered-late heals
check 'opensmtpd: on giving up it says "delayed"' expiry_is_called_a_delay
check 'opensmtpd: REFUSED of both domains loses the mail without a trace' \
    refused_loses_both
check 'opensmtpd: a configuration of one'"'"'s own is used, not changed' \
    own_configuration
check 'opensmtpd: a broken one is told in its own words' broken_configuration
finish
