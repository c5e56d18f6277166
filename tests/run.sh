#!/bin/sh
# Runs every test suite that is named on the command line and sums up.
#
#	tests/run.sh [--log DIR] KIND:COMMAND...
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
[ "${1-}" = --log ] && { log=$2; shift 2; }
mkdir -p "$log"
passed=0 failed=0 skipped=0 broken=

n=0
for suite in "$@"; do
	kind=${suite%%:*} command=${suite#*:} n=$((n + 1))
	out=$log/$n.log
	printf '== %s\n' "$command"
	begun=$(date +%s)
	sh -c "$command" > "$out" 2>&1 < /dev/null
	status=$?
	took=$(($(date +%s) - begun))
	[ $took -lt 10 ] || printf '   %s s\n' $took
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
	if [ "$f" -gt 0 ]; then
		broken="$broken
  $command (status $status, $out)"
		grep -v '^ok - ' "$out" | tail -n 60 | sed 's/^/    /'
	fi
	grep '^skip - ' "$out"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
[ -n "$broken" ] && printf 'failed suites:%s\n' "$broken"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
