#!/bin/sh
# `make coverage`: runs unit tests, scripts and some scenarios on programs built
# with --coverage in BUILD, writes BUILD/html and prints the share of lines.
set -eu
cd "$(dirname "$0")/.."
build=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

find "$build" -name '*.gcda' -delete
find "$build/tests/unit" -type f -name 'test_*' -perm -100 | sort |
while read -r t; do
	"$t" >"$tmp/log" 2>&1 || {
		echo "coverage: $t failed"
		tail -n 5 "$tmp/log"
	}
done
for t in cli report html choice user elsewhere completion packets; do
	FLAVOUR=${build##*/} "tests/integration/$t.sh" >"$tmp/log" 2>&1 || {
		echo "coverage: $t.sh failed"
		grep '^not ok' "$tmp/log" | head -n 5
	}
done
for mta in reference reference:bug=q267245-drop; do
	"$build/mxdrill" run --tag core --mta $mta --out "$tmp/run" \
	    >/dev/null || :
	"$build/mxdrill" judge "$tmp/run" >/dev/null || :
done
"$build/mxdrill" list >/dev/null
"$build/mxdrill" show seed/ >/dev/null

lcov -q -c -d "$build" -b . --no-external -o "$tmp/all" 2>/dev/null
lcov -q -r "$tmp/all" '*/tests/*' -o "$build/lcov.info" 2>/dev/null
genhtml -q -o "$build/html" "$build/lcov.info"
lcov --summary "$build/lcov.info" 2>&1 | sed -n 's/^ *lines\.*: /lines: /p'
echo "$build/html/index.html"
