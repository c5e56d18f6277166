#!/bin/sh
# Reports of stored runs: each kind against its golden file and against a
# program that is not ours, hostile text in every field, shards, diff.  The
# runs are the golden traces: no lab, no MTA.  MXDRILL_UPDATE_GOLDEN=1 writes
# the golden files anew.
. "$(dirname "$0")/lib.sh"

golden=$top/tests/golden

# store DIR NAME MTA VERSION [ID]: the folder of a run, of a golden trace.
store()
{
	dir=$1/$3/${5:-golden/$2}
	mkdir -p "$dir"
	cp "$golden/$2.jsonl" "$dir/trace.jsonl"
	cp "$golden/$2.yaml" "$dir/scenario.yaml"
	cp "$golden/$2.profile" "$dir/adapter.info"
	jq -n --arg id "${5:-golden/$2}" --arg path "golden/$2.yaml" \
	    --arg mta "$3" --arg version "$4" '{version: 1, scenario: $id,
	    path: $path, mta: $mta, mta_version: $version, clock: "virtual",
	    seed: 1}' >"$dir/meta.json"
}

# A suite of all golden traces; one of its failures is known, one scenario
# was skipped.
store_suite()
{
	store suite pass postfix 3.7.11
	store suite error exim4 4.96
	store suite unexercised exim4 4.96
	store suite gave-up exim4 4.96
	store suite premature-bounce postfix 3.7.11
	store suite premature-bounce postfix 3.7.11 golden/again
	store suite expired postfix 3.7.11
	store suite hostile exim4 4.96
	store suite silent-drop reference:bug=q267245-drop 1
	"$mxdrill" report suite -o json=whole.json >/dev/null
	jq '.runs |= map(.folder = (.dir | sub(".*/suite/"; "")) | del(.dir) |
	    .real_us = 1500000) | .started = "2026-11-25T12:00:00Z" |
	    .seed = "1" | .clock = "virtual" | .mxdrill = "0.1" |
	    .runs |= map(if .id == "golden/expired" then .result = "xfail" |
	    .sentence = "known: " + .sentence | .baseline = {
	    at: "postfix.known:3", outcome: "bounced", was: "FAIL",
	    reason: "five days are its default", upstream: "postconf(5)" }
	    else . end) |
	    .runs += [{id: "golden/skipped", mta: "exim4", mta_version: "4.96",
	    result: "skip", sentence: "exim4 cannot \"dane\"", units: [],
	    findings: [], virtual_us: 0, real_us: 0,
	    rerun: "./mxdrill run golden/skipped --mta exim4"},
	    {id: "golden/policy", mta: "postfix", mta_version: "3.7.11",
	    result: "info", sentence: "m1 was given up after 1d", units: [],
	    findings: [], virtual_us: 0, real_us: 0, departures: [
	    {text: "a lifetime of 1d", where: "main.cf:12",
	    clause: "R-5321-4.5.4.1-h"}],
	    rerun: "./mxdrill run golden/policy --mta postfix"}]' whole.json \
	    >suite/results.json
}

# as_golden NAME FILE
as_golden()
{
	if [ -n "${MXDRILL_UPDATE_GOLDEN-}" ]; then
		cp "$2" "$golden/report/$1"
	fi
	diff -u "$golden/report/$1" "$2"
}

writes_all_kinds_at_once()
{
	store_suite
	exits 1 "$mxdrill" report suite -o junit=s.xml,tap=s.tap \
	    -o json=s.json,md=s.md,findings=f.md || return 1
	as_golden suite.txt "$tmp/out" && as_golden suite.xml s.xml &&
	    as_golden suite.tap s.tap && as_golden suite.md s.md &&
	    as_golden findings.md f.md
}

# Only what the XML declares; no element of a hostile text's.
junit_is_valid()
{
	xmllint --noout --schema "$golden/report/junit.xsd" "$1" || return 1
	n=$(xmllint --xpath 'count(//testcase)' "$1")
	same "$2" "$n $(xmllint --xpath 'count(//failure)' "$1") $(xmllint \
	    --xpath 'count(//error)' "$1") $(xmllint --xpath \
	    'count(//skipped)' "$1")"
}

