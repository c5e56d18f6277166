# shellcheck shell=sh
# Reports of many stored runs: what one run costs must not grow with their
# number, and what they take together is bounded.  Sourced by run.sh.

REPORT_IDS=${REPORT_IDS:-seed/}		# what the stored runs are copies of
REPORT_SIZES=${REPORT_SIZES:-100 1000 10000}
REPORT_LIMIT_KB=204800			# for any number of them

# report_measure DIR NAME ARGUMENT...: adds the CPU's milliseconds to NAME.ms
# and the peak of the memory to NAME.kb.
report_measure()
{
	python3 - "$MXDRILL" "$tmp" "$@" <<-'!'
	import resource, subprocess, sys
	program, tmp, folder, name, *more = sys.argv[1:]
	done = subprocess.run([program, "report", folder, *more],
	    stdout=subprocess.DEVNULL)
	if done.returncode not in (0, 1):
	    sys.exit(1)
	used = resource.getrusage(resource.RUSAGE_CHILDREN)
	with open(f"{tmp}/{name}.ms", "a") as f:
	    print(round(1000 * (used.ru_utime + used.ru_stime)), file=f)
	with open(f"{tmp}/{name}.kb", "a") as f:
	    print(used.ru_maxrss, file=f)
	!
}

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

# of_each NAME ENDING N: the median, divided by the number of runs.
of_each()
{
	median_of "$1.$2" | awk -v n=$((($3 + 7) / 8 * 8)) \
	    '{ printf "%.3f\n", $1 / n }'
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
			report_measure "$tmp/report.$n" "report.$n" \
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
		    "$(of_each "report.$n" ms "$n")" \
		    "$(of_each "report.$few" ms "$few")" \
		    "$(divide "$(of_each "report.$few" ms "$few")" \
		    "$(of_each "report.$n" ms "$n")")" "$command"
		kb=$(median_of "report.$n.kb")
		row "$words: peak KB, against the limit" "$kb" \
		    "$REPORT_LIMIT_KB" "$(divide "$REPORT_LIMIT_KB" "$kb")" \
		    "$command"
	done
}
