#!/bin/sh
# The language end to end: each file of language/ passes on the reference, and
# its trace shows that the words did what they say.
. "$(dirname "$0")/lib.sh"

# runs NAME PATTERN...: the file passes, and each pattern is in its trace
runs()
{
	file=$top/tests/integration/language/$1.yaml out=$tmp/$1
	"$mxdrill" run "$file" --out "$out" || return 1
	trace=$(find "$out" -path "*/language/$1/trace.jsonl")
	shift
	for pattern; do
		grep -E -- "$pattern" "$trace" >/dev/null || {
			echo "no $pattern in"
			cat "$trace"
			return 1
		}
	done
}

check 'quoted local parts are addresses in mail, rules and expectations' \
    runs quoted 'RCPT TO:<.*john@home' 'MAIL FROM:<.*john doe\+m1.*@s.test>'
check 'first: counts what a rule matches, connections or transactions' \
    runs transactions 'the first connection with a report' \
    'the second transaction'
check 'sender-domains: healthy gives every sender a mailbox' \
    runs senders '"smtp.copy","host":"mx.senders.test".*company.test' \
    'three 3\+m3.*@other.test'
check 'an envelope id goes over the wire as xtext' \
    runs envid 'MAIL FROM:<.*ENVID=job\+204\+2B2\+3D6'
check 'a rule for all hosts of a domain is met at each' \
    runs every-host 'mx1.*421 4.3.2 everyone' 'mx2.*421 4.3.2 everyone'
check 'replies and DNS answers in pieces are read as whole ones' \
    runs pieces '"action":"raw"' '"dns.reply".*"net":"tcp"|tcp.*MX'
check 'a message has a header and a body of its own' \
    runs content 'BODY=8BITMIME'
check 'DNS rules tell queries by EDNS and by case' \
    runs queries
check 'what is killed while it restarts is started once' \
    runs killed-restart '"mta","action":"kill"|"kill"'

exit $failed
