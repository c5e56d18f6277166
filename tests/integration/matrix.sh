#!/bin/sh
# The matrix of refmta's bugs and the scenarios.
#
#	matrix.sh		the pairs of bugs.txt: each bug is caught, each
#				scenario is failed, and by the verdict written
#	matrix.sh whole		every bug on every scenario: which bug is caught
#				by none, which file is failed by none, where
#				the table contradicts bugs.txt
#	matrix.sh pairs FILE	runs the lines "BUG SCENARIO" of FILE and prints
#				lines in the form of bugs.txt
#
# bugs.txt: BUG SCENARIO RESULT WORD.  RESULT is FAIL or warn, WORD a verdict
# or a flag that must be among those reported.
. "$(dirname "$0")/lib.sh"

pairs=$top/tests/integration/bugs.txt
jobs=${MATRIX_JOBS:-2}

# An invocation for each scenario, with all its bugs: stdin BUG SCENARIO.
run_pairs()
{
	sort -k2,2 -k1,1 -u | awk '
	$2 != last { if (NR > 1) print line; line = last = $2 }
	{ line = line " " $1 }
	END { if (NR) print line }' >"$tmp/todo"
	while read -r scenario bugs; do
		mtas=
		for bug in $bugs; do
			mtas="$mtas --mta reference:bug=$bug"
		done
		dir=$tmp/pairs/$(echo "$scenario" | tr / -)
		# shellcheck disable=SC2086
		"$mxdrill" run -j"$jobs" --out "$dir" $mtas "$scenario" \
		    >"$tmp/log" 2>&1 </dev/null
		[ -f "$dir/results.json" ] || {
			echo "$scenario: no results" >&2
			head -n 5 "$tmp/log" >&2
			continue
		}
		outcomes "$dir" | sed 's/ reference:bug=/ /' |
		awk '{ print $2, $1, $3, $4 }'
		rm -rf "$dir"
	done <"$tmp/todo"
}

known_bugs()
{
	"$refmta" --list-bugs | awk '{ print $1 }' | sort
}

# Files, not variants: FOLDER/FILE.
files()
{
	"$mxdrill" list | awk '{ print $1 }' | file_of | sort -u
}

file_of()
{
	cut -d/ -f1,2
}

check_pairs()
{
	grep -v '^#' "$pairs" >"$tmp/want"
	awk '{ print $1 }' "$tmp/want" | sort -u >"$tmp/bugs"
	awk '{ print $2 }' "$tmp/want" | file_of | sort -u >"$tmp/files"
	known_bugs >"$tmp/known"
	files >"$tmp/known-files"
	for b in $(comm -13 "$tmp/bugs" "$tmp/known"); do
		not_ok "matrix: bugs.txt has no scenario for bug $b"
	done
	for f in $(comm -13 "$tmp/files" "$tmp/known-files"); do
		not_ok "matrix: bugs.txt has no bug for scenario $f"
	done
	run_pairs <"$tmp/want" >"$tmp/got" 2>"$tmp/trouble"
	while read -r bug scenario result word; do
		line=$(grep "^$bug $scenario " "$tmp/got")
		case "$line," in
		"$bug $scenario $result $word,"*|\
		"$bug $scenario $result "*",$word,"*)
			ok "matrix: $scenario catches $bug" ;;
		*)
			not_ok "matrix: $scenario catches $bug"
			echo "# expected $result $word, got ${line:-nothing}" ;;
		esac
	done <"$tmp/want"
	[ -s "$tmp/trouble" ] && sed 's/^/# /' "$tmp/trouble"
}

# Every line of bugs.txt holds in the table, and nothing is without a partner.
compare()
{
	awk '$3 == "FAIL" || $3 == "warn"' "$tmp/table" >"$tmp/caught"
	for b in $(known_bugs); do
		n=$(grep -c "^$b " "$tmp/caught")
		if [ "$n" -gt 0 ]; then
			ok "matrix: $n runs catch $b"
		else
			not_ok "matrix: no scenario catches $b"
		fi
	done
	for f in $(files); do
		n=$(awk -v f="$f" '$2 == f || index($2, f "/") == 1' \
		    "$tmp/caught" | wc -l)
		if [ "$n" -gt 0 ]; then
			ok "matrix: $n bugs and variants fail $f"
		else
			not_ok "matrix: no bug fails $f"
		fi
	done
	grep -v '^#' "$pairs" | while read -r bug scenario result word; do
		grep -q "^$bug $scenario $result " "$tmp/table" ||
		    echo "not ok - matrix: bugs.txt says $bug $scenario" \
		    "$result, the table does not"
	done >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then
		failed=1
		cat "$tmp/wrong"
	fi
	grep -E ' (ERROR|not-exercised) ' "$tmp/table" | sed 's/^/# /'
}

# A storm of retries through days of outage takes minutes of real time, so
# this bug meets only the scenarios that bugs.txt names for it.
whole()
{
	{
		for b in $(known_bugs | grep -vx retry-storm); do
			"$mxdrill" list | awk -v b="$b" '{ print b, $1 }'
		done
		grep '^retry-storm ' "$pairs"
	} | run_pairs >"$tmp/table"
	mkdir -p "$top/build"
	cp "$tmp/table" "$top/build/matrix.txt"
	compare
	echo "# the table: build/matrix.txt"
}

can_lab || {
	skip matrix "$("$mxdrill" doctor | sed -n 's/^MISSING *//p' | head -n 1)"
	exit 0
}
case ${1-} in
'')	check_pairs ;;
whole)	whole ;;
pairs)	run_pairs <"$2" ;;
*)	echo "usage: matrix.sh [whole | pairs FILE]" >&2; exit 2 ;;
esac
finish
