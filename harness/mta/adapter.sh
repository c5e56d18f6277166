# shellcheck shell=sh
# For adapters that are shell scripts: what several of them need.  An adapter
# may be any program, and needs nothing of this (README.md).
#
#	. "$MXDRILL_ADAPTER_SH"
#
# A process costs more than a small file read in the shell: nothing here
# starts one but the wait in stop_process.

# die WORDS: the verb has failed, and why.
die()
{
	printf '%s: %s\n' "${0##*/}" "$1" >&2
	exit 1
}

# changed FILE NEW WHY [OLD]: a configuration of the user's own is not as it
# was: what it says now, and what it said.
changed()
{
	[ -z "${MXDRILL_CONFIG-}" ] || printf 'changed=%s: %s%s: %s\n' \
	    "${1##*/}" "$2" "${4+ (was \"$4\")}" "$3"
}

# --- info ---

# said KEY PATTERN FILE...: KEY=FILE:LINE: TEXT, where the user's own
# configuration says something: its last line that grep finds by the pattern.
said()
{
	key=$1 pattern=$2
	shift 2
	[ -n "${MXDRILL_CONFIG-}" ] || return 0
	for file; do
		[ ! -f "$MXDRILL_CONFIG/$file" ] ||
			grep -n -- "$pattern" "$MXDRILL_CONFIG/$file" |
			sed -n "\$s|^\([0-9]*\):[ 	]*|$key=$file:\1: |p"
	done
}

# dns_budget SECONDS|glibc: prints how long one question may take, SECONDS
# for each server in resolv.conf.  The resolver of glibc has `timeout` (5 s)
# for each, in `attempts` (2) rounds.
dns_budget()
{
	servers=0 timeout=5 attempts=2
	while read -r word rest; do
		case $word in
		nameserver)
			servers=$((servers + 1))
			;;
		options)
			for word in $rest; do
				case $word in
				timeout:*)	timeout=${word#*:} ;;
				attempts:*)	attempts=${word#*:} ;;
				esac
			done
			;;
		esac
	done </etc/resolv.conf
	each=$1
	[ "$each" != glibc ] || each=$((timeout * attempts))
	echo $((each * (servers > 0 ? servers : 1)))
}

# A function for awk programs, to be written before them: the seconds of a
# time as most MTAs write it, "90", "15m", "1h30m".
# shellcheck disable=SC2034
awk_seconds='
function seconds(t,   n, u) {
	for (n = 0; match(t, /[0-9]+[wdhms]?/); ) {
		u = substr(t, RSTART + RLENGTH - 1, 1)
		n += substr(t, RSTART, RLENGTH) * (u == "w" ? 604800 : \
		    u == "d" ? 86400 : u == "h" ? 3600 : u == "m" ? 60 : 1)
		t = substr(t, RSTART + RLENGTH)
	}
	return n
}
'

# --- setup ---

# has_account FILE NAME: a line of that name is there.
has_account()
{
	while IFS=: read -r account _; do
		[ "$account" != "$2" ] || return 0
	done <"$1"
	return 1
}

# add_accounts FILE LINE...: lines of /etc/passwd or /etc/group whose names
# are not there yet.  A package's postinst would make them, and none is run.
add_accounts()
{
	file=$1
	shift
	for line; do
		has_account "$file" "${line%%:*}" || echo "$line" >>"$file"
	done
}

# User and group that Debian has everywhere.
add_mail_account()
{
	add_accounts /etc/group mail:x:8:
	add_accounts /etc/passwd mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
}

# --- stop, collect ---

# read_pid FILE NAME: sets $pid; NAME is what the MTA is called.
read_pid()
{
	read -r pid <"$1" || die "no ${1##*/}: $2 does not run"
}

# stop_process FILE NAME [SIGNAL]: SIGTERM, unless it is another, to the
# process of the pid file; returns when it has ended.
stop_process()
{
	read_pid "$1" "$2"
	kill -"${3:-TERM}" "$pid"
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.01
	done
}

# file_lines FILE...: the line of `collect` for each that is there.
file_lines()
{
	for file; do
		[ ! -f "$file" ] || echo "file=$file"
	done
}
