# shellcheck shell=sh
# Reports of many stored runs: what one run costs must not grow with their
# number, and what they take together is bounded.  Sourced by run.sh.

REPORT_IDS=${REPORT_IDS:-seed/}		# what the stored runs are copies of
REPORT_SIZES=${REPORT_SIZES:-100 1000 10000}
REPORT_LIMIT_KB=204800			# for any number of them

# Stored runs by hard links: of each a folder of its own, 8 MTAs.
report_store()
{
	"$MXDRILL" run "$REPORT_IDS" --mta reference \
	    --mta reference:bug=q267245-drop --out "$tmp/report" \
	    > "$tmp/report.log" 2>&1
	[ -s "$tmp/report/results.json" ] || return 1
	for n in $REPORT_SIZES; do
		mkdir "$tmp/report.$n" &&
		    python3 tests/integration/html_many.py "$tmp/report" \
		    "$tmp/report.$n" $(((n + 7) / 8)) 8 || return 1
	done
}

# Whole rows of 8 MTAs.
report_runs()
{
	echo $((($1 + 7) / 8 * 8))
}

bench_report()
{
	say "report: stored runs"
	if ! report_store; then
		missing "report of stored runs" "$(tail -n 1 \
		    "$tmp/report.log")"
		return
	fi
	for n in $REPORT_SIZES; do
		say "report: $n runs"
		i=0
		while [ $i -lt "$rounds" ]; do
			measure "report.$n" report "$tmp/report.$n" \
			    -o "html=$tmp/out.html,json=$tmp/out.json" ||
			    break
			i=$((i + 1))
		done
	done
	few=${REPORT_SIZES%% *}
	for n in $REPORT_SIZES; do
		words="report of $n runs, html and json"
		command="tests/bench/run.sh report"
		[ "$n" = "$few" ] || row "$words: CPU ms a run, against $few" \
		    "$(of_each "report.$n" ms "$(report_runs "$n")")" \
		    "$(of_each "report.$few" ms "$(report_runs "$few")")" \
		    "$(divide "$(of_each "report.$few" ms "$(report_runs "$few")")" \
		    "$(of_each "report.$n" ms "$(report_runs "$n")")")" "$command"
		kb=$(median_of "report.$n.kb")
		row "$words: peak KB, against the limit" "$kb" \
		    "$REPORT_LIMIT_KB" "$(divide "$REPORT_LIMIT_KB" "$kb")" \
		    "$command"
	done
}
