# shellcheck shell=sh
# Judging a stored run of many messages, and of one with many recipients: what
# one of them costs must not grow with their number.  Sourced by run.sh.

JUDGE_SIZES=${JUDGE_SIZES:-10 100 1000 10000}
JUDGE_BASE=100				# what the others are compared with
JUDGE_LIMIT_MS=300			# for a thousand
JUDGE_LIMIT_KB=61440

# judge_world messages|recipients N: each is deferred once, and delivered.
judge_world()
{
	cat <<-!
	title: $2 $1
	covers: [R-5321-4.5.4.1-a]
	zone: |
	  r.test.      MX 10 mx1.r.test.
	  mx1.r.test.  A  198.18.1.1
	hosts:
	  mx1.r.test: [{rcpt: "450 4.2.0 later", until: 10m}]
	expect: {outcome: delivered-late}
	!
	if [ "$1" = messages ]; then
		echo "messages: [{name: m, to: u@r.test, times: $2}]"
	else
		printf 'messages: [{name: m, to: [u@r.test'
		seq 2 "$2" | sed 's/.*/, u&@r.test/' | tr -d '\n'
		echo ']}]'
	fi
}

# judge_measure KIND N: adds CPU milliseconds and peak KB to judge.KIND.N.*.
judge_measure()
{
	mkdir -p "$tmp/judge"
	judge_world "$1" "$2" > "$tmp/judge/$1-$2.yaml"
	"$MXDRILL" run "$tmp/judge/$1-$2.yaml" --mta reference \
	    --out "$tmp/judge/$1-$2" > "$tmp/judge.log" 2>&1 || return 1
	i=0
	while [ $i -lt "$rounds" ]; do
		measure "judge.$1.$2" judge "$tmp/judge/$1-$2" || return 1
		i=$((i + 1))
	done
}

judge_rows()
{
	words="judge of $2 $1" command="tests/bench/run.sh judge"
	base=judge.$1.$JUDGE_BASE
	[ "$2" = "$JUDGE_BASE" ] ||
	    row "$words: CPU ms for each, against $JUDGE_BASE" \
	    "$(of_each "judge.$1.$2" ms "$2")" \
	    "$(of_each "$base" ms "$JUDGE_BASE")" \
	    "$(divide "$(of_each "$base" ms "$JUDGE_BASE")" \
	    "$(of_each "judge.$1.$2" ms "$2")")" "$command"
	[ "$2" = 1000 ] || return 0
	for what in ms kb; do
		[ $what = ms ] && limit=$JUDGE_LIMIT_MS || limit=$JUDGE_LIMIT_KB
		used=$(median_of "judge.$1.$2.$what")
		row "$words: $what, against the limit" "$used" "$limit" \
		    "$(divide "$limit" "$used")" "$command"
	done
}

bench_judge()
{
	for kind in messages recipients; do
		for n in $JUDGE_SIZES; do
			say "judge: $n $kind"
			judge_measure $kind "$n" || {
				missing "judge of $n $kind" \
				    "$(tail -n 1 "$tmp/judge.log")"
				return
			}
		done
		for n in $JUDGE_SIZES; do
			judge_rows $kind "$n"
		done
	done
}
