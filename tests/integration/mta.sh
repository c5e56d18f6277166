# For the tests of adapters; sourced after lib.sh.  `mta` names the adapter.

# fetched: its tree is there, or can be.
fetched()
{
	"$mxdrill" doctor >/dev/null 2>&1 || {
		why="doctor: $("$mxdrill" doctor | sed -n 's/^MISSING *//p' |
		    head -n 1)"
		return 1
	}
	"$top/harness/mta/store" path "$mta" >/dev/null 2>&1 ||
	    "$top/harness/mta/store" get "$mta" >/dev/null 2>&1 || {
		why='the package could not be fetched'
		return 1
	}
}

# verdict FOLDER: of the messages of its scenarios
verdict()
{
	jq -r '[.runs[].units[] | select(.control | not) | .verdict] |
	    unique | join(" ")' "$1/results.json"
}

# ends STATUS VERDICT SCENARIO: exit status and verdict of a run
ends()
{
	dir=$tmp/$mta-$(echo "$3" | tr / -)
	exits "$1" "$mxdrill" run --mta "$mta" --out "$dir" "$3" &&
	    same "$2" "$(verdict "$dir")" &&
	    same virtual "$(jq -r .clock "$dir/results.json")"
}

# A scenario of one's own, its path; stdin: what follows the zone.
scenario()
{
	{
		cat <<-!
		title: $1
		covers: [R-5321-4.5.4.1-h]
		smarthosts: [mx1.r.test]
		zone: |
		  r.test.      MX 10 mx1.r.test.
		  mx1.r.test.  A     198.18.1.1
		  mx1.r.test.  AAAA  2001:db8:1::1
		!
		cat
	} | sed "${2-}" >"$tmp/$1.yaml"
}
