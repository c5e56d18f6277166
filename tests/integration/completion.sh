#!/bin/sh
# The completion in the shells it is for: bash's function is called as bash
# calls it, zsh completes a line typed into a terminal.
. "$(dirname "$0")/lib.sh"

PATH=$bin:$PATH
export PATH

# bash_says LINE: what bash would offer for the line, sorted, in one line.
# The words are cut as readline cuts them: at blanks, "=" and ":".
cat >"$tmp/ask.bash" <<'!'
. <(mxdrill completion bash)
COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=() word=
for ((i = 0; i < ${#1}; i++)); do
	c=${1:i:1}
	case $c in
	' ')	[[ -n $word ]] && COMP_WORDS+=("$word"); word= ;;
	[:=])	[[ -n $word && $word != [:=] ]] && COMP_WORDS+=("$word") && word=
		word+=$c ;;
	*)	[[ $word == [:=] ]] && COMP_WORDS+=("$word") && word=
		word+=$c ;;
	esac
done
COMP_WORDS+=("$word")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
complete -p mxdrill | grep -q -- '-F _mxdrill' || exit 1
_mxdrill
printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd ' '
!

bash_says()
{
	same "$2" "$(bash "$tmp/ask.bash" "$1" 2>&1)"
}

# Every row of every table is offered: what help tells, completion knows.
bash_knows_all()
{
	for c in $("$mxdrill" help | sed -n 's/^  mxdrill \([a-z]*\).*/\1/p'); do
		bash_says "mxdrill $c" "$c" || return 1
		"$mxdrill" help "$c" | grep -oE '^  (-., )?--[a-z-]+' |
		    grep -oE -- '--[a-z-]+' >"$tmp/told"
		bash "$tmp/ask.bash" "mxdrill $c --" | tr ' ' '\n' \
		    >"$tmp/offered"
		while read -r o; do
			grep -qxF -e "$o" "$tmp/offered" || {
				echo "$c: $o is not offered"
				return 1
			}
		done <"$tmp/told"
	done
	[ -s "$tmp/offered" ]
}

offers_topics()
{
	for t in $("$mxdrill" help topics | awk '/^  [a-z]/ { print $1 }'); do
		bash_says "mxdrill help $t" "$t" || return 1
	done
}

# offers_switches bug
offers_switches()
{
	"$refmta" "--list-$1s" | sed 's/ .*//' | sort | paste -sd ' ' \
	    >"$tmp/switches"
	bash_says "mxdrill run --mta reference:$1=" "$(cat "$tmp/switches")"
}

offers_scenarios()
{
	(cd "$top/scenarios" && ls -d */*.yaml | sed 's,/.*,/,';
	    echo grid/) | sort -u | paste -sd ' ' >"$tmp/folders"
	(mkdir -p "$tmp/empty" && cd "$tmp/empty" &&
	    bash_says 'mxdrill run ' "$(cat "$tmp/folders")") || return 1
	"$mxdrill" list seed/ | cut -d' ' -f1 | cut -d/ -f1-2 | sort -u |
	    while read -r id; do
		case " $(bash "$tmp/ask.bash" "mxdrill run $id") " in
		*" $id "* | *" $id/ "*) ;;
		*) echo "$id is not offered"; exit 1 ;;
		esac
	    done
}

offers_tags()
{
	sed -n 's/^tags: *\[\(.*\)\]/\1/p' "$top"/scenarios/*/*.yaml |
	    tr -d ' ' | tr , '\n' | sort -u | paste -sd ' ' >"$tmp/tags"
	bash_says 'mxdrill run --tag ' "$(cat "$tmp/tags")"
}

offers_files()
{
	mkdir -p "$tmp/some/folder"
	: >"$tmp/some/case.yaml"
	bash_says "mxdrill lint $tmp/some/" \
	    "$tmp/some/case.yaml $tmp/some/folder" &&
	    bash_says "mxdrill judge $tmp/some/" "$tmp/some/folder"
}

# Lines typed into one zsh at a terminal of its own, TAB at the end of each;
# a key of ours then shows what stands in the line and clears it.
cat >"$tmp/ask.zsh" <<'!'
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1='' ; unsetopt zle_bracketed_paste ; autoload -U compinit ; compinit -D -u ; . <(mxdrill completion zsh) ; show() { print -r \"<\$BUFFER>e\"nd; BUFFER= } ; zle -N show ; bindkey '^Xs' show ; echo re''ady"
zpty -r z out '*ready*' || exit 1
for line; do
	zpty -n -w z "$line"$'\t\x18s'
	zpty -r z out '*>end*' || exit 1
	print -r -- "$out" | tr -d '\r' | sed -n 's/.*<\(.*\)>end.*/\1/p'
done
!

# The lines, what TAB made of each.
zsh_completes()
{
	same "mxdrill doctor 
mxdrill run --seed 
mxdrill run --clock virtual 
mxdrill run --mta reference:bug=q267245-ndr 
mxdrill run seed/" "$(timeout 120 zsh -f "$tmp/ask.zsh" 'mxdrill docto' \
	    'mxdrill run --see' 'mxdrill run --clock v' \
	    'mxdrill run --mta reference:bug=q267245-n' \
	    'mxdrill run see' 2>&1)"
}

check 'completion: bash offers every command and option' bash_knows_all
check 'completion: bash offers every topic of help' offers_topics
check 'completion: bash offers the values of --clock' \
    bash_says 'mxdrill run --clock ' 'real virtual'
check 'completion: bash offers a value behind =, too' \
    bash_says 'mxdrill run --clock=v' 'virtual'
check 'completion: bash offers MTAs' \
    bash_says 'mxdrill run -v --mta refer' 'reference'
check 'completion: bash offers the options of an MTA behind the colon' \
    bash_says 'mxdrill run --mta reference:b' 'bin= bug='
check 'completion: bash offers every bug of the reference engine' \
    offers_switches bug
check 'completion: bash offers every way of the reference engine' \
    offers_switches way
check 'completion: bash offers a second bug' \
    bash_says 'mxdrill run --mta reference:bug=no-shuffle+q267245-n' \
    'no-shuffle+q267245-ndr'
check 'completion: bash offers scenarios, a folder at a time' offers_scenarios
check 'completion: bash offers every tag' offers_tags
check 'completion: bash offers files and folders' offers_files
check 'completion: bash offers the verbs of mta, then names' \
    bash_says 'mxdrill mta get post' 'postfix'

if command -v zsh >/dev/null; then
	check 'completion: zsh completes commands, options and values' \
	    zsh_completes
else
	skip 'completion: zsh' 'no zsh'
fi
finish
