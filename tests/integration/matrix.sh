#!/bin/sh
# The matrix of refmta's bugs and the variants of the scenarios.
#
#	matrix.sh		the lines of bugs.txt hold, and they are all that
#				is needed (below)
#	matrix.sh list		tries every bug on every variant that it is to
#				the point of, and writes bugs.txt anew
#	matrix.sh whole		every bug on every variant: build/matrix.txt
#	matrix.sh pairs FILE	runs the lines "BUG SCENARIO" of FILE and prints
#				lines in the form of bugs.txt
#
# A bug is to the point of a variant if a requirement that it breaks (the
# fourth column of reference_impl/bugs.h) is one that the variant's file
# covers, and it fails the variant.  What is needed:
#	- each variant is failed by a bug that is to the point of it,
#	- each bug is to the point of a variant and fails it,
#	- each verdict and each flag there is comes out of some run.
# So a bug that spoils all mail alike (no-dot-stuffing) proves nothing but the
# scenario about what it spoils.
#
# bugs.txt: BUG SCENARIO RESULT WORD.  BUG "-" is refmta without bugs.  WORD is
# a verdict or a flag; with FAIL or warn one of those that are the failure.
. "$(dirname "$0")/lib.sh"

list=$top/tests/integration/bugs.txt
jobs=${MATRIX_JOBS:-2}

# Words that no bug makes: refmta speaks no TLS, so that it cannot leave it
# out; what the harness cannot tell is the harness's matter; who asks or
# connects more often than a scenario allows is a storm before, and that ends
# the run.
no_bug="downgrade inconclusive too-many-contacts too-many-queries"

# A variant that no bug fails: its level is info, so only a loss would, and
# where the one smarthost does not exist no loss can be told from a report
# that could not leave.
no_fail=smarthost/search-list/nxdomain

# Two bugs that only together fail what their requirements are about: a second
# name server is never asked, and the word of the first is taken for true.
together="first-resolver-only+servfail-permanent
first-resolver-only+opensmtpd-refused-permanent"

# A storm of retries through hours of outage may take minutes of real time, so
# this bug meets only what is about it.
storm=retry-storm
storm_meets="retry/four-refusals retry/no-more-than-the-schedule"

# One invocation a bug: stdin BUG SCENARIO; out BUG SCENARIO RESULT WORDS ALL,
# WORDS the verdicts not expected and the flags raised, ALL all of them.
run_pairs()
{
	sort -u | awk '
	$1 != last { if (NR > 1) print line; line = last = $1 }
	{ line = line " " $2 }
	END { if (NR) print line }' >"$tmp/todo"
	while read -r bug scenarios; do
		mta=reference:bug=$bug
		[ "$bug" != - ] || mta=reference
		rm -rf "$tmp/pairs"
		# shellcheck disable=SC2086
		"$mxdrill" run -j"$jobs" --out "$tmp/pairs" --mta "$mta" \
		    $scenarios >"$tmp/log" 2>&1 </dev/null
		[ -f "$tmp/pairs/results.json" ] || {
			echo "$bug: no results" >&2
			head -n 5 "$tmp/log" >&2
			continue
		}
		words_of "$bug" "$tmp/pairs/results.json"
	done <"$tmp/todo"
}

words_of()
{
	jq -r --arg bug "$1" '
	    def words: unique | join(",") | if . == "" then "-" else . end;
	    .runs[] | [$bug, .id, .result,
	    ([.units[] | select(.expected or .control | not) | .verdict] +
	     [.findings[]? | select(.allowed | not) | .flag] | words),
	    ([.units[].verdict] + [.findings[]?.flag] | words)] |
	    join(" ")' "$2"
}

known_bugs()
{
	"$refmta" --list-bugs | awk '{ print $1 }'
}

variants()
{
	"$mxdrill" list | awk '{ print $1 }'
}

words()
{
	for topic in verdicts flags; do
		"$mxdrill" help "$topic" | awk '/^Groups/ { exit }
		/^  [a-z]/ { print $1 }'
	done | grep -vxF "$(echo "$no_bug" | tr ' ' '\n')"
}

