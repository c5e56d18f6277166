#!/bin/sh
# Runs every test suite that is named on the command line, N at a time, and
# sums up.
#
#	tests/run.sh [--jobs N] KIND:COMMAND...
#
# KIND says how a suite's own count is read:
#   check	a Check program: "100%: Checks: 4, Failures: 0, Errors: 0"
#   lines	lines "ok - name", "not ok - name", "skip - name: why"
#   exit	one test, passed if the command exits 0
#
# A suite that ends with a status other than 0 without a counted failure
# counts as one failure; a suite that counts nothing at all does, too.
set -u

log=build/test-logs
# Check's time limits are there against what hangs, not for a busy machine.
export CK_TIMEOUT_MULTIPLIER=20

# suite NUMBER KIND:COMMAND: runs one; what is to be said of it is said in one
# piece when it has ended, its counts are in $log/NUMBER.counts.
suite()
{
	kind=${2%%:*} command=${2#*:} out=$log/$1.log
	begun=$(date +%s)
	sh -c "$command" >"$out" 2>&1 </dev/null
	status=$?
	took=$(($(date +%s) - begun))
	p=0 f=0 s=0
	case $kind in
	check)
		set_counts=$(sed -n 's/.*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2 \3/p' "$out" |
		    awk '{ c += $1; f += $2 + $3 } END { print c - f, f }')
		p=${set_counts% *} f=${set_counts#* } ;;
	lines)
		p=$(grep -c '^ok - ' "$out") f=$(grep -c '^not ok - ' "$out")
		s=$(grep -c '^skip - ' "$out") ;;
	exit)
		[ $status -eq 0 ] && p=1 ;;
	esac
	[ $status -ne 0 ] && [ "$f" -eq 0 ] && f=1
	[ $((p + f + s)) -eq 0 ] && f=1
	echo "$p $f $s" >"$log/$1.counts"
	{
		printf '== %s (%s s)\n' "$command" $took
		grep '^skip - ' "$out"
		[ "$f" -eq 0 ] || {
			grep -v '^ok - ' "$out" | tail -n 60 | sed 's/^/    /'
			echo "  $command (status $status, $out)" \
			    >"$log/$1.broken"
		}
	} >"$log/$1.said"
	cat "$log/$1.said"
}

[ "${1-}" != --one ] || {
	suite "$2" "$3"
	exit 0
}

jobs=1
[ "${1-}" = --jobs ] && { jobs=$2; shift 2; }
rm -rf $log
mkdir -p $log
n=100
for command; do
	n=$((n + 1))
	printf '%s\0%s\0' $n "$command"
done | xargs -0 -r -n 2 -P "$jobs" "$0" --one

cat /dev/null $log/*.broken 2>/dev/null >$log/broken
[ ! -s $log/broken ] || {
	echo 'failed suites:'
	cat $log/broken
}
# One that left no counts did not run to its end.
cat /dev/null $log/*.counts 2>/dev/null | awk -v suites=$# '
{ p += $1; f += $2; s += $3 }
END {
	f += suites - NR
	printf "%d passed, %d failed, %d skipped\n", p, f, s
	exit f > 0 || suites == 0
}'
