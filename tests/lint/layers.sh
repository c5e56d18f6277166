#!/bin/sh
# Checks the arrows of the house: which folder may include which.
# Fails with FILE:LINE.
set -eu
cd "${1:-$(dirname "$0")/../..}"

grep -rnE '^[[:space:]]*#[[:space:]]*include' --include='*.[ch]' \
    fake_dns fake_smtp harness reference_impl 2>/dev/null |
awk -F: '
function dir(f) { sub(/\/[^\/]*$/, "", f); return f }
function allow(from, list) { ok[from] = " " from " " list " " }
function complain(why) {
	printf "%s:%s: %s\n", $1, $2, why
	bad = 1
}
BEGIN {
	b = "harness/base"
	fakes = b " fake_dns fake_smtp"
	allow(b, "")
	allow("fake_dns", b)
	allow("fake_smtp", b)
	allow("harness/clock", "")
	# The language speaks of net rules, the lab of connects.
	allow("harness/scenario", fakes \
	    " harness/lab/net_rule.h harness/lab/places.h")
	allow("harness/lab", b " fake_smtp/rule.h harness/clock/page.h" \
	    " harness/clock/kernel.h")
	allow("harness/dsn", b)
	allow("harness/judge", fakes " harness/scenario harness/lab/places.h")
	known = fakes " harness/scenario harness/judge"
	allow("harness/baseline", known)
	# A report asks the judgement, never what the judge worked it out from.
	told = fakes " harness/scenario harness/baseline" \
	    " harness/judge/judge.h harness/judge/result.h" \
	    " harness/judge/verdict.h harness/judge/profile.h"
	allow("harness/report", told)
	allow("harness/report/html", told " harness/report")
	run = known " harness/dsn harness/baseline harness/lab"
	allow("harness/run", run " harness/report")
	# Makes scenarios up, as text; runs them like any other.
	allow("harness/explore", run " harness/run")
	allow("harness/main", run " harness/report harness/run" \
	    " harness/explore")
	allow("reference_impl", b)
}
{
	from = dir($1)
	line = $0
	sub(/^[^:]*:[^:]*:/, "", line)
	if (line ~ /<ldns\// && from != "fake_dns" && from != "reference_impl")
		complain("only fake_dns and reference_impl know ldns")
	if (line ~ /<openssl\// && $1 !~ /_tls\.c$/ &&
	    $1 != "harness/run/compose.c" &&
	    $1 != "harness/dsn/encoding.c")
		complain("OpenSSL lives in *_tls.c")
	if (line !~ /"/)
		next
	sub(/^[^"]*"/, "", line)
	sub(/".*/, "", line)
	if (!(from in ok))
		complain("folder " from " is not in tests/lint/layers.sh")
	else if (!index(ok[from], " " dir(line) " ") &&
	    !index(ok[from], " " line " "))
		complain(from " must not include " line)
}
END { exit bad }'