# BUG SCENARIO, for all that have a requirement in common; $tmp/main has those
# where it is the file's first, what it is about above all.
candidates()
{
	"$refmta" --list-bugs |
	    sed 's/^\([^ ]*\) .*; \([^;]*\)\]$/\1 \2/' >"$tmp/breaks"
	for two in $together; do
		echo "$two" $(grep -E "^(${two%+*}|${two#*+}) " "$tmp/breaks" |
		    cut -d' ' -f2-)
	done >>"$tmp/breaks"
	variants | while read -r id; do
		file=$top/scenarios/$(echo "$id" | cut -d/ -f1,2).yaml
		sed -n "s|^covers: *\[\(.*\)\].*|$id \1|p" "$file" | tr -d ,
	done >"$tmp/covers"
	awk 'NR == FNR { n[NR] = split($0, f)
		for (i = 1; i <= n[NR]; i++) b[NR, i] = f[i]
		bugs = NR; next }
	{ for (k = 1; k <= bugs; k++) { met = 0
		for (i = 2; i <= n[k]; i++)
			for (j = NF; j >= 2; j--)
				if (b[k, i] == $j) met = met == 2 ? 2 : j
		if (met) print b[k, 1], $1, met } }' \
	    "$tmp/breaks" "$tmp/covers" |
	    awk -v s="$storm" -v m=" $storm_meets " \
	    '$1 != s || index(m, " " $2 " ")' |
	    sort >"$tmp/met"
	awk '$3 == 2 { print $1, $2 }' "$tmp/met" >"$tmp/main"
	awk '{ print $1, $2 }' "$tmp/met"
}

# missing WHAT FILE1 FILE2: each line of FILE2 is one of FILE1.
missing()
{
	sort -u "$2" >"$tmp/have"
	sort -u "$3" >"$tmp/need"
	if [ ! -s "$tmp/need" ]; then
		not_ok "matrix: no $1 at all"
	fi
	comm -13 "$tmp/have" "$tmp/need" >"$tmp/missing"
	if [ ! -s "$tmp/missing" ]; then
		ok "matrix: each of $(wc -l <"$tmp/need") $1s has its bug"
	else
		while read -r x; do
			not_ok "matrix: no bug to the point for $1 $x"
		done <"$tmp/missing"
	fi
}

# Are the lines of FILE enough?
check_enough()
{
	candidates >"$tmp/candidates"
	awk '$3 == "FAIL" || $3 == "warn" { print $1, $2 }' "$1" | sort -u |
	    comm -12 - "$tmp/candidates" >"$tmp/point"
	cut -d' ' -f2 "$tmp/point" >"$tmp/have-variants"
	cut -d' ' -f1 "$tmp/point" >"$tmp/have-bugs"
	variants | grep -vxF "$no_fail" >"$tmp/variants"
	known_bugs >"$tmp/known"
	missing variant "$tmp/have-variants" "$tmp/variants"
	missing bug "$tmp/have-bugs" "$tmp/known"
	awk '{ print $4; print $5 }' "$1" | tr , '\n' >"$tmp/have-words"
	words >"$tmp/words"
	missing verdict-or-flag "$tmp/have-words" "$tmp/words"
}

check_list()
{
	grep -v '^#' "$list" >"$tmp/want"
	check_enough "$tmp/want"
	run_pairs <"$tmp/want" >"$tmp/got" 2>"$tmp/trouble"
	while read -r bug scenario result word; do
		line=$(grep "^$bug $scenario " "$tmp/got")
		words=$(echo "$line" | cut -d' ' -f4)
		case $result in FAIL|warn) ;; *) words=${line##* } ;; esac
		case "$line,$words," in
		"$bug $scenario $result "*",$word,"*)
			ok "matrix: $scenario catches $bug: $word" ;;
		*)
			not_ok "matrix: $scenario catches $bug"
			echo "# expected $result $word, got ${line:-nothing}" ;;
		esac
	done <"$tmp/want"
	[ ! -s "$tmp/trouble" ] || sed 's/^/# /' "$tmp/trouble"
}

