#!/bin/sh
# `make run`: the core scenarios on the reference engine and on Debian's
# Postfix.  What Postfix gets wrong is a finding, not a failure of this
# script; that it could not be asked is said, with the reason.
set -u
cd "$(dirname "$0")/.."

./mxdrill run -j2 --tag core --mta reference || exit

if ! ./mxdrill doctor >/dev/null; then
	printf '\nPostfix is left out; mxdrill doctor says why:\n'
	./mxdrill doctor | sed -n '/^For real/,$p'
	exit 0
fi
echo
./mxdrill run -j2 --tag core --mta postfix
status=$?
[ $status -eq 1 ] && echo 'Postfix: the failures above are its own' \
    '(harness/mta/postfix/README.md)' && exit 0
exit $status
