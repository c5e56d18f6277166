#!/bin/sh
# The command line is API: exit statuses, what is guessed for a misspelt
# word, and that nothing starts before everything was understood.
. "$(dirname "$0")/lib.sh"

quick=session/greeting-of-three-lines

mkdir "$tmp/void"

introduces()
{
	exits 0 "$mxdrill" || return 1
	lines=$(wc -l <"$tmp/out")
	[ "$lines" -ge 8 ] && [ "$lines" -le 12 ] || {
		echo "$lines lines"
		return 1
	}
	says out 'mxdrill run' 'mxdrill doctor' 'mxdrill help'
}

helps_with_all()
{
	exits 0 "$mxdrill" help || return 1
	for c in run list show lint schema judge explore adapter doctor; do
		says out "mxdrill $c " || return 1
		cp "$tmp/out" "$tmp/all"
		exits 0 "$mxdrill" help $c && says out "mxdrill $c" ||
			return 1
		cp "$tmp/all" "$tmp/out"
	done
}

# Every option that `help run` tells of is taken, none is secret.
run_options_are_told()
{
	exits 0 "$mxdrill" help run || return 1
	says out '--mta NAME' '-j N' '--out DIR' '--seed N' '--pcap' \
	    '--root DIR' '--config DIR' '--clock virtual|real' '--verbose' \
	    '--search-trap'
}

# refused WORDS... -- ARGUMENTS: exit 2, WORDS on standard error, nothing
# made, nothing run.
refused()
{
	rm -rf "$tmp/refused" "$tmp/runs"
	words=
	while [ "$1" != -- ]; do
		words="$words$1
"
		shift
	done
	shift
	exits 2 "$mxdrill" "$@" || return 1
	printf '%s' "$words" | while IFS= read -r w; do
		says err "$w" || exit 1
	done || return 1
	if [ -e "$tmp/refused" ] || [ -e "$tmp/runs" ]; then
		echo 'a folder for a run was made'
		return 1
	fi
	if [ -s "$tmp/out" ]; then
		echo 'words on standard output:'
		head "$tmp/out"
		return 1
	fi
}

