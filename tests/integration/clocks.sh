#!/bin/sh
# The virtual clock and the machine's own agree: ten scenarios both ways on
# three MTAs, their intervals shortened by configuration.  Each ends with the
# same verdict and makes the same attempts at the same times.
. "$(dirname "$0")/lib.sh"

# Seconds: what a busy machine may be late by in real time, and the grain of
# time(2), by which some programs wait.
late=4
grain=1.1

can_lab || {
	skip clocks "$("$mxdrill" doctor | sed -n 's/^MISSING *//p' |
	    head -n 1)"
	exit 0
}

# --- the scenarios: NAME|what goes wrong, mostly at the better of two hosts

mkdir "$tmp/s"
while IFS='|' read -r name lines; do
	cat >"$tmp/s/$name.yaml" <<-!
		title: $name
		covers: [R-5321-5.1-k]
		zone: |
		  r.test.      MX 10 mx1.r.test.
		  r.test.      MX 20 mx2.r.test.
		  mx1.r.test.  A     198.18.1.1
		  mx2.r.test.  A     198.18.1.2
		$(printf '%b' "$lines")
		expect: {outcome: [delivered, bounced, bounced-malformed, deferred]}
		horizon: 18s
	!
done <<'!'
healthy|
unknown|hosts: {mx1.r.test: [{rcpt: "550 5.1.1 no such user"}]}
refused|hosts: {mx1.r.test: [{connect: refuse}]}
hole|hosts: {mx1.r.test: [{connect: blackhole}]}
no-host|hosts: {mx1.r.test: [{connect: icmp-host}]}
slow|hosts: {mx1.r.test: [{greeting: healthy, delay: 3s}, {eod: healthy, delay: 4s}]}
lost|hosts: {mx1.r.test: [{rcpt: close, first: 1}]}
not-now|hosts:\n  mx1.r.test: [{rcpt: "451 4.3.0 not now", first: 1}]\n  mx2.r.test: [{greeting: "421 4.3.0 not now", first: 1, optional: true}]
silence|dns: [{name: r.test, type: MX, answer: drop, first: 1}]
outage|hosts: {mx1.r.test: [{greeting: healthy, delay: 4s}]}\nnetwork: [{at: mx1.r.test, state: blackhole, from: 2s, until: 9s}]
!

# --- the MTAs: each prints its arguments for mxdrill

# Ten seconds to the next try.  The engine takes times as arguments alone.
reference()
{
	cat >"$tmp/quick" <<-'!'
		#!/bin/sh
		[ "$1" != --dir ] && [ "$1" != --control ] ||
			set -- "$@" --set first-retry=10s --set max-retry=20s \
			    --set connect-timeout=6s --set host-cache=0s
		exec "$MXDRILL_BIN/refmta" "$@"
	!
	chmod +x "$tmp/quick"
	echo "--mta reference:bin=/run/mxd/host$tmp/quick"
}

postfix()
{
	mkdir "$tmp/postfix.d"
	cp "$("$top/harness/mta/store" path postfix \
	    )/usr/share/postfix/main.cf.debian" "$tmp/postfix.d/main.cf"
	cat >>"$tmp/postfix.d/main.cf" <<-!
		minimal_backoff_time = 10s
		maximal_backoff_time = 20s
		queue_run_delay = 5s
		smtp_connect_timeout = 6s
	!
	echo "--mta postfix --config $tmp/postfix.d"
}

# Its retries start at 400 s, and the kernel bounds its connect().
opensmtpd()
{
	mkdir "$tmp/opensmtpd.d"
	cat >"$tmp/opensmtpd.d/smtpd.conf" <<-!
		queue ttl 1h
		bounce warn-interval 10m
		listen on lo
		action "out" relay
		match from local for any action "out"
	!
	echo "--mta opensmtpd --config $tmp/opensmtpd.d"
}

# both_ways NAME: the runs of an MTA, in $tmp/NAME.virtual and NAME.real.
both_ways()
{
	args=$("$1") || return
	for clock in virtual real; do
		# What waits in real time needs no processor.
		jobs=2
		[ $clock = virtual ] || jobs=10
		# shellcheck disable=SC2086
		"$mxdrill" run $args --clock $clock -j $jobs \
		    --out "$tmp/$1.$clock" "$tmp/s"/*.yaml \
		    >"$tmp/$1.$clock.out" 2>&1 &
	done
	wait
}

# --- what they did

# story FOLDER NAME: the verdict of a run, then HOST TIME of each attempt.
story()
{
	jq -r --arg id "$2" '.runs[] | select(.id | endswith("/" + $id)) |
	    [.result, (.units[] | select(.control | not) | .verdict)] |
	    join(" ")' "$1/results.json"
	jq -r 'select(.ev == "net.syn" and (.host | endswith(".r.test"))) |
	    "\(.host) \(.t / 1000000)"' "$(find "$1" -path "*/$2/trace.jsonl")"
}

# agree MTA SCENARIO
agree()
{
	story "$tmp/$1.virtual" "$2" >"$tmp/v" &&
	    story "$tmp/$1.real" "$2" >"$tmp/r" && [ -s "$tmp/v" ] &&
	    paste "$tmp/v" "$tmp/r" | awk -F'\t' -v late=$late -v grain=$grain '
	NR == 1 { bad += $1 != $2; next }
	{
		split($1, v, " ")
		split($2, r, " ")
		bad += v[1] != r[1] || r[2] < v[2] - grain ||
		    r[2] > v[2] + late
	}
	END { exit bad > 0 }' && return
	echo 'virtual:'
	cat "$tmp/v"
	echo 'real:'
	cat "$tmp/r"
	tail -n 5 "$tmp/$1.real.out"
	return 1
}

all_agree()
{
	for s in "$tmp/s"/*.yaml; do
		s=${s##*/}
		agree "$1" "${s%.yaml}" || return 1
	done
}

# --- broken off

# A run of days is broken off in its first seconds: what it has is kept, the
# attempt included that it waits for.
interrupt()
{
	"$mxdrill" run --clock real --mta reference --out "$tmp/cut" \
	    "$tmp/s/hole.yaml" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	until find "$tmp/cut" -path '*/hole/trace.jsonl' -exec \
	    grep -l '"net.syn".*mx1' {} + 2>/dev/null | grep -q .; do
		kill -0 $pid || return 1
		sleep 0.1
	done
	kill -TERM $pid
	wait $pid
	echo $? >"$tmp/cut.status"
}

interrupted_leaves_its_trace()
{
	trace=$(find "$tmp/cut" -path '*/hole/trace.jsonl')
	same 130 "$(cat "$tmp/cut.status")" &&
	    jq -es 'map(.ev) | index("run.start") != null and
	    index("net.syn") != null and index("run.end") == null' "$trace" &&
	    [ -s "${trace%/*}/scenario.yaml" ]
}

mtas=reference
for mta in postfix opensmtpd; do
	can_mta $mta && mtas="$mtas $mta" || skip "clocks: $mta" "$why"
done
for mta in $mtas; do
	both_ways $mta &
done
interrupt &
wait
for mta in $mtas; do
	check "clocks: ten scenarios agree, $mta" all_agree $mta
done
check 'clocks: a run in real time that is broken off leaves its trace' \
    interrupted_leaves_its_trace
finish
