# shellcheck shell=sh
# Whole runs of mxdrill, as its user waits for them.  Sourced by run.sh.

LIFE_ID=${LIFE_ID:-retry/lifetime}	# five days in Postfix's queue
REFERENCE_ID=${REFERENCE_ID:-dns/mx-servfail-heals}
HEALTHY=${HEALTHY:-$here/healthy.yaml}	# nothing is wrong
MXDRILL=${MXDRILL:-./mxdrill}

# mta_run NAME ARGUMENT...: adds the seconds to NAME.s; false unless every
# verdict was as expected.  Its artefacts are in $tmp/NAME.
mta_run()
{
	name=$1
	shift
	rm -rf "${tmp:?}/$name"
	start=$(now_ns)
	"$MXDRILL" run "$@" --out "$tmp/$name" > "$tmp/$name.log" 2>&1 ||
	    return
	end=$(now_ns)
	awk -v ns=$((end - start)) 'BEGIN { printf "%.2f\n", ns / 1e9 }' \
	    >> "$tmp/$name.s"
}

# The virtual seconds of the run in folder $1: its last event's time.
mta_virtual()
{
	find "$1" -name trace.jsonl -exec cat {} + |
	    sed -n 's/.*"t":[ ]*\([0-9]*\).*/\1/p' | sort -n | tail -n 1 |
	    awk '{ printf "%.0f\n", $1 / 1e6 }'
}

# mta_why NAME: the first line that says why it failed.
mta_why()
{
	grep -m 1 -E '^(FAIL|ERROR|skip|mxdrill:)' "$tmp/$1.log" ||
	    tail -n 1 "$tmp/$1.log"
}

# mta_rounds WORDS NAME ARGUMENT...: a first run fetches and warms, the
# others count.
mta_rounds()
{
	words=$1 name=$2
	shift 2
	say "mta: $words"
	i=0
	while [ $i -le "$rounds" ]; do
		if ! mta_run "$name" "$@"; then
			missing "$words" "$(mta_why "$name")"
			return 1
		fi
		[ $i -gt 0 ] || : > "$tmp/$name.s"
		i=$((i + 1))
	done
}

# A jump of the clock, against the least that waking a process can cost.
bench_jump()
{
	i=0
	while [ $i -lt "$rounds" ]; do
		if ! "$bin/jump" > "$tmp/jump.out" 2> "$tmp/jump.log"; then
			missing "a jump of the clock" "$(cat "$tmp/jump.log")"
			return
		fi
		read -r jump look trip < "$tmp/jump.out"
		echo "$jump" >> "$tmp/jump.us"
		echo "$look" >> "$tmp/look.us"
		echo "$trip" >> "$tmp/trip.us"
		i=$((i + 1))
	done
	jump=$(median_of jump.us) trip=$(median_of trip.us)
	row "a jump of the clock, us: ours; octet there and back" "$jump" \
	    "$trip" "$(divide "$jump" "$trip")" "$bin/jump"
	row "of it, deciding that all sleep, us" "$(median_of look.us)" - - \
	    "$bin/jump"
}

bench_mta()
{
	bench_jump
	if [ ! -x "$MXDRILL" ]; then
		missing "mxdrill" "no $MXDRILL (make)"
		return
	fi
	if mta_rounds "Postfix's five days" life "$LIFE_ID" --mta postfix
	then
		real=$(median_of life.s)
		virtual=$(mta_virtual "$tmp/life")
		row "Postfix's five days, s: real; virtual" "$real" \
		    "$virtual" "$(divide "$virtual" "$real")" \
		    "mxdrill run $LIFE_ID --mta postfix"
	fi
	mta_rounds "reference scenario" ref "$REFERENCE_ID" &&
	    row "refmta, one scenario, s" "$(median_of ref.s)" - - \
	    "mxdrill run $REFERENCE_ID"
	mta_rounds "healthy Postfix delivery" healthy "$HEALTHY" \
	    --mta postfix &&
	    row "Postfix, one healthy delivery to verdict, s" \
	    "$(median_of healthy.s)" - - \
	    "mxdrill run $HEALTHY --mta postfix"
	:
}
