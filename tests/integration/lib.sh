# Read by every script here: where the program is, a folder of its own for
# each script, and the lines that tests/run.sh counts.
#
# A check is a command.  What it prints is kept; when it fails, the test
# fails and its words are shown.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
bin=$top/build/${FLAVOUR:-release}
mxdrill=$bin/mxdrill
refmta=$bin/refmta
failed=0

if [ ! -x "$mxdrill" ] || [ ! -x "$refmta" ]; then
	echo "not ok - ${0##*/}: $bin has no programs: say make first"
	exit 1
fi

# A script that runs itself again in namespaces hands its folder down, and
# removes it outside, where nothing is mounted in it.
if [ -n "${TEST_TMP-}" ]; then
	tmp=$TEST_TMP
	unset TEST_TMP
else
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxdrill-test.XXXXXX") || exit 1
	trap 'rm -rf "$tmp"' EXIT
fi
trap 'exit 130' INT TERM HUP
# `runs/` of a run without --out lands here, not in the tree.
cd "$tmp" || exit 1

ok()
{
	echo "ok - $1"
}

skip()
{
	echo "skip - $1: $2"
}

not_ok()
{
	echo "not ok - $1"
	failed=1
}

# check NAME COMMAND...: the test NAME passes if COMMAND does.
check()
{
	name=$1
	shift
	if "$@" >"$tmp/check.log" 2>&1; then
		ok "$name"
	else
		not_ok "$name"
		head -n 40 "$tmp/check.log" | sed 's/^/# /'
	fi
}

# Runs a command, its output in $tmp/out and $tmp/err, its status in $got.
run()
{
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
}

# exits STATUS COMMAND...: it ends with this very status.
exits()
{
	want=$1
	shift
	run "$@"
	[ "$got" -eq "$want" ] && return
	echo "exit $got, expected $want: $*"
	tail -n 20 "$tmp/out" "$tmp/err"
	return 1
}

# says FILE WORDS...: every one of WORDS is in FILE, out or err.
says()
{
	file=$tmp/$1
	shift
	for words in "$@"; do
		grep -qF -e "$words" "$file" && continue
		echo "'$words' is not in ${file##*/}:"
		head -n 40 "$file"
		return 1
	done
}

# same WANT GOT
same()
{
	[ "$1" = "$2" ] && return
	echo "expected: $1"
	echo "     got: $2"
	return 1
}

# Namespaces are what the lab is made of; without them nothing runs.
can_lab()
{
	"$mxdrill" doctor 2>/dev/null | sed '/^For real/,$d' |
	    grep -q '^MISSING' && return 1
	return 0
}

# can_mta NAME: its tree may have to be fetched first.
can_mta()
{
	"$mxdrill" doctor >/dev/null 2>&1 || {
		why="doctor: $("$mxdrill" doctor | sed -n 's/^MISSING *//p' |
		    head -n 1)"
		return 1
	}
	"$top/harness/mta/store" path "$1" >/dev/null 2>&1 ||
	    "$top/harness/mta/store" get "$1" >/dev/null 2>&1 || {
		why="$1 could not be fetched"
		return 1
	}
}

can_postfix()
{
	can_mta postfix
}

# What results.json of a folder says of each run, one line:
# SCENARIO MTA RESULT WORD,WORD... (verdicts not expected, flags raised)
outcomes()
{
	jq -r '.runs[] | [.id, .mta, .result,
	    ([.units[] | select(.expected or .control | not) | .verdict] +
	     [.findings[]? | select(.allowed | not) | .flag] |
	     unique | join(",") | if . == "" then "-" else . end)] |
	    join(" ")' "$1/results.json"
}

finish()
{
	exit $failed
}
