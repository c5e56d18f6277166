#!/bin/sh
# refmta's lawful ways and the scenarios: none of them may fail.
#
#	ways.sh			the share of `make test`: all ways, cut at random
#				into sets, and all scenarios dealt among these
#	ways.sh whole		every scenario on every way, then on WAYS_SETS
#				random sets (20); prints as it goes
#	ways.sh sets SEED N	N sets of ways, one a line
#
# WAYS_SEED=N gives the same sets and the same deal again.  A failure says how
# to run it alone.
. "$(dirname "$0")/lib.sh"

seed=${WAYS_SEED:-7}
jobs=${WAYS_JOBS:-2}

# A fault of IPv6 alone is not met by those who begin with IPv4, and the run
# says so.
unmet=seed/ip-refused-one-family

# Ways together: more would make a name too long for a folder.
together=8

known_ways()
{
	"$refmta" --list-ways | awk '{ print $1 }'
}

scenarios()
{
	"$mxdrill" list "$@" | awk '{ print $1 }'
}

# shuffle SEED: the lines in another order.
shuffle()
{
	awk -v seed="$1" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' |
	    sort -k1,1 | cut -f2
}

# sets SEED COUNT: so many sets; each way is in one before any is in two.
sets()
{
	n=0
	while [ $n -lt "$2" ]; do
		known_ways | shuffle $(($1 + n)) | awk -v most=$together '
		{ line = line (line == "" ? "" : "+") $1 }
		NR % most == 0 { print line; line = "" }
		END { if (line != "") print line }'
		n=$((n + $(known_ways | wc -l) / together + 1))
	done | head -n "$2"
}

# try WAYS SCENARIO...: one line for all of them.
try()
{
	ways=$1
	shift
	run "$mxdrill" run -j"$jobs" --out "$tmp/try" \
	    --mta "reference:way=$ways" "$@"
	if [ ! -f "$tmp/try/results.json" ]; then
		not_ok "ways: $ways"
		head -n 10 "$tmp/err" "$tmp/out" | sed 's/^/# /'
		return
	fi
	outcomes "$tmp/try" | awk -v unmet=$unmet '$3 !~ /^(ok|info|skip)$/ &&
	    ($1 != unmet || $3 != "not-exercised")' >"$tmp/wrong"
	if [ -s "$tmp/wrong" ]; then
		not_ok "ways: $ways"
		sed 's/^/# /' "$tmp/wrong"
		while read -r id mta rest; do
			echo "# mxdrill run $id --mta $mta"
		done <"$tmp/wrong"
	else
		n_runs=$(jq '.runs | length' "$tmp/try/results.json")
		ok "ways: $n_runs scenarios on $ways"
	fi
	rm -rf "$tmp/try"
}

# Each scenario meets one of the sets, another one with another seed.
share()
{
	count=$(($(known_ways | wc -l) / together + 1))
	sets "$seed" $count >"$tmp/sets"
	scenarios | shuffle "$seed" >"$tmp/scenarios"
	n=0
	while read -r ways; do
		# shellcheck disable=SC2046
		try "$ways" $(awk -v n=$n -v count=$count \
		    'NR % count == n' "$tmp/scenarios") </dev/null
		n=$((n + 1))
	done <"$tmp/sets"
}

whole()
{
	for way in $(known_ways); do
		try "$way"
	done
	sets "$seed" "${WAYS_SETS:-20}" >"$tmp/sets"
	while read -r ways; do
		try "$ways" </dev/null
	done <"$tmp/sets"
}

[ "${1-}" != sets ] || {
	sets "$2" "$3"
	exit 0
}
can_lab || {
	skip ways "$("$mxdrill" doctor | sed -n 's/^MISSING *//p' | head -n 1)"
	exit 0
}
echo "# WAYS_SEED=$seed"
case ${1-} in
'')	share ;;
whole)	whole ;;
*)	echo "usage: ways.sh [whole | sets SEED COUNT]" >&2; exit 2 ;;
esac
finish