# What Perl's own parser, which is prove's, makes of each test.  It does not
# know version 14 yet, of which 13 is the part that we use.
tap_says()
{
	sed '1s/14/13/' "$1" >"$1.13"
	perl -MTAP::Parser -e '
		open my $tap, "<", $ARGV[0] or die;
		my $p = TAP::Parser->new({ source => $tap });
		my $line = "";
		while (my $r = $p->next) {
			next unless $r->is_test;
			$line .= $r->has_skip ? "s" : $r->has_todo ? "t" :
			    $r->is_ok ? "." : "F";
		}
		print "$line ", scalar($p->parse_errors), "\n";' \
	    "$1.13" >"$tmp/tap.says"
	same "$2" "$(cat "$tmp/tap.says")" || return 1
	prove -e cat "$1.13" >"$tmp/prove.log" 2>&1
	prove=$?
	case $2 in
	*F*)	[ $prove -ne 0 ] ;;
	*)	[ $prove -eq 0 ] ;;
	esac
}

json_is_read_again()
{
	same '1 1 5 1 1 1' "$(jq -r '.counts | [.ok, .xfail, .FAIL, .ERROR,
	    .["not-exercised"], .skip] | map(tostring) | join(" ")' s.json)" || return 1
	python3 -c 'import json, sys; json.load(open(sys.argv[1]))' s.json &&
	    mkdir again && cp s.json again/results.json &&
	    exits 1 "$mxdrill" report again -o md=again.md &&
	    same "$(sed -n '/^| MTA/,/^$/p' s.md)" \
	    "$(sed -n '/^| MTA/,/^$/p' again.md)"
}

# --- hostile text in every field ---

harmless()
{
	if grep -nP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' "$@"
	then
		echo "$*: control characters"
		return 1
	fi
}

hostile_reports()
{
	run "$mxdrill" report "$golden/report/hostile" -o junit=h.xml,tap=h.tap \
	    -o md=h.md,findings=hf.md,json=h.json --verbose
	same 1 "$got" || return 1
	cp "$tmp/out" h.txt
	run "$mxdrill" report "$golden/report/hostile" --format github
	cp "$tmp/out" h.github
	harmless h.txt h.xml h.tap h.md hf.md h.json h.github
}

# Raw HTML is let through, so that it would be seen.
markdown_is_inert()
{
	for f in h.md hf.md; do
		cmark-gfm --unsafe -e table -e autolink -e strikethrough \
		    "$f" >"$f.html" || return 1
		if grep -niE '<(script|img|a |del|em)|</details>[^<]' "$f.html"
		then
			echo "$f: markup of a hostile text"
			return 1
		fi
	done
	# One table row a run that is told, and the heads of two tables.
	same 9 "$(grep -c '<tr>' h.md.html)"
}

# Outside the fences there are annotations and nothing else.
github_is_fenced()
{
	python3 - h.github <<'END'
import re, sys
fence, found, stray = None, [], []
for line in open(sys.argv[1]):
    line = line.rstrip("\n")
    start = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", line)
    if fence:
        if line == f"::{fence}::":
            fence = None
    elif start:
        fence = start[1]
    else:
        m = re.fullmatch(r"::(error|warning|notice) (?:file=[^,:]*,line=\d+,"
            r"(?:col=\d+,)?)?title=[^,:]*::[^:].*", line)
        (found if m else stray).append(m[1] if m else line)
assert fence is None, "a fence is open"
assert not stray, stray
assert sorted(found) == ["error"] * 3 + ["warning"], found
END
}

github_names_the_line()
{
	run "$mxdrill" report suite --format github
	says out '::error file=golden/silent-drop.yaml,line=' \
	    'title=FAIL golden/silent-drop on reference%3Abug=q267245-drop::'
}

# --- shards ---

