#!/bin/sh
# An ordinary user: the reference engine with plain user namespaces; Postfix
# with ranges of user ids, and without them a word about what is missing.
#
# Run by root it becomes nobody, in a mount namespace with a /dev/net/tun of
# mode 0666 and /etc/subuid and /etc/subgid of its own.
. "$(dirname "$0")/lib.sh"

if [ "${1-}" != inside ]; then
	can_lab || {
		skip user "$("$mxdrill" doctor | sed -n 's/^MISSING *//p' |
		    head -n 1)"
		exit 0
	}
	if [ "$(id -u)" -ne 0 ]; then
		skip user 'needs root to become somebody else; the other scripts ran as a user'
		exit 0
	fi
	can_postfix && MXDRILL_STORE=$(dirname "$(dirname "$(dirname "$(
	    "$top/harness/mta/store" path postfix)")")") &&
	    export MXDRILL_STORE
	TEST_TMP=$tmp unshare --mount sh "$top/tests/integration/user.sh" inside
	exit
fi

# All that is mounted goes when this namespace does.
# A place that nobody can enter, whatever the folders above our tree allow.
here=$tmp/root
mkdir -p "$here"
chmod 711 "$tmp"
mount -t tmpfs none "$here"
mkdir "$here/tree" "$here/dev" "$here/store" "$here/work"
mount --bind "$top" "$here/tree"
mknod "$here/dev/tun" c 10 200
chmod 666 "$here/dev/tun"
mkdir -p /dev/net
mount --bind "$here/dev" /dev/net
if [ -n "${MXDRILL_STORE-}" ]; then
	mount --bind "$MXDRILL_STORE" "$here/store"
	export MXDRILL_STORE="$here/store"
fi
chown 65534:65534 "$here/work"
cd "$here/work" || exit 1

# Both files are covered, also where the machine has ranges for nobody.
ranges()
{
	for f in subuid subgid; do
		printf '%s' "$1" >"$tmp/$f"
		chmod 644 "$tmp/$f"
		[ -e /etc/$f ] || : >/etc/$f
		umount /etc/$f 2>/dev/null
		mount --bind "$tmp/$f" /etc/$f
	done
}

as_nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups \
	    env HOME="$here/work" "$here/tree/${bin#"$top"/}/mxdrill" "$@"
}

engine_passes()
{
	exits 0 as_nobody run -j2 --out "$here/work/seed" seed/ || return 1
	n=$(jq '[.runs[] | select(.result == "ok")] | length' \
	    "$here/work/seed/results.json")
	[ "$n" -ge 10 ] || { echo "$n runs"; return 1; }
	same 65534 "$(stat -c %u "$here/work/seed/results.json")"
}

# An installation that root made: nobody runs it, into ./runs.
installed_passes()
{
	make -s -C "$top" FLAVOUR="${FLAVOUR:-release}" install prefix=/usr \
	    DESTDIR="$here/image" && umask 022 || return 1
	PATH=$here/image/usr/bin:$PATH
	exits 0 setpriv --reuid=65534 --regid=65534 --clear-groups \
	    env HOME="$here/work" mxdrill run \
	    session/greeting-of-three-lines || return 1
	same 'mxdrill run session/greeting-of-three-lines --mta reference' \
	    "$(jq -r '.runs[].rerun' runs/last/results.json)"
}

doctor_tells()
{
	exits 3 as_nobody doctor || return 1
	says out 'MISSING' 'usermod --add-subuids' || return 1
	# It is Postfix that lacks something, not the engine.
	sed '/^For real/,$d' "$tmp/out" | grep -q MISSING || return 0
	cat "$tmp/out"
	return 1
}

postfix_says_why()
{
	exits 3 as_nobody run --mta postfix --out "$here/work/no" \
	    session/greeting-of-three-lines || return 1
	same 1 "$(jq '.runs | length' "$here/work/no/results.json")" &&
	    says out 'usermod --add-subuids'
}

postfix_delivers()
{
	exits 0 as_nobody run --mta postfix --out "$here/work/pf" \
	    session/greeting-of-three-lines || return 1
	same delivered-at-once "$(jq -r '.runs[].units[] |
	    select(.control | not) | .verdict' "$here/work/pf/results.json")"
}

ranges ''
check 'user: the reference engine passes with plain user namespaces' \
    engine_passes
check 'user: an installed mxdrill passes, too' installed_passes
check 'user: doctor says what is missing for Postfix' doctor_tells
if [ -n "${MXDRILL_STORE-}" ]; then
	check 'user: without ranges Postfix is one explained ERROR' \
	    postfix_says_why
	if command -v newuidmap >/dev/null; then
		ranges 'nobody:200000:65536
'
		check 'user: doctor is content with ranges of ids' \
		    exits 0 as_nobody doctor
		check 'user: with ranges of ids Postfix delivers' \
		    postfix_delivers
	else
		skip 'user: with ranges of ids Postfix delivers' \
		    'no newuidmap'
	fi
else
	skip 'user: Postfix' "$why"
fi
finish
