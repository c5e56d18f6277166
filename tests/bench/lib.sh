# shellcheck shell=sh
# Rows, medians, servers.  Sourced by run.sh.

tab=$(printf '\t')
store=${MXDRILL_STORE_TOOL:-harness/mta/store}
ticks=$(getconf CLK_TCK)
pids=
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxdrill-bench.XXXXXX")
: > "$tmp/rows"
: > "$tmp/missing"

cleanup()
{
	servers_stop
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

say()
{
	printf 'bench: %s\n' "$*" >&2
}

# row NAME OURS THEIRS RATIO COMMAND: without a figure it is missing.
row()
{
	if [ -z "$2" ] || [ -z "$3" ]; then
		missing "$1" "no figure"
		return
	fi
	printf '%s\t%s\t%s\t%s\t%s\n' "$@" >> "$tmp/rows"
}

# compare WORDS OURS THEIRS more|less COMMAND: the medians of two files.  Over 1
# ours is the better one, be more or less of it the better.
compare()
{
	ours=$(median_of "$2") theirs=$(median_of "$3")
	if [ "$4" = more ]; then
		ratio=$(divide "$ours" "$theirs")
	else
		ratio=$(divide "$theirs" "$ours")
	fi
	row "$1" "$ours" "$theirs" "$ratio" "$5"
}

# missing NAME WHY
missing()
{
	printf '%s: %s\n' "$1" "$2" >> "$tmp/missing"
}

table_print()
{
	cpus=$(getconf _NPROCESSORS_ONLN)
	read -r load _ < /proc/loadavg
	printf '%s CPUs, load %s; medians of %s rounds, ratio over 1: ours is better\n' "$cpus" "$load" \
	    "$rounds"
	{
		printf 'what\tours\ttheirs\tratio\tcommand\n'
		cat "$tmp/rows"
	} | awk -F "$tab" '
		{
			for (i = 1; i <= 5; i++) {
				cell[NR, i] = $i
				if (length($i) > width[i])
					width[i] = length($i)
			}
		}
		END {
			for (n = 1; n <= NR; n++)
				printf "%-*s  %*s  %*s  %*s  %s\n",
				    width[1], cell[n, 1], width[2], cell[n, 2],
				    width[3], cell[n, 3], width[4], cell[n, 4],
				    cell[n, 5]
		}'
	[ ! -s "$tmp/missing" ] || sed 's/^/not measured: /' "$tmp/missing"
}

# median_of NAME: of the numbers in that file; nothing if there is none.
median_of()
{
	[ ! -e "$tmp/$1" ] || sort -n "$tmp/$1" | awk '
		{ v[NR] = $1 }
		END {
			m = v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]
			if (NR > 0)
				print m / 2
		}'
}

# percentile P: of the numbers on standard input.
percentile()
{
	sort -n | awk -v p="$1" '
		{ v[NR] = $1 }
		END {
			i = int(NR * p / 100 + 0.999999)
			if (i < 1)
				i = 1
			if (NR > 0)
				print v[i]
		}'
}

# divide A B: to two places, "-" if it cannot be done.
divide()
{
	awk -v a="${1:-0}" -v b="${2:-0}" 'BEGIN {
		if (a == 0 || b == 0)
			print "-"
		else
			printf "%.2f\n", a / b
	}'
}

now_ns()
{
	date +%s%N
}

# CPU ticks that a process and all below it have used.
cpu_ticks()
{
	for p in $1 $(descendants "$1"); do
		sed 's/.*) //' "/proc/$p/stat"
	done | awk '{ t += $12 + $13 } END { print t }'
}

descendants()
{
	for child in $(cat "/proc/$1/task/$1/children" 2> /dev/null); do
		printf '%s ' "$child"
		descendants "$child"
	done
}

# server_start PORT COMMAND...: returns when it takes connections; its process
# is $server_pid.
server_start()
{
	port=$1
	shift
	"$@" > "$tmp/server.$port" 2>&1 < /dev/null &
	server_pid=$!
	pids="$pids $server_pid"
	"$bin/port" wait 127.0.0.1 "$port" "$server_pid" && return
	say "$1 does not answer:"
	tail -n 5 "$tmp/server.$port" >&2
	return 1
}

servers_stop()
{
	for p in $pids; do
		kill "$p" 2> /dev/null
	done
	for p in $pids; do
		wait "$p" 2> /dev/null
	done
	pids=
}

# measure NAME COMMAND ARGUMENT...: of mxdrill; adds the CPU's milliseconds to
# NAME.ms and the peak of the memory to NAME.kb.
measure()
{
	python3 - "$MXDRILL" "$tmp" "$@" <<-'!'
	import os, subprocess, sys
	program, tmp, name, *more = sys.argv[1:]
	child = subprocess.Popen([program, *more], stdout=subprocess.DEVNULL)
	_, status, used = os.wait4(child.pid, 0)
	if os.waitstatus_to_exitcode(status) not in (0, 1):
	    sys.exit(1)
	with open(f"{tmp}/{name}.ms", "a") as f:
	    print(round(1000 * (used.ru_utime + used.ru_stime)), file=f)
	with open(f"{tmp}/{name}.kb", "a") as f:
	    print(used.ru_maxrss, file=f)
	!
}

# of_each NAME ENDING N: the median, divided by N.
of_each()
{
	median_of "$1.$2" | awk -v n="$3" '{ printf "%.3f\n", $1 / n }'
}
