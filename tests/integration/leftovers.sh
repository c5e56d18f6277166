#!/bin/sh
# Nothing survives: not after ^C, not after kill -9 at any moment.
#
# The test runs in pid and mount namespaces of its own, with folders of its
# own at /tmp, /run, /var/tmp and /dev/shm: all that is left over there is
# ours, whatever else this machine is doing.  The process that looks is
# process 1, so that nothing can slip away from it.
. "$(dirname "$0")/lib.sh"

kills=${KILLS:-50}

if [ "${1-}" != inside ]; then
	can_lab || {
		skip leftovers "$("$mxdrill" doctor |
		    sed -n 's/^MISSING *//p' | head -n 1)"
		exit 0
	}
	private=
	[ "$(id -u)" -eq 0 ] || private='--user --map-root-user'
	# shellcheck disable=SC2086
	unshare $private --pid --fork --kill-child --mount --mount-proc \
	    true 2>"$tmp/err" || {
		skip leftovers "unshare: $(head -n 1 "$tmp/err")"
		exit 0
	}
	# The store is where it always is, though /tmp is not.
	# shellcheck disable=SC2086
	TEST_TMP=$tmp unshare $private --pid --fork --kill-child --mount \
	    --mount-proc sh "$top/tests/integration/leftovers.sh" inside
	exit
fi

# A tree of ours that lies below one of them is put back into its place: by a
# descriptor, for its path is hidden by then.
exec 9<"$top"
for d in /tmp /run /var/tmp /dev/shm; do
	mount -t tmpfs none $d || exit 1
	case $top/ in
	$d/*)
		mkdir -p "$top" &&
		    mount --no-canonicalize --bind /proc/self/fd/9 "$top" ||
			exit 1 ;;
	esac
done
exec 9<&-
here=/run/mxdrill-test
mkdir -p $here
# The one handed down lies below the new /tmp.
tmp=$here
cd $here || exit 1
mkfifo $here/alive

# All that a run could leave: processes, mounts, namespaces kept by a
# process or a mount, files.  Our own shell and its children come and go.
state()
{
	for p in /proc/[0-9]*; do
		words=$({ tr '\0' ' ' <$p/cmdline; } 2>/dev/null)
		# The shells that make this very list, and what has ended.
		case $words in
		''|*'leftovers.sh inside '*)
			continue ;;
		esac
		printf 'process %s %s\n' "${p#/proc/}" "$words"
	done
	cut -d' ' -f4,5 /proc/self/mountinfo | sed 's/^/mount /'
	find /tmp /run /var/tmp /dev/shm -xdev \
	    ! -path "$here*" 2>/dev/null | sed 's/^/file /'
	find $here -mindepth 1 -maxdepth 1 ! -name 'out.*' ! -name 'state.*' \
	    ! -name alive ! -name check.log ! -name line ! -name err |
	    sed 's/^/file /'
}
# Waits until nobody holds the other end of the pipe that every process of
# the run has inherited, then for the kernel to take the namespaces down:
# a bound on tries, no guess at a time.
wait_for_end()
{
	timeout 20 cat <&8 >/dev/null || {
		exec 8<&-
		echo 'something held the pipe for 20 s'
		return 1
	}
	exec 8<&-
	tries=200
	while :; do
		state >$here/state.now
		cmp -s $here/state.before $here/state.now && return
		tries=$((tries - 1))
		[ $tries -gt 0 ] || break
		sleep 0.05
	done
	diff $here/state.before $here/state.now
	return 1
}

# start ARGUMENTS...: mxdrill as the leader of a process group, fd 9 of it
# and of all it begets the pipe.  A shell without job control would have it
# ignore SIGINT.
start()
{
	# Opened for both ends, or open() would wait for the other one.
	exec 9<>$here/alive 8<$here/alive
	env --default-signal=INT,QUIT setsid "$mxdrill" "$@" \
	    >"$output" 2>$here/out.err </dev/null 8<&- &
	pid=$!
	exec 9>&-
}

interrupted()
{
	mkfifo $here/line
	output=$here/line start run -j2 --out $here/out.d seed/ retry/ \
	    --mta "$1"
	# The first verdict says that all is under way.
	exec 7<$here/line
	IFS= read -r first <&7
	kill -INT -$pid
	cat <&7 >$here/out.rest 8<&- &
	exec 7<&-
	wait $pid
	got=$?
	wait
	rm -f $here/line
	echo "after: $first"
	[ $got -eq 130 ] || {
		echo "exit $got, expected 130"
		cat $here/out.err
		return 1
	}
	grep -q interrupted $here/out.err && wait_for_end
}

# kill_at DELAY MTA JOBS: of one job at a time the next is made ahead.
kill_at()
{
	output=$here/out.run start run -j"$3" --out $here/out.d --mta "$2"
	sleep "$1"
	kill -KILL $pid
	wait $pid 2>/dev/null
	wait_for_end || {
		echo "killed after $1 s on $2, -j$3"
		return 1
	}
}

# Moments from nothing at all to a run in full swing.
killed_often()
{
	n=0
	for delay in $(awk -v n="$1" -v max="$2" -v seed="${SEED:-$$}" 'BEGIN {
	    srand(seed)
	    for (i = 0; i < n; i++) printf "%.3f\n", rand() * max }'); do
		kill_at "$delay" "$3" $((n % 2 + 1)) || return 1
		n=$((n + 1))
	done
	[ $n -eq "$1" ]
}

# The test sees what is left: a process, a mount and a file of its own.
sees_leftovers()
{
	state >$here/state.x
	sleep 1000 &
	witness=$!
	mkdir /tmp/witness
	mount -t tmpfs none /tmp/witness
	state >$here/state.now
	umount /tmp/witness
	rmdir /tmp/witness
	kill $witness
	wait $witness 2>/dev/null
	grep -q '^process .*sleep 1000' $here/state.now &&
	    grep -q '^mount .*/tmp/witness' $here/state.now &&
	    grep -q '^file /tmp/witness' $here/state.now
}

state >$here/state.before
check 'leftovers: the test would see them' sees_leftovers
check 'leftovers: none after ^C, exit 130' interrupted reference
check "leftovers: none after $kills times kill -9 on the reference engine" \
    killed_often "$kills" 1.2 reference
if can_postfix; then
	state >$here/state.before
	check 'leftovers: none after ^C on Postfix, exit 130' \
	    interrupted postfix
	check 'leftovers: none after 10 times kill -9 on Postfix' \
	    killed_often 10 4 postfix
else
	skip 'leftovers: Postfix' "$why"
fi
finish
