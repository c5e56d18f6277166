#!/bin/sh
# What became of the findings of an older docs/findings.md.
#
#	findings-diff.sh OLD NEW [RESULTS]
#
# OLD has one entry a scenario ("### ID: WORD"), NEW one a defect with the list
# of its scenarios.  A finding is an MTA and a scenario; its level is that of
# the most binding clause it broke.  "gone": the scenario is no more, or bears
# another name; "unrun": it is not among the runs of RESULTS, the json that was
# written with NEW.  Run at the top of the source, for it asks the suite.
#
#	git show 8c48fe9:docs/findings.md >/tmp/old.md
#	tools/findings-diff.sh /tmp/old.md docs/findings.md results.json
set -eu

[ $# -eq 2 ] || [ $# -eq 3 ] || {
	sed -n '4s/^#	/usage: /p' "$0" >&2
	exit 2
}
ids=$(mktemp)
ran=$(mktemp)
trap 'rm -f "$ids" "$ran"' EXIT
./mxdrill list | awk '{ print $1 }' >"$ids"
[ $# -eq 2 ] || jq -r '.runs[] | select(.result != "skip") |
    "\(.mta) \(.id)"' "$3" >"$ran"

awk '
function weight(words)
{
	if (words ~ /^MUST/)
		return 4
	if (words ~ /^DEFACTO MUST/)
		return 3
	return words ~ /^SHOULD/ ? 2 : words ~ /^DEFACTO SHOULD/ ? 1 : 0
}
function note(w)
{
	if (mta == "" || id == "")
		return
	key = mta SUBSEP id
	if (file == 2) {
		if (!(key in new) || new[key] < w)
			new[key] = w
	} else if (!(key in old) || old[key] < w)
		old[key] = w
	names[mta] = 1
}
FNR == 1	{ file++; mta = id = "" }
file == 3	{ suite[$1] = 1; next }
file == 4	{ ran[$1, $2] = 1; runs = 1; next }
/^```/		{ fenced = !fenced; next }
fenced		{ next }
/^## /		{ mta = $2; id = ""; next }
file == 1 && /^### / {
	id = $2
	sub(/:$/, "", id)
	next
}
file == 1 && /^\*\*Clause\*\* / {
	sub(/^\*\*Clause\*\* [^ ]+ \(/, "")
	note(weight($0))
	next
}
file == 2 && /^### / {
	level = $0
	sub(/^### [^ ]+ \(/, "", level)
	id = ""
	listing = 1
	next
}
file == 2 && /^In .*: \*\*/	{ listing = 0 }
file == 2 && listing && /^- / {
	id = $2
	sub(/:$/, "", id)
	gsub(/\\/, "", id)
	note(weight(level))
}
END {
	print "| MTA | then | kept | lowered | raised | withdrawn | gone " \
	    "| unrun | added | now |"
	print "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
	for (k in old) {
		split(k, p, SUBSEP)
		n["then", p[1]]++
		if (!(p[2] in suite))
			n["gone", p[1]]++
		else if (runs && !(k in ran))
			n["unrun", p[1]]++
		else if (!(k in new))
			n["withdrawn", p[1]]++
		else if (new[k] < old[k])
			n["lowered", p[1]]++
		else if (new[k] > old[k])
			n["raised", p[1]]++
		else
			n["kept", p[1]]++
	}
	for (k in new) {
		split(k, p, SUBSEP)
		n["now", p[1]]++
		if (!(k in old))
			n["added", p[1]]++
	}
	words = "then kept lowered raised withdrawn gone unrun added now"
	count = split(words, w, " ")
	for (m in names) {
		line = "| " m " |"
		for (i = 1; i <= count; i++) {
			line = line " " (n[w[i], m] + 0) " |"
			sum[i] += n[w[i], m]
		}
		print line | "sort"
	}
	close("sort")
	line = "| all |"
	for (i = 1; i <= count; i++)
		line = line " " (sum[i] + 0) " |"
	print line
}' "$1" "$2" "$ids" "$ran"
