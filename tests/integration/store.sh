#!/bin/sh
# The store of MTAs: packages of one's own side by side, checksums, gets at
# the same time, nothing left of what was interrupted.  No network.
. "$(dirname "$0")/lib.sh"

MXDRILL_STORE=$tmp/store
export MXDRILL_STORE

# package VERSION: a small package named postfix, as $tmp/VERSION.deb.
package()
{
	rm -rf "$tmp/deb"
	mkdir -p "$tmp/deb/DEBIAN" "$tmp/deb/usr/sbin" "$tmp/deb/lib/x"
	cat >"$tmp/deb/DEBIAN/control" <<-!
	Package: postfix
	Version: $1
	Architecture: all
	Maintainer: nobody <nobody@example.com>
	Depends: libc6 (>= 2.0) | libnothing, adduser
	Description: a test
	!
	echo "$1" >"$tmp/deb/usr/sbin/postfix"
	echo lib >"$tmp/deb/lib/x/y"
	dpkg-deb -Znone -b "$tmp/deb" "$tmp/$1.deb" >/dev/null
}

holds_versions_side_by_side()
{
	package 3.7.90-1
	package 3.7.91-1
	for v in 3.7.91-1 3.7.90-1; do
		exits 0 "$mxdrill" mta add postfix "$tmp/$v.deb" &&
		    says out "$tmp/store/postfix/$v/root" || return 1
	done
	exits 0 "$mxdrill" mta path postfix && says out /3.7.91-1/ || return 1
	exits 0 "$mxdrill" mta path postfix=3.7.90 && says out /3.7.90-1/ ||
		return 1
	tree=$(cat "$tmp/out")
	same 3.7.90-1 "$(cat "$tree/usr/sbin/postfix")" &&
	    test -f "$tree/usr/lib/x/y" && test ! -e "$tree/lib" || return 1
	exits 0 "$mxdrill" mta list postfix &&
	    says out "3.7.90-1" "3.7.91-1" "$(date +%F)" "$tree"
}

gets_at_the_same_time()
{
	package 3.7.92-1
	for i in 1 2 3; do
		"$mxdrill" mta add postfix "$tmp/3.7.92-1.deb" \
		    >"$tmp/add.$i" 2>&1 &
		eval "pid$i=\$!"
	done
	wait "$pid1" && wait "$pid2" && wait "$pid3" || return 1
	same "$(cat "$tmp/add.1")" "$(cat "$tmp/add.3")" &&
	    exits 0 "$mxdrill" mta verify postfix=3.7.92
}

sees_damage()
{
	exits 0 "$mxdrill" mta verify &&
	    says out 'postfix 3.7.90-1: as it was fetched' || return 1
	echo more >>"$tmp/store/postfix/3.7.91-1/root/usr/sbin/postfix"
	exits 1 "$mxdrill" mta verify postfix &&
	    says out 'usr/sbin/postfix: FAILED' \
	    '3.7.91-1: not as it was fetched' || return 1
	: >"$tmp/store/postfix/3.7.90-1/root/usr/more"
	exits 1 "$mxdrill" mta verify postfix=3.7.90 &&
	    says out '3 files, 2 were fetched' || return 1
	# It was never Debian's: nobody but its owner can bring it again.
	exits 1 "$mxdrill" mta get postfix=3.7.90 && says err \
	    'fetching it again' 'apt has no postfix 3.7.90-1' || return 1
	exits 0 "$mxdrill" mta add postfix "$tmp/3.7.90-1.deb" &&
	    exits 0 "$mxdrill" mta verify postfix=3.7.90
}

# What a get that was killed has left is swept up by the next.
leaves_nothing()
{
	mkdir "$tmp/store/postfix/.new.killed"
	echo no package >"$tmp/bad.deb"
	exits 1 "$mxdrill" mta add postfix "$tmp/bad.deb" || return 1
	exits 0 "$mxdrill" mta add postfix "$tmp/3.7.91-1.deb" || return 1
	same '3.7.90-1 3.7.91-1 3.7.92-1' \
	    "$(cd "$tmp/store/postfix" && find . -mindepth 1 -maxdepth 1 \
	    ! -name .lock -printf '%f\n' | sort | xargs)"
}

answers_what_is_wrong()
{
	exits 2 "$mxdrill" mta gte postfix && says err 'did you mean "get"' &&
	    exits 2 "$mxdrill" mta get postfx &&
	    says err 'did you mean "postfix"' &&
	    exits 2 "$mxdrill" mta get reference &&
	    says err 'nothing to fetch' &&
	    exits 1 "$mxdrill" mta get postfix=99.9 &&
	    says err 'no postfix version 99.9' 'mxdrill mta list postfix' &&
	    exits 1 "$mxdrill" mta path postfix=99.9 &&
	    says err 'mxdrill mta get postfix=99.9'
}

check 'versions lie side by side' holds_versions_side_by_side
check 'gets may run at the same time' gets_at_the_same_time
check 'damage is seen and mended' sees_damage
check 'an interrupted get leaves nothing' leaves_nothing
check 'a wrong question is answered' answers_what_is_wrong
finish
