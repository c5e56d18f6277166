#!/bin/sh
# --pcap, read by somebody else's reader: tshark sees SMTP and DNS at virtual
# times, and each fault of the trace once.
. "$(dirname "$0")/lib.sh"

can_lab || {
	skip packets "$("$mxdrill" doctor | sed -n 's/^MISSING *//p' |
	    head -n 1)"
	exit 0
}
command -v tshark >/dev/null || {
	skip packets 'no tshark'
	exit 0
}

# What the trace says of faults: TIME RULE, in microseconds since 1970.  The
# first event is at lab time 0.
faults_of_trace()
{
	jq -rs '(.[0].text | tonumber * 1000000) as $epoch |
	    .[0].t as $zero | .[] | select(.rule != null and
	    (.ev | IN("net.syn", "net.datagram", "net.connect-failed",
	    "network", "dns.reply", "smtp.reply", "mta")) and
	    (.ev != "network" or .state != "up")) |
	    "\(.t - $zero + $epoch) \(.rule)"' "$1/trace.jsonl" | sort
}

# The same from the packets: comments, and records without a packet.
faults_of_packets()
{
	f=$1/packets.pcapng
	tshark -r "$f" -Y frame.comment -T fields -E occurrence=a \
	    -E aggregator='|' -e frame.time_epoch -e frame.comment |
	    awk -F'\t' '{ n = split($2, c, "|"); for (i = 1; i <= n; i++)
		print $1 "\t" c[i] }' >"$tmp/comments"
	tshark -r "$f" -Y systemd_journal -T fields -e frame.time_epoch \
	    -e systemd_journal.message >>"$tmp/comments"
	awk -F'\t' '{ split($1, t, "."); split($2, w, /[ ,]/)
	    printf "%s%s %s\n", t[1], substr(t[2], 1, 6), w[2] }' \
	    "$tmp/comments" | sort
}

# faults_are_told SCENARIO LEAST: at least so many, all of them, at their
# times; the words of the rule are there.
faults_are_told()
{
	dir=$tmp/$(echo "$1" | tr / -)
	exits 0 "$mxdrill" run --pcap --out "$dir" "$1" || return 1
	dir=$dir/reference/$1
	faults_of_trace "$dir" >"$tmp/trace"
	[ "$(wc -l <"$tmp/trace")" -ge "$2" ] || {
		echo "only $(wc -l <"$tmp/trace") faults in the trace"
		return 1
	}
	faults_of_packets "$dir" >"$tmp/packets" &&
	    diff "$tmp/trace" "$tmp/packets" || return 1
	shift 2
	for words in "$@"; do
		grep -qF -e "$words" "$tmp/comments" && continue
		echo "no '$words' in:"
		cat "$tmp/comments"
		return 1
	done
}

# Of a run above.
protocols_dissect()
{
	f=$tmp/seed-ip-refused-and-other-closing-greet-554/reference
	f=$f/seed/ip-refused-and-other-closing/greet-554/packets.pcapng
	tshark -r "$f" -Y smtp.response.code -T fields \
	    -e smtp.response.code >"$tmp/codes" &&
	    tshark -r "$f" -Y 'dns.flags.response == 1' -T fields \
	    -e dns.qry.name >"$tmp/names" || return 1
	grep -q 554 "$tmp/codes" && grep -q 250 "$tmp/codes" &&
	    grep -qx 'r.test' "$tmp/names"
}

while IFS='|' read -r what scenario least words; do
	check "packets: $what" faults_are_told "$scenario" "$least" "$words"
done <<'!'
a refused connection is told on its SYN|net/all-refuse|3|refuse
a wrong answer is told on the reply|dns/mx-servfail-heals|1|r.test, DNS answers servfail
a refusal is told on its reply|seed/ip-refused-and-other-closing/greet-554|2|greeting: 554
silence is told on what stays unanswered|net/silent-greeting|1|silence
a link that goes down is told, without a packet|net/own-link-down/link-down|1|link-down
a kill is told, without a packet|crash/after-acceptance/first|1|the MTA: kill
!
check 'packets: SMTP and DNS dissect' protocols_dissect
finish