# What only the adapter knows is refused when it was asked, with nothing run.
refused_by_adapter()
{
	words=$1
	shift
	exits 2 "$mxdrill" run --out "$tmp/asked" "$@" $quick &&
	    says err "$words" && [ ! -e "$tmp"/asked/*/$quick ]
}

# Two wrong files: both are told, with their places.
all_errors_at_once()
{
	refused "unknown-key.yaml:6:1: error" "tab-indent.yaml:3:1: error" \
	    -- run --out "$tmp/refused" "$top/tests/lint/unknown-key.yaml" \
	    $quick "$top/tests/lint/tab-indent.yaml"
}

list_is_what_files_are()
{
	exits 0 "$mxdrill" list || return 1
	cut -d' ' -f1 "$tmp/out" | cut -d/ -f1,2 | sort -u >"$tmp/listed"
	(cd "$top/scenarios" && find . -name '*.yaml' | sed 's,^\./,,
	s,\.yaml$,,' | sort -u) >"$tmp/there"
	diff "$tmp/there" "$tmp/listed"
}

all_skipped()
{
	cat >"$tmp/needy.yaml" <<-!
	title: needs what a dma has not
	covers: [R-5321-5.1-k]
	needs: [null-sender]
	zone: |
	  r.test.      MX 10 mx1.r.test.
	  mx1.r.test.  A     198.18.1.1
	expect: {outcome: delivered}
	!
	exits 77 "$mxdrill" run --mta dma --out "$tmp/needy" \
	    "$tmp/needy.yaml" && says out 'skip ' 'null-sender'
}

never_fired()
{
	cat >"$tmp/never.yaml" <<-!
	title: a fault at a time when all is over
	covers: [R-5321-5.1-k]
	zone: |
	  r.test.      MX 10 mx1.r.test.
	  mx1.r.test.  A     198.18.1.1
	hosts:
	  mx1.r.test: [{connect: refuse, from: 3d}]
	expect: {outcome: delivered}
	!
	exits 3 "$mxdrill" run --out "$tmp/never" "$tmp/never.yaml" &&
	    says out 'not-exercised' 'line 7:16 never fired' || return 1
	same not-exercised "$(jq -r '.runs[].result' "$tmp/never/results.json")"
}

# The command under a failure can be pasted, also for a file of one's own.
rerun_runs()
{
	command=$(jq -r '.runs[].rerun' "$tmp/never/results.json")
	exits 3 sh -c "cd '$tmp' && ln -sf '$mxdrill' mxdrill && $command" &&
	    says out 'line 7:16 never fired'
}

healthy_once_more()
{
	exits 0 "$mxdrill" run --out "$tmp/one" $quick &&
	    says out "ok    $quick" '1 run: 1 ok'
}

out_is_where_it_says()
{
	exits 0 "$mxdrill" run --out "$tmp/deep/er" $quick &&
	    [ -f "$tmp/deep/er/results.json" ] &&
	    [ -f "$tmp/deep/er/reference/$quick/trace.jsonl" ] || {
		find "$tmp/deep"
		return 1
	}
}

# Without --out: runs/DATE-TIME below here, and runs/last leads there.
last_is_the_last()
{
	exits 0 "$mxdrill" run $quick &&
	    [ -f "$tmp/runs/last/results.json" ] &&
	    exits 0 "$mxdrill" judge runs/last && says out "ok    $quick"
}

seed_is_kept()
{
	exits 0 "$mxdrill" run --seed 42 --out "$tmp/seed" $quick || return 1
	same 42 "$(jq .seed "$tmp/seed/reference/$quick/meta.json")"
}

# The order of a shuffled answer comes from the seed and nothing else.
seed_decides()
{
	for n in 1 1 2 3 4 5 6; do
		exits 0 "$mxdrill" run --seed $n --out "$tmp/s" \
		    mx/preference-order || return 1
		jq -r 'select(.ev == "dns.reply" and .qtype == "MX") |
		    .text' "$tmp/s/reference/mx/preference-order/trace.jsonl" |
		    grep mx3 >"$tmp/order.$n" || return 1
		[ -f "$tmp/first" ] || cp "$tmp/order.$n" "$tmp/first"
	done
	cmp "$tmp/first" "$tmp/order.1" || return 1
	for n in 2 3 4 5 6; do
		cmp -s "$tmp/first" "$tmp/order.$n" || return 0
	done
	echo 'six seeds, one order'
	return 1
}

# An MTA that completes names is caught by any scenario whose lookup fails,
# but only when it is asked for; the rerun command and `judge` know of it.
search_trap_is_asked_for()
{
	set -- --mta reference:bug=dma-search-list dns/cut-short
	exits 0 "$mxdrill" run --out "$tmp/no-trap" "$@" || return 1
	exits 1 "$mxdrill" run --out "$tmp/trap" --search-trap "$@" ||
		return 1
	says out 'given to decoy.sut.test' ' --search-trap' || return 1
	exits 1 "$mxdrill" judge "$tmp/trap" &&
	    says out 'given to decoy.sut.test'
}

no_mta_without_adapter()
{
	refused 'did you mean "reference"?' -- run --out "$tmp/refused" \
	    --mta referense $quick
}

check 'cli: without arguments it introduces itself in ten lines' introduces
check 'cli: help tells of every command' helps_with_all
check 'cli: help run tells of every option' run_options_are_told
check 'cli: list has every scenario file' list_is_what_files_are
check 'cli: show says a scenario in prose' exits 0 "$mxdrill" show $quick
check 'cli: lint finds no error in the suite' exits 0 "$mxdrill" lint
check 'cli: schema prints JSON' \
    sh -c "'$mxdrill' schema | jq -e '.properties.zone' >/dev/null"

check 'cli: exit 2 and a guess for a misspelt command' \
    refused 'did you mean "run"?' -- rnu
check 'cli: exit 2 and a guess for a misspelt scenario' \
    refused 'did you mean "retry/lifetime"?' -- \
    run --out "$tmp/refused" retry/liftime
check 'cli: exit 2 and a guess for a misspelt MTA' no_mta_without_adapter
check 'cli: exit 2 and a guess for a misspelt option' \
    refused '--sede' 'did you mean "--seed"?' -- run --sede 3 $quick
check 'cli: exit 2 and a guess for a misspelt option of an MTA' \
    refused_by_adapter 'did you mean "bug"?' --mta reference:bgu=no-shuffle
check 'cli: exit 2 for a bug that is none' \
    refused_by_adapter q267245-dorp --mta reference:bug=q267245-dorp
check 'cli: exit 2 for a folder without scenarios' \
    refused 'no scenario matches' -- run nosuch/
check 'cli: exit 2 for a file that is not there' \
    refused 'nosuch.yaml' -- run "$tmp/nosuch.yaml"
check 'cli: exit 2 for -j 0' refused '-j 0' -- run -j 0 $quick
check 'cli: exit 2 for a seed that is no number' \
    refused '--seed x' -- run --seed x $quick
check 'cli: exit 2 for a clock that is none' \
    refused '--clock sun' -- run --clock sun $quick
check 'cli: exit 2 for show without an id' \
    refused 'which scenario' -- show
check 'cli: exit 2 for too many arguments' \
    refused 'too many' -- doctor now
check 'cli: exit 2 for a folder that holds no run' \
    refused 'no stored run' -- judge "$tmp/void"
check 'cli: exit 2 with all errors of all files before anything starts' \
    all_errors_at_once
check 'cli: exit 2 with place, caret and guess for a misspelt key' \
    refused 'unknown-key.yaml:6:1: error' '^~~~' 'did you mean "hosts"?' \
    -- lint "$top/tests/lint/unknown-key.yaml"

if ! can_lab; then
	skip 'cli: runs' "$("$mxdrill" doctor | sed -n 's/^MISSING *//p' |
	    head -n 1)"
	finish
fi
check 'cli: exit 0 when all is as expected' healthy_once_more
check 'cli: exit 1 for a failure' exits 1 "$mxdrill" run --out "$tmp/bug" \
    --mta reference:bug=no-dot-stuffing $quick
check 'cli: exit 3 for a fault that never fired, which is no pass' never_fired
check 'cli: the rerun command of a file can be pasted' rerun_runs
check 'cli: exit 77 when everything was skipped' all_skipped
check 'cli: --out makes its folder and fills it' out_is_where_it_says
check 'cli: runs/last is the last run' last_is_the_last
check 'cli: --search-trap sets the trap in every scenario' \
    search_trap_is_asked_for
check 'cli: --seed is kept with the run' seed_is_kept
check 'cli: --seed decides what is random' seed_decides
finish
