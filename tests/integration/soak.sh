#!/bin/sh
# Made-up worlds on the reference engine in its lawful ways: none fails, none
# is an ERROR.  SOAK_SEED and SOAK_COUNT choose others (see `make soak`).
. "$(dirname "$0")/lib.sh"

seed=${SOAK_SEED:-1}
count=${SOAK_COUNT:-2000}

no_world_fails()
{
	exits 0 "$mxdrill" explore --seed "$seed" --count "$count" -j2 \
	    --out "$tmp/soak" || {
		# Small enough to be read in a test's log.
		cat "$tmp"/soak/*.yaml
		return 1
	}
	says out "$count worlds from seed $seed:" || return 1
	# A warning is not what a correct MTA gets, either.
	! grep "worlds from seed" "$tmp/out" | grep warn
}

can_lab || {
	skip soak "no lab"
	finish
}
check "soak: $count worlds from seed $seed lose nothing" no_world_fails
finish
