#!/bin/sh
# Haraka of npm, unmodified, on a virtual clock.  At its default timings for
# minutes only: it looks at its queue every second, and each look is a jump.
. "$(dirname "$0")/lib.sh"
mta=haraka
. "$top/tests/integration/mta.sh"

scenario healthy '' "$healthy"
scenario refused "$no_user" 'outcome: bounced, status: "5.1.*"' 'repair: never'
scenario heals "$not_now, until: 10m" \
    'outcome: delivered-late, copies-max: 1, not-before: 10m, attempts-min: 4'
scenario expires "$not_now" \
    'outcome: bounced, not-before: 9m, attempts-min: 5' 'repair: never'

# Intervals of its own configuration: five attempts, two minutes apart.
expires()
{
	mta='haraka:temp-fail-intervals=2m*5'
	ends 0 bounced expires && same 600 "$(profile life)"
	status=$?
	mta=haraka
	return $status
}

# As `haraka -i` makes it and a site changes it; the mail that waits there
# is not for the lab.
own_configuration()
{
	mkdir -p "$config/plugins" "$config/queue"
	cp -R "$("$top/harness/mta/store" path haraka)/usr/lib/haraka/node_modules/Haraka/config" \
	    "$config/" || return 1
	(cd "$config/config" && echo relay.example.com >me &&
	    printf '%s\n' stamp relay rcpt_to.in_host_list \
	    queue/smtp_forward >plugins &&
	    printf 'listen=10.1.2.3:25\ndaemonize=true\nuser=smtp\n' \
	    >smtp.ini && echo 'temp_fail_intervals=3m*3,5m' >outbound.ini &&
	    printf 'host=10.1.2.9\nenable_outbound=true\n' \
	    >smtp_forward.ini && echo 10.0.0.0/8 >relay_acl_allow) || return 1
	cat >"$config/plugins/stamp.js" <<-!
	exports.register = function () { this.register_hook('data_post', 'it') }
	exports.it = function (next, connection) {
	    connection.transaction.add_header('X-Site', 'relay.example.com')
	    next()
	}
	!
	echo real >"$config/queue/1700000000000_1700000000000_0_1_a_1_me"
	own delivered-late heals &&
	    same '180 300 840' "$(profile first-retry max-retry life)" &&
	    same '0 180 360 540 840' "$(attempts)" &&
	    told 'smtp.ini: daemonize=false (was "true")' \
	    'smtp.ini: user= (was "smtp")' \
	    '(was "10.1.2.3:25")' 'me: mta.sut.test' \
	    'smtp_forward.ini: enable_outbound=false (was "true")' \
	    'relay_acl_allow: 10.0.0.0/8 192.0.2.25/32'
}

broken_configuration()
{
	echo nosuch >>"$config/config/plugins"
	broken 'Loading plugin nosuch failed: No plugin with this name found'
}

check 'haraka: its canaries pass' exits 0 "$mxdrill" adapter check haraka
check 'haraka: a healthy host gets one copy at once' \
    ends 0 delivered-at-once healthy
check 'haraka: 550 is reported to the sender' ends 0 bounced refused
check 'haraka: 451 for ten minutes is waited for' ends 0 delivered-late heals
check 'haraka: one report when its intervals are used up' expires
# RCPT answered 251 (RFC 5321 section 3.4): neither delivered nor returned.
check 'haraka: a recipient answered 251 vanishes, as known' \
    known session/recipient-forwarded silent-drop
check 'haraka: a configuration of one'"'"'s own is used, not changed' \
    own_configuration
check 'haraka: a broken one is told in its own words' broken_configuration
finish
