#!/bin/sh
# What is run and what is known: baselines, shards, --failed and the rest.
. "$(dirname "$0")/lib.sh"

seed=seed/ip-refused-and-other-undetermined
quick=session/greeting-of-three-lines
drop=reference:bug=q267245-drop

# known FILE OUTCOME [ID [MTA]]
known()
{
	cat >"$1" <<-!
	# the head
	- id: ${3:-$seed/best-denies-servfail}
	  mta: ${4:-$drop}
	  outcome: $2      # pinned
	  reason: KB Q267245
	!
}

refuses()
{
	printf '%s\n' "$1" >"$tmp/wrong.known"
	exits 2 "$mxdrill" run $quick --out "$tmp/none" \
	    --baseline "$tmp/wrong.known" && says err "$2" "$3" || return 1
	[ ! -e "$tmp/none" ] || { echo 'a folder was made'; return 1; }
}

checks_a_file()
{
	known "$tmp/right.known" silent-drop
	exits 0 "$mxdrill" baseline check "$tmp/right.known" &&
	    says out '1 known failure in 1 file, no errors' || return 1
	known "$tmp/right.known" silent-dorp
	exits 2 "$mxdrill" baseline check "$tmp/right.known" &&
	    says err ':4:12: error' '^~~~~~~~~~~' \
	    'did you mean "silent-drop"?'
}

# Each shard's scenarios, by the sentence that it prints; nothing is run.
shards_are_the_whole()
{
	"$mxdrill" list | cut -d' ' -f1 | sort >"$tmp/whole"
	: >"$tmp/parts"
	for i in 1 2 3; do
		exits 0 "$mxdrill" list --shard $i/3 || return 1
		cut -d' ' -f1 "$tmp/out" >>"$tmp/parts"
	done
	sort "$tmp/parts" | cmp - "$tmp/whole" || return 1
	# What else is selected does not matter.
	exits 0 "$mxdrill" list --shard 2/3 session/ || return 1
	cut -d' ' -f1 "$tmp/out" >"$tmp/some"
	exits 0 "$mxdrill" list --shard 2/3 || return 1
	cut -d' ' -f1 "$tmp/out" | grep '^session/' | cmp - "$tmp/some"
}

shard_of_the_environment()
{
	exits 0 env CI_NODE_INDEX=2 CI_NODE_TOTAL=3 "$mxdrill" list \
	    --shard auto session/ &&
	    says err 'GitLab CI: CI_NODE_INDEX=2, CI_NODE_TOTAL=3' || return 1
	cut -d' ' -f1 "$tmp/out" | cmp - "$tmp/some" || return 1
	exits 2 env -u CI_NODE_TOTAL "$mxdrill" list --shard auto &&
	    says err 'nothing in the environment' || return 1
	exits 2 "$mxdrill" run --shard 4/3 $quick && says err 'I/N'
}

xfail_is_not_red()
{
	known "$tmp/a.known" silent-drop
	exits 0 "$mxdrill" run $seed/best-denies-servfail --mta $drop \
	    --baseline "$tmp/a.known" --out "$tmp/x" -v || return 1
	says out 'xfail seed/' '1 run: 1 xfail' 'hides 1 known failure:' \
	    "KB Q267245 ($tmp/a.known:2)" || return 1
	same "FAIL KB Q267245 $tmp/a.known:2 silent-drop" "$(jq -r \
	    '.runs[].baseline | [.was, .reason, .at, .outcome] | join(" ")' \
	    "$tmp/x/results.json")"
}

worse_is_red()
{
	known "$tmp/b.known" late-bounce
	exits 1 "$mxdrill" judge "$tmp/x" --baseline "$tmp/b.known" &&
	    says out 'FAIL ' "worse than what is known: $tmp/b.known:2 pins" \
	    'this is silent-drop' || return 1
	exits 1 "$mxdrill" report "$tmp/x" --baseline "$tmp/b.known" &&
	    says out 'FAIL ' 'worse than what is known' || return 1
	# ... and the baseline of the run holds where no other is given.
	exits 0 "$mxdrill" report "$tmp/x" && says out '1 run: 1 xfail' &&
	    exits 1 "$mxdrill" judge "$tmp/x" && says out '1 run: 1 FAIL'
}

