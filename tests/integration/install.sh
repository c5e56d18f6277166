#!/bin/sh
# make install, make uninstall and make deb: what they put somewhere runs
# from there, and the manual pages are clean.
. "$(dirname "$0")/lib.sh"

quick=session/greeting-of-three-lines

in_tree()
{
	make -s -C "$top" FLAVOUR="${FLAVOUR:-release}" "$@"
}

files_below()
{
	(cd "$1" && find . \( -type f -o -type l \) -printf '%m %y %P\n' |
	    sort -k 3)
}

# --- install ---

installs()
{
	in_tree install DESTDIR="$tmp/image" prefix=/usr || return 1
	files_below "$tmp/image" >"$tmp/installed"
	for f in usr/bin/mxdrill usr/lib/mxdrill/refmta \
	    usr/lib/mxdrill/libmxclock.so usr/share/man/man1/mxdrill.1 \
	    usr/share/man/man5/mxdrill-scenario.5 \
	    usr/share/man/man7/mxdrill-adapter.7 \
	    usr/share/bash-completion/completions/mxdrill \
	    usr/share/zsh/site-functions/_mxdrill \
	    usr/share/doc/mxdrill/README.md; do
		[ -f "$tmp/image/$f" ] || { echo "no $f"; return 1; }
	done
}

# Everything is found from the program's place, nothing in the tree.
runs_from_anywhere()
{
	mkdir -p "$tmp/work" && cd "$tmp/work" || return 1
	(PATH=$tmp/image/usr/bin:$PATH
	"$mxdrill" list >"$tmp/want" &&
	    mxdrill list | cmp - "$tmp/want" &&
	    exits 0 lints_and_runs) || return 1
	same "mxdrill run $quick --mta reference" \
	    "$(jq -r '.runs[].rerun' runs/last/results.json)"
}

lints_and_runs()
{
	mxdrill lint && mxdrill run $quick
}

# The functions that shell adapters share are installed with them.
shell_adapter_runs()
{
	cd "$tmp/work" || return 1
	exits 0 "$tmp/image/usr/bin/mxdrill" run --mta postfix --out pf $quick
}

# Out of PATH the rerun command is the whole path.
rerun_has_its_path()
{
	cd "$tmp/work" || return 1
	exits 0 "$tmp/image/usr/bin/mxdrill" run --out p $quick || return 1
	command=$(jq -r '.runs[].rerun' p/results.json)
	exits 0 sh -c "$command --out again"
}

# GNU's folders, each elsewhere.
other_folders()
{
	in_tree install prefix="$tmp/o/p" bindir="$tmp/o/b" \
	    libdir="$tmp/o/l/x86" datadir="$tmp/o/d" mandir="$tmp/o/m" ||
		return 1
	"$tmp/o/b/mxdrill" list | cmp - "$tmp/want" &&
	    [ -f "$tmp/o/m/man1/mxdrill.1" ]
}

uninstalls()
{
	in_tree uninstall DESTDIR="$tmp/image" prefix=/usr || return 1
	find "$tmp/image" ! -type d >"$tmp/left"
	[ ! -s "$tmp/left" ] || { cat "$tmp/left"; return 1; }
}

# --- the manual pages ---

# All in one folder: mandoc looks for SEE ALSO where it stands.
pages_are_clean()
{
	rm -rf "$tmp/pages" && mkdir "$tmp/pages" && cd "$tmp/pages" ||
		return 1
	for p in mxdrill.1 mxdrill-scenario.5 mxdrill-adapter.7; do
		"$mxdrill" help --man $p >$p
	done
	for p in *; do
		mandoc -T lint "$p" || return 1
		LC_ALL=C.UTF-8 MANWIDTH=79 man --warnings -l "$p" \
		    >"$p.txt" 2>"$tmp/err" || return 1
		[ ! -s "$tmp/err" ] || { cat "$tmp/err"; return 1; }
	done
}

# What the tables have, the pages have.
pages_tell_all()
{
	"$mxdrill" help | sed -n 's/^  \(mxdrill [a-z]*\).*/\1/p' \
	    >"$tmp/commands"
	[ "$(wc -l <"$tmp/commands")" -ge 9 ] || return 1
	while read -r c; do
		grep -qF -e "$c" "$tmp/pages/mxdrill.1.txt" || {
			echo "no $c"
			return 1
		}
	done <"$tmp/commands"
	"$mxdrill" schema | jq -r '.. | .properties? // empty | keys[]' |
	    sort -u >"$tmp/keys"
	while read -r k; do
		grep -qE "^ +$k( |\$)" "$tmp/pages/mxdrill-scenario.5.txt" || {
			echo "no key $k"
			return 1
		}
	done <"$tmp/keys"
	for v in setup collect MXDRILL_RELAY_DOMAIN 89; do
		grep -qE "^ +$v( |\$)" "$tmp/pages/mxdrill-adapter.7.txt" || {
			echo "no $v"
			return 1
		}
	done
}

# --- the package ---

makes_a_package()
{
	"$top/tools/make-deb.sh" "$tmp/deb" || return 1
	deb=$(ls "$tmp"/deb/mxdrill_*.deb)
	lintian --allow-root --fail-on error,warning "$deb"
}

package_is_told_right()
{
	deb=$(ls "$tmp"/deb/mxdrill_*.deb)
	same "mxdrill $(dpkg-deb -f "$deb" Version)" \
	    "$("$mxdrill" --version)" || return 1
	for lib in $(ldd "$mxdrill" | awk '/^\t/ { print $1 }' |
	    grep -o '^lib[a-z]*' | grep -Ev '^lib(c|m|ssl)$'); do
		dpkg-deb -f "$deb" Depends | grep -q "$lib" ||
		    case $lib in libcrypto) ;; *)
			echo "Depends: no $lib"
			return 1 ;;
		    esac
	done
}

package_runs()
{
	rm -rf "$tmp/unpacked"
	dpkg -x "$(ls "$tmp"/deb/mxdrill_*.deb)" "$tmp/unpacked" || return 1
	cd "$tmp/work" || return 1
	p=$tmp/unpacked/usr/bin/mxdrill
	"$p" list | cmp - "$tmp/want" && exits 0 "$p" lint || return 1
	can_lab || return 0
	exits 0 "$p" run --out deb $quick
}

check 'install: DESTDIR and prefix' installs
if can_lab; then
	check 'install: runs from any folder' runs_from_anywhere
	check 'install: out of PATH, the rerun command has the whole path' \
	    rerun_has_its_path
	if can_postfix; then
		check 'install: an adapter that is a shell script runs' \
		    shell_adapter_runs
	else
		skip 'install: an adapter that is a shell script runs' "$why"
	fi
else
	"$mxdrill" list >"$tmp/want"
	skip 'install: runs from any folder' 'no namespaces'
fi
mkdir -p "$tmp/work"
check 'install: every folder may be elsewhere' other_folders
check 'install: uninstall leaves nothing' uninstalls
if command -v mandoc >/dev/null; then
	check 'install: mandoc and man have no word against the pages' \
	    pages_are_clean
	check 'install: the pages tell all that the tables have' \
	    pages_tell_all
else
	skip 'install: manual pages' 'no mandoc'
fi
if command -v dh >/dev/null && command -v lintian >/dev/null; then
	check 'install: make deb makes a package that lintian likes' \
	    makes_a_package
	check 'install: the package tells its version and libraries' \
	    package_is_told_right
	check 'install: the package runs from where it was unpacked' \
	    package_runs
else
	skip 'install: make deb' 'no debhelper, no lintian'
fi
finish