# Splits the suite into N results.json, each a shard.
split()
{
	python3 - "$1" "$2" <<'END'
import json, os, sys
count, out = int(sys.argv[1]), sys.argv[2]
whole = json.load(open("suite/results.json"))
runs = []
for i in range(250):
    r = dict(whole["runs"][i % 2])
    r.update(id=f"many/{i:03}", result="ok", sentence="it arrived",
        folder=None, dir=None, baseline=None)
    runs.append({k: v for k, v in r.items() if v is not None})
for n in range(count):
    d = dict(whole, runs=runs[n::count],
        shard={"index": n + 1, "count": count})
    os.makedirs(f"{out}/{n + 1}")
    json.dump(d, open(f"{out}/{n + 1}/results.json", "w"))
END
}

hundred_shards_are_one()
{
	split 100 shards
	exits 0 "$mxdrill" report shards -o json=merged.json || return 1
	says out '250 runs: 250 ok' || return 1
	same 250 "$(jq '.runs | length' merged.json)" &&
	    same null "$(jq .notes merged.json)"
}

missing_shards_are_told()
{
	rm -r shards/7 shards/99
	exits 3 "$mxdrill" report shards -o md=m.md,junit=m.xml,tap=m.tap ||
		return 1
	says out '2 of 100 shards are missing: 7, 99' || return 1
	grep -q 'not to be trusted' m.md &&
	    junit_is_valid m.xml '246 0 1 0' && grep -q '^not ok 246' m.tap
}

# The worst counts, and nothing is hidden.
contradiction_is_told()
{
	mkdir twice
	cp -r shards/1 twice/a
	mkdir twice/b
	jq '.runs[0] |= (.result = "FAIL" | .sentence = "it was lost")' \
	    shards/1/results.json >twice/b/results.json
	exits 1 "$mxdrill" report twice/a twice/b -o json=twice.json ||
		return 1
	says out 'ran 2 times with different results' 'FAIL in twice/b' \
	    'ok in twice/a' 'the worst counts' || return 1
	same '1 2' "$(jq -r '[.counts.FAIL, ([.runs[] |
	    select(.id == "many/000")] | length)] | join(" ")' \
	    twice.json | sed 's/,/ /')"
}

matrix_fits_80_columns()
{
	exits 1 "$mxdrill" report suite || return 1
	says out 'A  = exim4' || sed -n '/^ .*exim4/,/^$/p' "$tmp/out" |
	    grep -q exim4 || return 1
	sed -n '/exim4 .*postfix\|^ *A  *B/,/^$/p' "$tmp/out" >matrix
	[ -s matrix ] && ! grep -n '.\{81\}' matrix
}

# --- diff ---

# side DIR RESULT VERDICT CYCLES: one scenario, one recipient.
side()
{
	mkdir -p "$1"
	jq -n --arg result "$2" --arg verdict "$3" --arg why "$4" '{version: 1,
	    mtas: [], runs: [{id: "dns/x", mta: "postfix", result: $result,
	    sentence: $why, units: [{msg: "m1", rcpt: "u@r.test",
	    verdict: $verdict, expected: ($result == "ok"), why: $why}],
	    findings: [], rerun: "./mxdrill run dns/x"}]}' >"$1/results.json"
}

diff_answers()
{
	side d/ok ok delivered-at-once 'it arrived'
	side d/late ok delivered-late 'it arrived late'
	side d/bounce FAIL premature-bounce 'it bounced'
	side d/drop FAIL silent-drop 'it was lost'
	side d/error ERROR inconclusive 'nobody knows'
	side d/unfired not-exercised delivered-at-once 'no fault fired'
	exits 3 "$mxdrill" diff d/ok d/unfired &&
	    says out 'UNKNOWN dns/x  ok -> not-exercised' || return 1
	exits 1 "$mxdrill" diff d/ok d/drop || return 1
	says out 'WORSE   dns/x  ok -> FAIL' 'old: it arrived' \
	    'new: it was lost' 'delivered-at-once -> silent-drop' \
	    'rerun new: ./mxdrill run dns/x' || return 1
	exits 1 "$mxdrill" diff d/bounce d/drop &&
	    says out 'WORSE   dns/x  FAIL -> FAIL' &&
	    exits 0 "$mxdrill" diff d/drop d/bounce &&
	    says out 'better  dns/x' &&
	    exits 0 "$mxdrill" diff d/drop d/ok &&
	    exits 0 "$mxdrill" diff d/ok d/late &&
	    says out 'changed dns/x  ok -> ok' 'Nothing got worse' &&
	    exits 3 "$mxdrill" diff d/ok d/error &&
	    says out 'UNKNOWN dns/x  ok -> ERROR' 'nobody knows' &&
	    exits 2 "$mxdrill" diff d/ok && exits 2 "$mxdrill" diff d/ok d/no
}