passing_is_red()
{
	known "$tmp/c.known" silent-drop $quick reference
	exits 1 "$mxdrill" run $quick --baseline "$tmp/c.known" \
	    --out "$tmp/pass" && says out 'XPASS ' \
	    "does not show any more: $tmp/c.known:2 pins silent-drop"
}

# Of a folder, only the files of the MTAs that are run are read.
folder_of_files()
{
	mkdir -p "$tmp/known"
	known "$tmp/known/reference.known" silent-drop
	echo 'no list at all' >"$tmp/known/postfix.known"
	exits 0 "$mxdrill" run $seed/best-denies-servfail --mta $drop \
	    --baseline "$tmp/known" --out "$tmp/y" &&
	    says out '1 run: 1 xfail' &&
	    exits 2 "$mxdrill" baseline check "$tmp/known" &&
	    says err 'postfix.known:1:1: error: a baseline is a list'
}

updates_what_changed()
{
	known "$tmp/d.known" late-bounce
	chmod 640 "$tmp/d.known"
	exits 0 "$mxdrill" baseline update "$tmp/d.known" "$tmp/x" &&
	    says out 'd.known:2: ' 'late-bounce is now silent-drop' &&
	    same 640 "$(stat -c %a "$tmp/d.known")" || return 1
	known "$tmp/e.known" silent-drop
	cmp "$tmp/d.known" "$tmp/e.known" || return 1
	exits 0 "$mxdrill" baseline update "$tmp/d.known" "$tmp/x" &&
	    says out 'agrees' && cmp "$tmp/d.known" "$tmp/e.known"
}

updates_what_passes()
{
	known "$tmp/f.known" silent-drop $quick reference
	exits 0 "$mxdrill" baseline update "$tmp/f.known" "$tmp/pass" &&
	    says out 'removed' && same '# the head' "$(cat "$tmp/f.known")"
}

adds_with_a_reason()
{
	rm -f "$tmp/g.known"
	exits 2 "$mxdrill" baseline update "$tmp/g.known" "$tmp/x" --add &&
	    says err 'nothing is known without a reason' || return 1
	echo '# mine' >"$tmp/g.known"
	exits 1 "$mxdrill" baseline update "$tmp/g.known" "$tmp/x" &&
	    says out 'not in the file: silent-drop' &&
	    same '# mine' "$(cat "$tmp/g.known")" || return 1
	exits 0 "$mxdrill" baseline update "$tmp/g.known" "$tmp/x" --add \
	    --reason 'to be "mended"' && says out 'added: silent-drop' &&
	    exits 0 "$mxdrill" judge "$tmp/x" --baseline "$tmp/g.known" &&
	    says out '1 run: 1 xfail' 'known: to be "mended"'
}

empty_shard_is_none_to_blame()
{
	for i in 1 2; do
		exits 0 "$mxdrill" run $quick --shard $i/2 \
		    --out "$tmp/part-$i" || return 1
		cat "$tmp/out" >>"$tmp/both"
	done
	cp "$tmp/both" "$tmp/out"
	says out 'of 2: 0 of 1 scenarios' 'of 2: 1 of 1 scenarios' '0 runs' \
	    '1 run: 1 ok' || return 1
	same '{"index":2,"count":2}' "$(jq -c .shard \
	    "$tmp/part-2/results.json")" &&
	    exits 2 "$mxdrill" run nosuch/ --shard 1/2
}

failed_again()
{
	rm -rf runs
	exits 1 "$mxdrill" run $quick mx/null-mx --mta reference \
	    --mta reference:bug=no-dot-stuffing -j2 || return 1
	exits 1 "$mxdrill" run --failed &&
	    says out '1 run: 1 FAIL' "$quick" || return 1
	exits 0 "$mxdrill" run --failed mx/ && says out 'nothing of what is' &&
	    exits 0 "$mxdrill" run --failed=runs/last --mta reference &&
	    exits 0 "$mxdrill" run $quick && exits 0 "$mxdrill" run --failed &&
	    says out 'nothing failed in runs/last' &&
	    exits 2 "$mxdrill" run "--failed=$tmp/nosuch" && says err nosuch
}

