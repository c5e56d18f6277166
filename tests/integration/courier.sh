#!/bin/sh
# Debian's Courier, unmodified, at its default timings, on a virtual clock.
. "$(dirname "$0")/lib.sh"
mta=courier
. "$top/tests/integration/mta.sh"

# It keeps the session open for a minute; the copy counts at once all the same.
scenario healthy '' "$healthy"
scenario refused "$no_user" 'outcome: bounced, status: "5.*"' 'repair: never'
scenario heals "$not_now, until: 3h" \
    'outcome: delivered-late, copies-max: 1, not-before: 3h, attempts-min: 8'
scenario later "$not_now, until: 3h" \
    'outcome: delivered-late, copies-max: 1, not-before: 3h'
scenario expires "$no_greeting" \
    'outcome: bounced, not-before: 6d, attempts-min: 100' 'repair: never'

# A site's own files: its timings hold; its addresses and its smarthost are
# not in the lab.
own_configuration()
{
	tree=$("$top/harness/mta/store" path courier)
	cp -R "$tree/etc/courier" "$config" || return 1
	(cd "$config" && printf 'PORT=2525\nADDRESS=10.1.2.3\n' >>esmtpd &&
	    echo SOURCE_ADDRESS=10.1.2.3 >>courierd &&
	    echo relay.example.com >me && cp me esmtphelo &&
	    echo example.com >locals &&
	    echo ': smart.example.com,587' >esmtproutes &&
	    echo 10m >retryalpha && echo 2 >retrybeta &&
	    echo 20m >retrygamma && echo 2 >retrymaxdelta &&
	    echo 2d >queuetime && echo 30m >warntime) || return 1
	own delivered-late later &&
	    same '600 4800 172800 1800' \
	    "$(profile first-retry max-retry life warn)" &&
	    same '0 600 3000 7800 12600' "$(attempts)" &&
	    told 'esmtpd: PORT=smtp (was "2525")' \
	    'esmtpd: ADDRESS= (was "10.1.2.3")' \
	    'courierd: SOURCE_ADDRESS: gone (was "10.1.2.3")' \
	    'esmtproutes:  (was ": smart.example.com,587")' \
	    'me: mta.sut.test (was "relay.example.com")' \
	    'locals: example.com localhost mta.sut.test (was "example.com")'
}

broken_configuration()
{
	echo 'PATH="/usr/bin' >>"$config/esmtpd"
	broken 'esmtpd: Syntax error: Unterminated quoted string'
}

check 'courier: its canaries pass' exits 0 "$mxdrill" adapter check courier
check 'courier: a healthy host gets one copy at once' \
    ends 0 delivered-at-once healthy
check 'courier: 550 is reported to the sender' ends 0 bounced refused
check 'courier: 451 for three hours is waited for' ends 0 delivered-late heals
check 'courier: one report after a week' ends 0 bounced expires
check 'courier: a missing MX hides one that is undetermined, as known' \
    known dns/mixed-permanent-and-temporary/best-gone premature-bounce
check 'courier: a configuration of one'"'"'s own is used, not changed' \
    own_configuration
check 'courier: a broken one is told in the words of the shell that reads it' \
    broken_configuration
finish
