#!/bin/sh
# Debian's Postfix, unmodified, at its default timings, on a virtual clock.
. "$(dirname "$0")/lib.sh"
mta=postfix
. "$top/tests/integration/mta.sh"

scenario healthy '' "$healthy"
scenario refused "$no_user" 'outcome: bounced, status: "5.1.*"' 'repair: never'
scenario heals "$not_now, until: 3h" \
    'outcome: delivered-late, copies-max: 1, not-before: 3h, attempts-min: 3'
scenario expires "$no_greeting" \
    'outcome: bounced, not-before: 4d, attempts-min: 10, status: "4.*"' \
    'repair: never'
scenario restarts 'connect: refuse, until: 6h' \
    'outcome: delivered-late, copies-max: 1' 'mta: [{do: restart, at: 2h}]'

five_days_pass()
{
	ends 0 bounced expires || return 1
	jq -es '([.[] | select(.ev == "dsn" and .action == "failed") | .t])
	    as $told | ($told | length) == 1 and
	    $told[0] >= 5 * 86400 * 1000000 and
	    $told[0] < (5 * 86400 + 2 * 4000) * 1000000 and
	    ([.[] | select(.ev == "net.syn" and .host == "mx1.r.test" and
	    .t > $told[0])] == [])' "$(trace)" || {
		jq -c 'select(.ev == "dsn")' "$(trace)"
		return 1
	}
	life_of >"$tmp/life"
}

# life_of: when the last run connected and what it reported.  Which of two
# equal addresses comes first, Postfix draws by lot.
life_of()
{
	jq -c 'select(.ev == "net.syn" or .ev == "dsn") | [.t, .ev]' \
	    "$(trace)"
}

another_life_alike()
{
	into=again ends 0 bounced expires || return 1
	life_of >"$tmp/life.again"
	[ -s "$tmp/life" ] || { echo 'no attempts'; return 1; }
	diff "$tmp/life" "$tmp/life.again"
}

restart_is_there()
{
	ends 0 delivered-late restarts || return 1
	jq -es 'any(.[]; .ev == "mta" and .verb == "restart")' "$(trace)"
}

# A user's own configuration: copied, redirected, and each change is told.
own_configuration()
{
	tree=$("$top/harness/mta/store" path postfix)
	mkdir -p "$config"
	cp "$tree/usr/share/postfix/main.cf.debian" "$config/main.cf" ||
		return 1
	cat >>"$config/main.cf" <<-!
	myhostname = relay.example.com
	minimal_backoff_time = 700s
	maximal_backoff_time = 700s
	queue_run_delay = 100s
	!
	own delivered-late heals || return 1
	# Its own timings are in force: the profile and the attempts say so.
	same 700 "$(profile first-retry)" || return 1
	n=$(jq -s '[.[] | select(.ev == "net.syn" and
	    .host == "mx1.r.test")] | length' "$(trace)")
	[ "$n" -ge 12 ] || { echo "$n attempts in three hours"; return 1; }
}

# Six hours are the site's own choice: told with the line, and not judged.
short_life_is_its_own()
{
	tree=$("$top/harness/mta/store" path postfix)/usr/share/postfix
	mkdir -p "$tmp/short"
	{
		cat "$tree/main.cf.debian"
		echo 'maximal_queue_lifetime = 6h'
	} >"$tmp/short/main.cf" || return 1
	mta_run short-life retry/lifetime --config "$tmp/short"
	same 0 "$got" && says out 'info  retry/lifetime' \
	    'Your configuration departs from RFC 5321 in 1 point' \
	    'maximal_queue_lifetime = 6h'
}

# Postfix's master starts another smtp(8) without a word to anybody.
process_dies_in_its_session()
{
	tree=$("$top/harness/mta/store" path postfix)/usr/share/postfix
	config=$tmp/dying
	mkdir -p "$config"
	cp "$tree/main.cf.debian" "$config/main.cf"
	sed 's|^smtp *unix.*|smtp unix - - n - - ../../../../run/mxd/config/smtp|' \
	    "$tree/master.cf.dist" >"$config/master.cf"
	cat >"$config/smtp" <<-'!'
		#!/bin/sh
		# Not in the canaries, and once.
		(sleep 2
		grep -rqs dies@r.test /var/spool/postfix/active &&
		    mkdir /run/mxd/died && kill -SEGV $$) &
		exec /usr/lib/postfix/sbin/smtp "$@"
	!
	chmod +x "$config/smtp"
	scenario dies 'greeting: healthy, delay: 10s' 'outcome: delivered' \
	    'send: dies@r.test'
	ends 1 delivered-late dies --config "$config" &&
	    says out 'smtp, a process of the MTA, died of signal 11' &&
	    same 2 "$(jq -r 'select(.ev == "mta" and .verb == "exit" and
	    .state == "signal" and .text == "smtp" and .num == 11) |
	    .t / 1000000 | floor' "$(trace)")"
}

check 'postfix: its canaries pass' exits 0 "$mxdrill" adapter check postfix
check 'postfix: a healthy host gets one copy at once' \
    ends 0 delivered-at-once healthy
check 'postfix: 550 is reported to the sender' ends 0 bounced refused
check 'postfix: 451 for three hours is waited for' ends 0 delivered-late heals
check 'postfix: one report after five days, no attempt after it' \
    five_days_pass
check 'postfix: another life of five days makes the same attempts' \
    another_life_alike
check 'postfix: a restart loses nothing' restart_is_there
check 'postfix: a configuration of one'"'"'s own is used, not changed' \
    own_configuration
check 'postfix: changes to a configuration of one'"'"'s own are printed' \
    told 'main.cf: myhostname = mta.sut.test (was "relay.example.com")'
check 'postfix: a short life of one'"'"'s own is told, not judged' \
    short_life_is_its_own
check 'postfix: a process that dies under its master is told' \
    process_dies_in_its_session
finish
