#!/bin/sh
# Installs what mxdrill needs on Debian 12: tools/install.sh [build] [test]
# [bench] [deb]; nothing said: build and test.  Does nothing when all is there.
set -eu

build="gcc libc6-dev make pkg-config libevent-dev libldns-dev libfyaml-dev
    libjansson-dev libssl-dev uthash-dev"
test="check libsubunit-dev lcov iproute2 uidmap jq tcpdump clang-14
    libclang-rt-14-dev libxml2-utils chromium python3 python3-yaml
    fonts-dejavu-core cmark-gfm perl"
# Haraka comes from npm.  Node.js of elsewhere brings an npm of its own.
command -v npm >/dev/null || test="$test npm"
bench="dnsperf clang-14 libclang-rt-14-dev clang-format-14"
deb="debhelper dpkg-dev"
# What reads our manual pages, completions, packages, packets and paper.
test="$test bash zsh mandoc man-db groff-base tshark poppler-utils
    lintian"

[ $# -gt 0 ] || set -- build test
want=
for list in "$@"; do
	case $list in
	build)	want="$want $build" ;;
	test)	want="$want $test $deb" ;;
	deb)	want="$want $deb" ;;
	bench)	want="$want $bench" ;;
	*)	echo "install.sh: no list '$list'" >&2; exit 2 ;;
	esac
done

# shellcheck disable=SC2086
have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $want \
    2>/dev/null | sed -n 's/^installed //p') || :
missing=
for p in $want; do
	case "
$have
" in
	*"
$p
"*)	;;
	*)	missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		echo "install.sh: as root: apt-get install$missing" >&2
		exit 1
	}
	sudo=sudo
fi
echo "install.sh: installing$missing"

# A package's service must not start: invoke-rc.d asks policy-rc.d.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
	$sudo chmod 755 $policy
	trap '$sudo rm -f $policy' EXIT
	trap 'exit 130' INT TERM HUP
fi
$sudo apt-get -q update
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    install --no-install-recommends $missing
