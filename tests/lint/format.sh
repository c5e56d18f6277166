#!/bin/sh
# 80 columns (tabs are 8), no trailing blanks, indentation by tabs.  X-macro
# tables (lines that begin with X( or end in a backslash) may be longer.
set -eu
cd "${1:-$(dirname "$0")/../..}"

find fake_dns fake_smtp harness reference_impl tests -name '*.[ch]' \
    2>/dev/null | sort | xargs -r awk '
function complain(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why
	bad = 1
}
{
	if ($0 ~ /[ \t]$/)
		complain("blanks at the end of the line")
	if ($0 ~ /^        /)
		complain("indented by blanks")
	if ($0 ~ /^\t*X\(/ || $0 ~ /\\$/)
		next
	width = 0
	n = split($0, part, "\t")
	for (i = 1; i <= n; i++) {
		width += length(part[i])
		if (i < n)
			width = int(width / 8 + 1) * 8
	}
	if (width > 80)
		complain("wider than 80 columns (" width ")")
}
END { exit bad }'
