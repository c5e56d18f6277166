# For the tests of adapters; sourced after lib.sh, with the adapter's name in
# $mta.  Ends the script if that MTA cannot be had.

can_lab && can_mta "$mta" || {
	skip "$mta" "${why-no lab}"
	exit 0
}

# --- scenarios ---

healthy='outcome: delivered-at-once, copies-max: 1'
no_user='rcpt: "550 5.1.1 no such user"'
not_now='rcpt: "451 4.3.0 not now"'
no_greeting='greeting: "451 4.3.0 not now"'

# scenario NAME FAULT EXPECT [LINE...]: one of this script's own, $tmp/NAME.yaml:
# FAULT is a phase of its only host, empty for none.
scenario()
{
	{
		cat <<-!
		title: $1
		covers: [R-5321-4.5.4.1-h]
		zone: |
		  r.test.      MX 10 mx1.r.test.
		  mx1.r.test.  A     198.18.1.1
		  mx1.r.test.  AAAA  2001:db8:1::1
		!
		[ -z "$2" ] || printf 'hosts:\n  mx1.r.test: [{%s}]\n' "$2"
		printf 'expect: {%s}\n' "$3"
		shift 3
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$tmp/$1.yaml"
}

# --- runs; each has a folder of its name in $tmp ---

# mta_run FOLDER ARGUMENT...: with the status of mxdrill in $got.
mta_run()
{
	dir=$tmp/$1
	shift
	rm -rf "$dir"
	run "$mxdrill" run --mta "$mta" --out "$dir" "$@"
	cat "$tmp/out" "$tmp/err" >"$tmp/both"
}

# ends STATUS VERDICT SCENARIO [ARGUMENT...]: exit status and verdict of a
# run of one scenario, an id or a name of one's own, into its folder.
ends()
{
	want=$1 verdict=$2 id=$3
	shift 3
	file=$id
	[ ! -f "$tmp/$id.yaml" ] || file=$tmp/$id.yaml
	mta_run "${into-$(echo "$id" | tr / -)}" "$file" "$@"
	same "$want" "$got" && same "$verdict" "$(verdict "$dir")" &&
	    same virtual "$(jq -r .clock "$dir/results.json")" || {
		tail -n 20 "$tmp/both"
		return 1
	}
}

# known ID VERDICT: it fails, with this verdict, and a baseline has it.
known()
{
	ends 1 "$2" "$1" &&
	    into=known ends 0 "$2" "$1" --baseline "$top/scenarios/baselines"
}

# --- what runs left behind ---

# verdict FOLDER: of the messages of its scenarios.
verdict()
{
	jq -r '[.runs[].units[] | select(.control | not) | .verdict] |
	    unique | join(" ")' "$1/results.json"
}

# profile KEY...: of the last run, times in seconds.
profile()
{
	for key; do
		jq --arg key "$key" '.mtas[0].profile[$key] |
		    if . > 1000 then . / 1000000 else . end' \
		    "$dir/results.json"
	done | paste -sd' ' -
}

# trace: the file of the last run of one scenario.
trace()
{
	find "$dir" \( -name canary -o -name info \) -prune -o \
	    -name trace.jsonl -print
}

# attempts: the seconds at which the last run connected to mx1.r.test.
attempts()
{
	jq -r 'select(.ev == "net.syn" and .host == "mx1.r.test") |
	    .t / 1000000 | floor' "$(trace)" | uniq | paste -sd' ' -
}

# --- --config $tmp/config ---

config=$tmp/config

# own VERDICT SCENARIO: with the user's own configuration, which stays as it is.
own()
{
	listing >"$tmp/before"
	into=own ends 0 "$1" "$2" --config "$config" || return 1
	listing | diff "$tmp/before" -
}

listing()
{
	(cd "$config" && find . -exec ls -ld --time-style=+%s {} + &&
	    find . -type f -exec cksum {} +) | sort
}

# told CHANGE...: the last run printed these.
told()
{
	says both "$@" || return 1
	for words; do
		grep -qF -e "$words" "$dir/$mta/canary/changes.txt" && continue
		echo "'$words' is not kept in changes.txt"
		return 1
	done
}

# broken WORDS: the configuration is refused with these words of the MTA's own.
broken()
{
	mta_run broken "$tmp/healthy.yaml" --config "$config"
	same 3 "$got" && says both "$1"
}
