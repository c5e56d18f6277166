#!/bin/sh
# `mxdrill explore`: seeds are worlds, a failure is found and made small, and
# the small file fails by itself in the same way.
. "$(dirname "$0")/lib.sh"

prints_a_seed_alone_or_among_others()
{
	exits 0 "$mxdrill" explore --seed 7 --count 3 --print || return 1
	cp "$tmp/out" "$tmp/three"
	exits 0 "$mxdrill" explore --seed 8 --count 1 --print || return 1
	awk '/^---$/ { n++; next } n == 1' "$tmp/three" |
	    cmp - "$tmp/out"
}

printed_worlds_lint_clean()
{
	exits 0 "$mxdrill" explore --seed 4711 --count 1 --print || return 1
	cp "$tmp/out" "$tmp/world.yaml"
	exits 0 "$mxdrill" lint "$tmp/world.yaml" && says out 'no errors'
}

refuses()
{
	exits 2 "$mxdrill" explore --count 0 && says err '--count 0' &&
	exits 2 "$mxdrill" explore here && says err 'no operand' &&
	exits 2 "$mxdrill" explore --bug --mta postfix &&
	exits 2 "$mxdrill" explore --mta nobody --count 1 --out "$tmp/x" &&
	says err 'nobody' &&
	exits 2 "$mxdrill" explore --seed 18446744073709551615 --count 9
}

# A healthy engine passes, and nothing is left.
passes_and_leaves_nothing()
{
	exits 0 "$mxdrill" explore --seed 101 --count 12 --plain \
	    --out "$tmp/well" || return 1
	says out '12 worlds from seed 101:' || return 1
	same "$tmp/well" "$(find "$tmp/well")"
}

# An engine that never reports a failure: the first world that shows it is
# told once, small, and fails by itself.
finds_and_makes_small()
{
	bug=reference:bug=failure-without-report
	exits 1 "$mxdrill" explore --seed 1 --count 40 --plain --mta $bug \
	    --out "$tmp/found" -j2 || return 1
	says out 'FAIL  explore/' 'proof of the loss' 'made small in' \
	    ' FAIL silent-drop  (seed ' || return 1
	small=$(sed -n 's/^ *made small.*: //p' "$tmp/out" | head -n 1)
	[ -f "$small" ] || {
		echo "no file: $small"
		return 1
	}
	# One recipient, and no more than one fault.
	same 1 "$(grep -v '^#' "$small" | grep -c '@r.test')" || return 1
	[ "$(grep -c 'optional: true' "$small")" -le 1 ] || {
		cat "$small"
		return 1
	}
	exits 0 "$mxdrill" lint "$small" || return 1
	exits 1 "$mxdrill" run "$small" --mta $bug --out "$tmp/again" ||
		return 1
	says out 'silent-drop' || return 1
	exits 0 "$mxdrill" run "$small" --out "$tmp/healthy"
}

tells_what_bugs_could_be_seen()
{
	exits 0 "$mxdrill" explore --seed 101 --count 12 --plain --bug \
	    --out "$tmp/bugs" -j2 || return 1
	says out 'worlds   shown  caught' 'q267245-drop' || return 1
	# As many worlds with a bug as without.
	same 12 "$(awk '/^bug / { on = 1; next } on { n += $2 }
	    END { print n }' "$tmp/out")"
}

check 'explore: a seed is a world, alone or among others' \
    prints_a_seed_alone_or_among_others
check 'explore: a printed world lints clean' printed_worlds_lint_clean
check 'explore: refuses what makes no sense' refuses
can_lab || {
	skip explore "no lab"
	finish
}
check 'explore: a healthy engine passes, and nothing is left' \
    passes_and_leaves_nothing
check 'explore: a failure is found and made small' finds_and_makes_small
check 'explore: says which bugs a world could show' \
    tells_what_bugs_could_be_seen
finish