# For each variant the most particular bug (it breaks the file's first
# requirement, is caught by the fewest variants of the file, by the fewest in
# all), for each bug left its first variant, for each word left its first run,
# one that is failed by it before one that only has it.
choose()
{
	awk -v words="$(words | tr '\n' ' ')" '
	function particular(i,  f) {
		split(id[i], f, "/")
		return siblings[bug[i], f[1], f[2]] * 1000 + count[bug[i]] + \
		    (main[bug[i], id[i]] ? 0 : 1000000)
	}
	function take(i,  w) {
		if (taken[i]++) return
		bug_has[bug[i]] = 1
		split(shown[i], w, ",")
		print bug[i], id[i], result[i], w[1]
		has[w[1]] = 1
	}
	FILENAME == ARGV[1] { main[$1, $2] = 1; next }
	{ bug[++N] = $1; id[N] = $2; result[N] = $3; shown[N] = $4
	  all[N] = $5; caught[N] = $1 != "-" && $3 ~ /^(FAIL|warn)$/
	  count[$1] += caught[N]
	  split($2, f, "/"); siblings[$1, f[1], f[2]] += caught[N] }
	END {
		for (i = 1; i <= N; i++) {
			if (!caught[i]) continue
			b = best[id[i]]
			if (!b || particular(i) < particular(b))
				best[id[i]] = i
		}
		for (i = 1; i <= N; i++)
			if (best[id[i]] == i) take(i)
		for (i = 1; i <= N; i++)
			if (caught[i] && !bug_has[bug[i]]) take(i)
		n = split(words, w, " ")
		for (k = 1; k <= n; k++) {
			for (i = 1; i <= N && !has[w[k]]; i++)
				if (caught[i] && index("," shown[i] ",",
				    "," w[k] ",")) {
					print bug[i], id[i], result[i], w[k]
					has[w[k]] = 1 }
			for (i = 1; i <= N && !has[w[k]]; i++)
				if (index("," all[i] ",", "," w[k] ",")) {
					print bug[i], id[i], result[i], w[k]
					has[w[k]] = 1 }
		}
	}' "$tmp/main" "$1" | sort -k2,2 -k1,1
}

make_list()
{
	{
		candidates
		variants | sed 's/^/- /'
	} | run_pairs | sort >"$tmp/table"
	cp "$tmp/table" "$top/build/matrix-list.txt"
	check_enough "$tmp/table"
	{
		echo "# Which variant catches which bug of refmta: BUG" \
		    "SCENARIO RESULT WORD.  Made"
		echo "# by tests/integration/matrix.sh list; its head says" \
		    "what for."
		choose "$tmp/table"
	} >"$list"
	echo "# $(grep -vc '^#' "$list") lines: tests/integration/bugs.txt"
}

whole()
{
	{
		variants | sed 's/^/- /'
		for b in $(known_bugs | grep -vx "$storm"); do
			variants | sed "s/^/$b /"
		done
		for v in $storm_meets; do
			echo "$storm $v"
		done
		candidates | grep -F +
	} | run_pairs >"$tmp/table"
	mkdir -p "$top/build"
	cp "$tmp/table" "$top/build/matrix.txt"
	check_enough "$tmp/table"
	grep -v '^#' "$list" | while read -r bug scenario result word; do
		grep -q "^$bug $scenario $result " "$tmp/table" ||
		    echo "not ok - matrix: bugs.txt says $bug $scenario" \
		    "$result, the table does not"
	done >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then
		failed=1
		cat "$tmp/wrong"
	fi
	awk '$3 ~ /^(ERROR|not-exercised)$/ { print "#", $0 }' "$tmp/table"
	echo "# the table: build/matrix.txt"
}

can_lab || {
	skip matrix "$("$mxdrill" doctor | sed -n 's/^MISSING *//p' | head -n 1)"
	exit 0
}
case ${1-} in
'')	check_list ;;
list)	make_list ;;
whole)	whole ;;
pairs)	run_pairs <"$2" ;;
*)	echo "usage: matrix.sh [list | whole | pairs FILE]" >&2; exit 2 ;;
esac
finish
