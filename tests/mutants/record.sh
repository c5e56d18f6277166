#!/bin/sh
# Records what tests/mutants/replay.c judges again: the scenarios on refmta,
# on each of its bugs that some scenario is for, and each of those alone.
#
#	record.sh FOLDER
set -eu
cd "$(dirname "$0")/../.."
out=$1
jobs=${JOBS:-2}

# Exit status 1: some run fails, as it must.
record()
{
	dir=$1
	shift
	./mxdrill run -j"$jobs" --out "$dir" "$@" >"$out.new/log" 2>&1 ||
	    [ $? -eq 1 ] || {
		tail -n 5 "$out.new/log" >&2
		exit 1
	}
}

rm -rf "$out" "$out.new"
mkdir -p "$out.new"
record "$out.new/ways" --mta reference
# A scenario that no bug fails has "-" for one.
grep -v '^[#-]' tests/integration/bugs.txt | awk '{ print $2, $1 }' |
sort -u | awk '
$1 != last { if (NR > 1) print line; line = last = $1 }
{ line = line " --mta reference:bug=" $2 }
END { if (NR) print line }' >"$out.new/pairs"
n=0
while read -r scenario mtas; do
	n=$((n + 1))
	# shellcheck disable=SC2086
	record "$out.new/bugs-$n" $mtas "$scenario" </dev/null
done <"$out.new/pairs"
mv "$out.new" "$out"
