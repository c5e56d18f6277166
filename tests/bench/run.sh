#!/bin/sh
# Measures and prints one table of ratios.
#
#	tests/bench/run.sh [mta] [smtp] [dns] [report] [judge]
#
# Everything runs on loopback, at ports free at the moment, from a temporary
# folder.  Each figure is the median of BENCH_ROUNDS rounds in which the
# candidates take turns, so that a busy machine is fair to both.  A figure
# that could not be taken is a line of its own below the table and the exit
# status is 1.
set -u

rounds=${BENCH_ROUNDS:-3}
here=tests/bench
bin=build/release/$here

. $here/lib.sh
. $here/mta.sh
. $here/smtp.sh
. $here/dns.sh
. $here/report.sh
. $here/judge.sh

[ $# -gt 0 ] || set -- mta smtp dns report judge
for section in "$@"; do
	case $section in
	mta)	bench_mta ;;
	smtp)	bench_smtp ;;
	dns)	bench_dns ;;
	report)	bench_report ;;
	judge)	bench_judge ;;
	*)	echo "run.sh: no section '$section'" >&2; exit 2 ;;
	esac
done
table_print
[ ! -s "$tmp/missing" ]
