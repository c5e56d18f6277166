#!/bin/sh
# copy-tree.sh FROM TO: the files of a folder with modes that everybody can
# read, and nothing that an editor or a version control system left there.
set -eu

from=$1 to=$2
rm -rf "$to"
find "$from" \( -name '.*' -o -name '*~' -o -name '*.orig' \) -prune -o \
    \( -type f -o -type l \) -printf '%P\n' | while IFS= read -r f; do
	mode=644
	[ -x "$from/$f" ] && mode=755
	install -D -m $mode "$from/$f" "$to/$f"
done
