#!/bin/sh
# make-deb.sh DIR: the Debian package of this tree in DIR, from what make has
# built; prints its path.  The packaging itself is in debian/.
set -eu

tree=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
rm -rf "$out/work" "$out"/*.deb
mkdir "$out/work"
cp -R "$tree/debian" "$out/work/debian"
trap 'rm -rf "$out/work"' EXIT
trap 'exit 130' INT TERM HUP

cd "$out/work"
# Its own variables (prefix, FLAVOUR) are not for the package.
unset MAKEFLAGS MAKELEVEL MFLAGS
TREE=$tree DEB_BUILD_OPTIONS="noautodbgsym ${DEB_BUILD_OPTIONS-}" \
    dpkg-buildpackage -b -us -uc >"$out/build.log" 2>&1 || {
	tail -n 40 "$out/build.log" >&2
	exit 1
}
mv "$out"/mxdrill_*.buildinfo "$out"/mxdrill_*.changes "$out/work"
ls "$out"/mxdrill_*.deb