diff_sees_times()
{
	store old expired postfix 3.7.10
	store new expired postfix 3.7.11
	exits 0 "$mxdrill" diff old new && says out '1 same' || return 1
	f=new/postfix/golden/expired/trace.jsonl
	jq -c 'if .ev == "net.syn" and .t > 100000000000 then .t += 60000000
	    else . end' $f >moved && mv moved $f
	exits 0 "$mxdrill" diff old new -o text=diff.txt &&
	    says out 'times   golden/expired' 'attempts: ' &&
	    same "$(cat "$tmp/out")" "$(cat diff.txt)"
}

refuses()
{
	exits 2 "$mxdrill" report && exits 2 "$mxdrill" report no/where &&
	    exits 2 "$mxdrill" report suite -o tpa=x &&
	    says err 'did you mean "tap"' &&
	    exits 2 "$mxdrill" report suite -o tap &&
	    exits 2 "$mxdrill" report suite -o tap=no/where/x &&
	    exits 2 "$mxdrill" report suite -o tap=x,junit=x &&
	    exits 2 "$mxdrill" report suite --format github2 &&
	    [ ! -e x ]
}

stdout_is_the_report_alone()
{
	run "$mxdrill" report suite -o json=-
	jq -e .runs "$tmp/out" >/dev/null && says err 'golden/silent-drop'
}

# A folder that was moved away is found beside its results.json.
moved_suite_is_found()
{
	cp -r suite elsewhere
	exits 1 "$mxdrill" report elsewhere &&
	    says out 'elsewhere/reference:bug=q267245-drop/golden/silent-drop'
}

# A run that was killed is no pass, whatever its trace says.
cut_short_is_an_error()
{
	store cut pass postfix 3.7.11
	t=cut/postfix/golden/pass/trace.jsonl
	exits 0 "$mxdrill" report cut || return 1
	sed -i '$d' $t
	exits 3 "$mxdrill" report cut && says out 'did not come to its end'
}

check 'every kind is written at once, as in the golden files' \
    writes_all_kinds_at_once
check 'JUnit XML holds to its schema' junit_is_valid s.xml '11 5 2 2'
check 'TAP is read by prove' tap_says s.tap 'FFtFF..FFsF 0'
check 'JSON is read by others and by ourselves' json_is_read_again
check 'hostile text has no control characters in any kind' hostile_reports
check 'hostile text is no XML' junit_is_valid h.xml '8 2 1 2'
check 'hostile text is no TAP' tap_says h.tap '.F..sFtF 0'
check 'hostile text is no Markdown' markdown_is_inert
check 'hostile text is no GitHub command' github_is_fenced
check 'an annotation names file and line' github_names_the_line
check 'a hundred shards become one' hundred_shards_are_one
check 'missing shards are told' missing_shards_are_told
check 'the same run with two results is told' contradiction_is_told
check 'the matrix fits a page' matrix_fits_80_columns
check 'diff answers by its exit status' diff_answers
check 'diff sees other times' diff_sees_times
check 'what cannot be reported is refused' refuses
check 'standard output holds nothing but the report' \
    stdout_is_the_report_alone
check 'a suite that was moved is found' moved_suite_is_found
check 'a run that was cut short is an ERROR' cut_short_is_an_error
finish
