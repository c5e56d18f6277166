#!/bin/sh
# Runs one fuzz target and says in one line what came of it.
#
#	tests/fuzz/run.sh NAME SECONDS BUILD
#
# The seeds are read only; inputs that reach something new are kept in
# BUILD/found/NAME and used next time.  An input that crashes, leaks or hangs
# is kept as BUILD/crash/NAME-..., fails the target and is replayed by
# `BUILD/NAME FILE`.  SECONDS 0 runs what there is, once.
set -u

name=$1 seconds=$2 build=$3
found=$build/found/$name
seeds=tests/fuzz/corpus/$name
log=$build/$name.log
input_max_s=10
mkdir -p "$found" "$build/crash"
[ -d "$seeds" ] || seeds=

# libfyaml 0.7.12 loses a buffer of its own on some syntax errors.
leaks=1
[ "$name" = scenario_parser ] && leaks=0
ASAN_OPTIONS=detect_leaks=$leaks
export ASAN_OPTIONS

limit=-max_total_time=$seconds
[ "$seconds" -eq 0 ] && limit=-runs=0
# shellcheck disable=SC2086 # $seeds is no argument when there are none
"$build/$name" "$limit" -timeout=$input_max_s -print_final_stats=1 \
    "-artifact_prefix=$build/crash/$name-" "$found" $seeds > "$log" 2>&1
status=$?

awk -v name="$name" -v status=$status -v log_file="$log" '
	/ cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") edges = $(i + 1) }
	/^#[0-9]/ { runs = substr($1, 2) }
	/^stat::number_of_executed_units:/ { runs = $2 }
	/^SUMMARY:/ && why == "" { why = substr($0, 10) }
	/Test unit written to/ { input = $NF }
	END {
		figures = (runs + 0) " runs, " (edges + 0) " edges"
		if (status == 0 && runs > 0) {
			print "ok - fuzz " name ": " figures
			exit
		}
		print "not ok - fuzz " name ": " figures
		print "# " (why != "" ? why : "exit status " status)
		print "# " (input != "" ? "input " input : "no input kept") \
		    ", log " log_file
		exit 1
	}' "$log"
