#!/bin/sh
# Small worlds in which a correct MTA was once accused, each on the MTA that
# its second line names (tests/worlds, written by `mxdrill explore`): none
# fails or warns any more.
. "$(dirname "$0")/lib.sh"

is_right()
{
	exits 0 "$mxdrill" run "$1" --mta "$2" --out "$tmp/run" || return 1
	rm -rf "$tmp/run"
	says out "1 run: 1 ok" || says out "1 run: 1 info"
}

can_lab || {
	skip worlds "no lab"
	finish
}
for world in "$top"/tests/worlds/*.yaml; do
	mta=$(sed -n 's/^# On \([^ ]*\): .*/\1/p' "$world")
	check "worlds: $(basename "$world" .yaml) on $mta" is_right "$world" "$mta"
done
finish
