#!/bin/sh
# The HTML pages, checked by programs that are not ours: xmllint for their
# form, Chromium for the rest.
. "$(dirname "$0")/lib.sh"

here=$top/tests/integration

# Pages of the golden stories and of poisoned ones.
stories()
{
	mkdir -p "$tmp/pages" || return 1
	test=$bin/tests/unit/report/html/test_html
	[ -x "$top/build/asan/tests/unit/report/html/test_html" ] &&
	    test=$top/build/asan/tests/unit/report/html/test_html
	[ -x "$test" ] || make -s -C "$top" "${test#"$top"/}" || return 1
	(cd "$top" && MXDRILL_HTML_DIR=$tmp/pages "$test")
}

well_formed()
{
	for page in "$@"; do
		[ -s "$page" ] && xmllint --noout --nonet "$page" || return 1
	done
}

# Golden files are fragments.
fragments()
{
	for page in "$top"/tests/golden/*.html; do
		{
			echo '<body>'
			cat "$page"
			echo '</body>'
		} | xmllint --noout --nonet - || return 1
	done
}

stored()
{
	"$mxdrill" run seed/ip-refused-and-other-undetermined/ greylist/ \
	    --mta reference --mta reference:bug=q267245-drop \
	    --out "$tmp/run" -o html="$tmp/run.html" >"$tmp/log" 2>&1
	[ $? -eq 1 ] && well_formed "$tmp/run.html" && return
	tail -n 20 "$tmp/log"
	return 1
}

# Links to artefacts hold from where the page lies.
links()
{
	mkdir -p "$tmp/else/where" &&
	    "$mxdrill" report "$tmp/run" -o html="$tmp/else/where/page.html" \
	    >/dev/null 2>&1
	sed -n 's/.*Stored in.*href="\([^"]*trace.jsonl\)".*/\1/p' \
	    "$tmp/else/where/page.html" | while read -r link; do
		link=$(printf '%b' "$(printf '%s' "$link" | sed 's/%/\\x/g')")
		[ -f "$tmp/else/where/$link" ] || {
			echo "no file: $link"
			return 1
		}
	done && grep -q 'trace.jsonl"' "$tmp/else/where/page.html"
}

# Two runs that differ: the engine before and after it loses mail.
changed()
{
	"$mxdrill" run seed/ip-refused-and-other-undetermined/ \
	    --mta reference --out "$tmp/before" >/dev/null 2>&1
	"$mxdrill" run seed/ip-refused-and-other-undetermined/ \
	    --mta reference:bug=q267245-drop --out "$tmp/after" >/dev/null 2>&1
	"$mxdrill" diff "$tmp/before" "$tmp/after" -o html="$tmp/diff.html" \
	    >"$tmp/log" 2>&1
	[ $? -eq 1 ] && well_formed "$tmp/diff.html" &&
	    grep -q 'the first difference' "$tmp/diff.html" && return
	tail -n 20 "$tmp/log"
	return 1
}

# 500 scenarios on 8 MTAs, one in twenty of them a failure.
many()
{
	python3 "$here/html_many.py" "$tmp/run" "$tmp/many" 500 8 &&
	    "$mxdrill" report "$tmp/many" -o html="$tmp/many.html" \
	    >"$tmp/log" 2>&1
	well_formed "$tmp/many.html" && return
	tail -n 20 "$tmp/log"
	return 1
}

# What each kind of report costs of 300 runs: goal, a second.  Figures, no
# test: others use the machine too.
costs()
{
	python3 "$here/html_many.py" "$tmp/run" "$tmp/some" 300 1 &&
	    python3 - "$mxdrill" "$tmp/some" "$tmp/cost" <<-'!'
	import os, resource, subprocess, sys, time
	for kind in ("junit", "tap", "json", "md", "findings", "html"):
	    took = []
	    for _ in range(3):
	        before, began = resource.getrusage(
	            resource.RUSAGE_CHILDREN), time.time()
	        subprocess.run([sys.argv[1], "report", sys.argv[2], "-o",
	            "%s=%s" % (kind, sys.argv[3])], stdout=subprocess.DEVNULL)
	        after = resource.getrusage(resource.RUSAGE_CHILDREN)
	        took.append((time.time() - began, after.ru_utime +
	            after.ru_stime - before.ru_utime - before.ru_stime))
	    print("# %s of 300 runs: least of 3, %.2f s, %.2f s of processor "
	        "time" % (kind, *map(min, zip(*took))))
	!
}

check 'stories and poisoned stories become pages' stories
check 'each of them is well-formed' well_formed "$tmp"/pages/*.html
check 'so are the golden fragments' fragments
if ! can_lab; then
	skip 'pages of runs' 'no namespaces'
	finish
fi
check 'a run writes its page' stored
check 'its links lead to the files of the run' links
check 'so does what changed between two runs' changed
check 'so do 4000 runs' many
costs
if ! command -v chromium >/dev/null; then
	not_ok 'chromium is there (tools/install.sh test)'
	finish
fi
TMPDIR=$tmp timeout 600 python3 "$here/html_pages.py" "$tmp/many.html" \
    "$tmp/run.html" "$tmp/diff.html" "$tmp/pages/hostile.html" "$tmp/pages/poisoned.html" \
    "$tmp/pages/expired.html" || failed=1
finish
