#!/bin/sh
# The reference engine from scenario to verdict: everything passes, its bugs
# are caught and explained, stored runs are complete, can be judged again
# elsewhere, and come out the same every time.
. "$(dirname "$0")/lib.sh"

bug=seed/ip-refused-and-other-refused/greet-554

every_scenario()
{
	exits 0 "$mxdrill" run -j2 --out "$tmp/all" || return 1
	want=$("$mxdrill" list | wc -l)
	same "$want" "$(jq '[.runs[] | select(.result == "ok")] | length' \
	    "$tmp/all/results.json")"
}

# One cell of each class and of each profile of the grid.
some_of_the_grid()
{
	exits 0 "$mxdrill" run -j2 --out "$tmp/grid" \
	    'grid/*-*-diff-dual-repaired' || return 1
	same 64 "$(jq '.runs | length' "$tmp/grid/results.json")"
}

drop_is_explained()
{
	exits 1 "$mxdrill" run --mta reference:bug=q267245-drop \
	    --out "$tmp/drop" $bug || return 1
	same silent-drop "$(jq -r '.runs[].units[] |
	    select(.control | not) | .verdict' "$tmp/drop/results.json")" ||
		return 1
	# The five parts: sentence, place, timeline, clause, rerun; and the
	# proof.
	says out 'accepted' 'ip-refused-and-other-refused.yaml:' \
	    '554 5.7.1 client address denied' 'R-DF-GREET-b' \
	    "rerun: $mxdrill run $bug --mta reference:bug=q267245-drop" ||
		return 1
	grep -q '^>' "$tmp/out" || { echo 'no event is marked'; return 1; }
	jq -e '.runs[].units[] | select(.verdict == "silent-drop") |
	    .proof | length > 20' "$tmp/drop/results.json"
}

ndr_is_explained()
{
	exits 1 "$mxdrill" run --mta reference:bug=q267245-ndr \
	    --out "$tmp/ndr" $bug || return 1
	same premature-bounce "$(jq -r '.runs[].units[] |
	    select(.control | not) | .verdict' "$tmp/ndr/results.json")" &&
	    says out 'R-DF-GREET-b' 'reported as failed'
}

damage_is_located()
{
	exits 1 "$mxdrill" run --mta reference:bug=no-dot-stuffing \
	    --out "$tmp/dot" $bug &&
	    says out 'line 2 of the body (offset 39): a dot at the start'
}

# RFC 6152 section 3: the same octets once decoded, and said to be converted.
conversion_is_no_damage()
{
	cat >"$tmp/eight.yaml" <<-'END'
	title: 8-bit content for a host without 8BITMIME
	covers: [R-6152-3-a]
	zone: |
	  r.test.      MX 10 mx1.r.test.
	  mx1.r.test.  A     198.18.1.1
	hosts:
	  mx1.r.test:
	    keywords: [PIPELINING]
	messages: {to: user@r.test, eight-bit: true}
	expect: {outcome: delivered-at-once}
	END
	exits 0 "$mxdrill" run --mta reference:way=base64 \
	    --out "$tmp/eight" "$tmp/eight.yaml" || return 1
	same 'ok: converted to base64, the host does not offer 8BITMIME' \
	    "$(find "$tmp/eight" -name trace.jsonl -exec cat {} + |
	    jq -r 'select(.ev == "smtp.copy" and .msg == "m1") |
	    .hash + ": " + .text')"
}

# The lines of verdicts, in one order, without what depends on the place.
verdict_lines()
{
	grep -E '^(ok|FAIL|warn|info|ERROR|not-exercised|skip) ' | sed 's/ *(.*//' | sort -u
}

judged_alike()
{
	run "$mxdrill" run -j2 --out "$tmp/$1" --mta reference \
	    --mta reference:bug=q267245-drop --mta reference:bug=q267245-ndr \
	    seed/
	status=$got
	verdict_lines <"$tmp/out" >"$tmp/run.lines"
	mv "$tmp/$1" "$tmp/moved-$1"
	run "$mxdrill" judge "$tmp/moved-$1"
	verdict_lines <"$tmp/out" >"$tmp/judge.lines"
	same "$status" "$got" && [ -s "$tmp/run.lines" ] &&
	    diff "$tmp/run.lines" "$tmp/judge.lines"
}

folder_is_complete()
{
	dir=$tmp/drop/reference-bug=q267245-drop/$bug
	for f in trace.jsonl scenario.yaml meta.json adapter.info mta.log \
	    adapter.log; do
		[ -f "$dir/$f" ] || { echo "no $f"; ls -l "$dir"; return 1; }
	done
	cmp "$dir/scenario.yaml" "$top/scenarios/${bug%/*}.yaml" || return 1
	# A transaction at a fake host is a file.
	n=$(find "$tmp/ndr" -path '*/seed/*' -name 'mail-*.eml' | wc -l)
	[ "$n" -ge 1 ] || { echo 'no mail-NNN.eml'; return 1; }
	jq -es '(.[0].ev == "run.start") and (.[-1].ev == "run.end") and
	    ([.[].seq] == [range(1; length + 1)]) and
	    ([.[].t] == ([.[].t] | sort))' "$dir/trace.jsonl" || {
		echo 'the trace has gaps, or no start or end'
		return 1
	}
	jq -e '.version == 1 and .clock == "virtual" and
	    .mta == "reference:bug=q267245-drop" and
	    .variant == "greet-554"' "$dir/meta.json"
}