first_failure_stops()
{
	exits 1 "$mxdrill" run $quick mx/null-mx --out "$tmp/ff" \
	    --mta reference:bug=no-dot-stuffing --fail-fast || return 1
	# One of the two comes first; the failing one must be the last.
	says out 'FAIL ' || return 1
	exits 1 "$mxdrill" run session/ --out "$tmp/ff" --fail-fast \
	    --mta reference:bug=no-dot-stuffing && says out 'were not run' &&
	    same 1 "$(jq '.runs | map(select(.result == "FAIL")) | length' \
	    "$tmp/ff/results.json")" &&
	    jq -e '.not_run > 0' "$tmp/ff/results.json"
}

too_few_are_no_success()
{
	exits 3 "$mxdrill" run $quick --min 2 --out "$tmp/min" &&
	    says err 'only 1 really ran, at least 2' &&
	    exits 0 "$mxdrill" run $quick --min 1 --out "$tmp/min"
}

repeats_agree()
{
	exits 0 "$mxdrill" run $quick --repeat 3 --out "$tmp/rep" -j2 &&
	    says out '1 run: 1 ok' '(3 runs agree)' &&
	    same 3 "$(jq '.runs[].repeats' "$tmp/rep/results.json")" &&
	    [ -f "$tmp/rep/repeat-3/reference/$quick/trace.jsonl" ] &&
	    exits 0 "$mxdrill" run $quick --until-fail=2 --out "$tmp/uf" &&
	    exits 2 "$mxdrill" run $quick --until-fail &&
	    says err 'needs an end' || return 1
	exits 1 "$mxdrill" run $quick --out "$tmp/uf" --until-fail=9 \
	    --mta reference:bug=no-dot-stuffing &&
	    says out '(in run 1 of at most 9)'
}

late_is_an_error()
{
	cat >"$tmp/slow.yaml" <<-!
	title: refused for three days
	covers: [R-5321-5.1-k]
	zone: |
	  r.test.      MX 10 mx1.r.test.
	  mx1.r.test.  A     198.18.1.1
	hosts:
	  mx1.r.test: [{connect: refuse, until: 3d}]
	expect: {outcome: any-safe}
	!
	# A deliberate bug, so that no canary waits in real time.
	exits 3 "$mxdrill" run "$tmp/slow.yaml" --clock real --timeout 1s \
	    --mta reference:bug=no-shuffle --out "$tmp/late" && says out \
	    'ERROR' 'it waited for every message to come to its end' \
	    'the limit of real time is over' || return 1
	if pgrep -f "$tmp/late"; then
		echo 'something of the lab is left'
		return 1
	fi
	exits 2 "$mxdrill" run $quick --timeout soon && says err 'duration'
}

check 'choice: baseline check finds what is wrong' checks_a_file
check 'choice: exit 2 for an entry that matches nothing, with a guess' \
    refuses '- {id: session/greting-of-three-lines, outcome: stuck, reason: r}' \
    ':1:8: error: no scenario matches' "did you mean \"$quick\"?"
check 'choice: exit 2 for two entries for one scenario on one MTA' refuses \
    "- {id: $quick, mta: postfix, outcome: stuck, reason: r}
- {id: session/, outcome: stuck, reason: r}" \
    ':2:8: error: a second entry' 'wrong.known:1'
check 'choice: exit 2 for an entry without a reason' refuses \
    "- {id: $quick, outcome: stuck}" ':1:3: error' 'lacks "reason"'
check 'choice: the shards are the whole, each id in one of them' \
    shards_are_the_whole
check 'choice: a shard told by the environment' shard_of_the_environment

if ! can_lab; then
	skip 'choice: runs' 'no lab here; see doctor'
	finish
fi
check 'choice: a known failure is xfail, counted and told' xfail_is_not_red
check 'choice: a known failure that gets worse is a FAIL' worse_is_red
check 'choice: a known failure that passes is XPASS and red' passing_is_red
check 'choice: of a folder the files of the MTAs that run' folder_of_files
check 'choice: update rewrites what changed and nothing else' \
    updates_what_changed
check 'choice: update takes out what passes' updates_what_passes
check 'choice: update adds nothing without a reason' adds_with_a_reason
check 'choice: an empty shard is no error and says so' \
    empty_shard_is_none_to_blame
check 'choice: --failed runs what failed, where it failed' failed_again
check 'choice: --fail-fast stops at the first' first_failure_stops
check 'choice: --min guards against an empty suite' too_few_are_no_success
check 'choice: --repeat and --until-fail' repeats_agree
check 'choice: --timeout makes an ERROR and leaves no lab' late_is_an_error
finish