# docs/trace.md is the promise: no event and no field that it lacks.
trace_is_documented()
{
	doc=$top/docs/trace.md
	[ -f "$doc" ] || { echo "no $doc"; return 1; }
	find "$tmp/all" -name trace.jsonl -exec cat {} + |
	    jq -r '.ev, (keys_unsorted | .[])' | sort -u >"$tmp/words"
	[ -s "$tmp/words" ] || { echo 'no events'; return 1; }
	while read -r w; do
		grep -qF "\`$w\`" "$doc" || { echo "$w"; bad=1; }
	done <"$tmp/words"
	[ -z "${bad-}" ]
}

# Every contact and every DNS query at the same virtual microsecond.
attempts_of()
{
	jq -c 'select(.ev == "net.syn" or .ev == "dns.query" or
	    .ev == "dsn") | [.t, .ev, .addr, .qname, .qtype]' "$1"
}

ten_runs_alike()
{
	for n in 1 2 3 4 5 6 7 8 9 10; do
		exits 0 "$mxdrill" run -j2 --out "$tmp/r$n" retry/lifetime \
		    seed/ip-refused-best-mx/greet-554 \
		    dns/resolver-silent || return 1
		for s in retry/lifetime seed/ip-refused-best-mx/greet-554 \
		    dns/resolver-silent; do
			attempts_of "$tmp/r$n/reference/$s/trace.jsonl"
		done >"$tmp/attempts.$n"
		[ -s "$tmp/attempts.$n" ] || { echo 'no attempts'; return 1; }
		diff "$tmp/attempts.1" "$tmp/attempts.$n" || return 1
	done
}

five_days_pass()
{
	t=$tmp/r1/reference/retry/lifetime/trace.jsonl
	jq -es '[.[] | select(.ev == "dsn" and .action == "failed")] |
	    length == 1 and .[0].t >= 5 * 86400 * 1000000 and
	    .[0].t < (5 * 86400 + 3600) * 1000000' "$t" &&
	jq -es '([.[] | select(.ev == "dsn" and .action == "failed") | .t] |
	    .[0]) as $last | [.[] | select(.ev == "net.syn" and
	    .host == "mx1.r.test" and .t > $last)] == []' "$t"
}

pcap_is_read()
{
	exits 0 "$mxdrill" run --pcap --out "$tmp/pcap" net/all-refuse ||
		return 1
	f=$tmp/pcap/reference/net/all-refuse/packets.pcapng
	tcpdump -n -r "$f" 2>"$tmp/err" >"$tmp/out" || {
		cat "$tmp/err"
		return 1
	}
	says out '.25: Flags [S]' '.53: ' && grep -q 'Flags \[R' "$tmp/out"
}

# An MTA of one's own that cannot even start is one explained ERROR.
broken_mta()
{
	mkdir -p "$tmp/empty/usr"
	exits 3 "$mxdrill" run --mta postfix --root "$tmp/empty" \
	    --out "$tmp/broken" seed/ || return 1
	same 1 "$(jq '.runs | length' "$tmp/broken/results.json")" &&
	    same ERROR "$(jq -r '.runs[].result' \
	    "$tmp/broken/results.json")" || return 1
	jq -e '.mtas[].broken | length > 10' "$tmp/broken/results.json"
}

broken_program()
{
	exits 3 "$mxdrill" run --mta reference:bin=/bin/false \
	    --out "$tmp/false" seed/ || return 1
	same ERROR "$(jq -r '.runs[].result' "$tmp/false/results.json")" &&
	    says out '/bin/false'
}

can_lab || {
	skip reference "$("$mxdrill" doctor | sed -n 's/^MISSING *//p' |
	    head -n 1)"
	exit 0
}
check 'reference: every scenario passes' every_scenario
check 'reference: 64 cells of the grid pass' some_of_the_grid
check 'reference: q267245-drop is a silent drop, proved and explained' \
    drop_is_explained
check 'reference: q267245-ndr is a premature bounce' ndr_is_explained
check 'reference: damage is told with its line and kind' damage_is_located
check 'reference: a lawful conversion is no damage' conversion_is_no_damage
check 'reference: judge says of a moved run what run said' judged_alike seeds
check 'reference: the run folder is complete' folder_is_complete
check 'reference: docs/trace.md tells every event and field' \
    trace_is_documented
check 'reference: ten runs make the same attempts at the same times' \
    ten_runs_alike
check 'reference: one report after five days, no attempt after it' \
    five_days_pass
if command -v tcpdump >/dev/null; then
	check 'reference: --pcap is read by tcpdump' pcap_is_read
else
	skip 'reference: --pcap is read by tcpdump' 'no tcpdump'
fi
if can_postfix; then
	check 'reference: a --root without an MTA is one explained ERROR' broken_mta
else
	skip 'reference: a --root without an MTA is one explained ERROR' "$why"
fi
check 'reference: an engine that ends at once is one explained ERROR' \
    broken_program
finish
