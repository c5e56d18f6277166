# shellcheck shell=sh
# fake_smtp beside Postfix's smtp-sink under smtp-source.  Sourced by run.sh.
#
# smtp-source is as dear as any of the servers and most of a message's price
# is the kernel's: the rate says whether a server keeps up with it, the
# server's own CPU time says what a message costs the server.

SMTP_MESSAGES=${SMTP_MESSAGES:-20000}
SMTP_LOAD="smtp-source -s 10 -m $SMTP_MESSAGES -l 2048"

smtp_source()
{
	LD_LIBRARY_PATH=$postfix/usr/lib/postfix "$postfix/usr/sbin/smtp-source" \
	    -f sender@bench.test -t rcpt@bench.test "$@"
}

# smtp_round NAME PORT PID: adds to NAME.rate and NAME.cpu.
smtp_round()
{
	used=$(cpu_ticks "$3")
	start=$(now_ns)
	smtp_source -s 10 -m "$SMTP_MESSAGES" -l 2048 "127.0.0.1:$2" \
	    2>> "$tmp/smtp-source" || return
	end=$(now_ns)
	awk -v n="$SMTP_MESSAGES" -v ns=$((end - start)) \
	    'BEGIN { printf "%.0f\n", n / ns * 1e9 }' >> "$tmp/$1.rate"
	awk -v n="$SMTP_MESSAGES" -v t=$(($(cpu_ticks "$3") - used)) \
	    -v hz="$ticks" 'BEGIN { printf "%.1f\n", t / hz / n * 1e6 }' \
	    >> "$tmp/$1.cpu"
}

# smtp_rows CANDIDATE WORDS
smtp_rows()
{
	compare "SMTP messages/s, $2; smtp-sink" "$1.rate" sink.rate more \
	    "$SMTP_LOAD"
	compare "SMTP server CPU us/message, $2; smtp-sink" "$1.cpu" \
	    sink.cpu less "$SMTP_LOAD"
}

bench_smtp()
{
	if ! postfix=$("$store" get postfix); then
		missing "SMTP" "no Postfix for smtp-source and smtp-sink"
		return
	fi
	say "smtp: $rounds rounds of $SMTP_LOAD"
	user=
	[ "$(id -u)" -ne 0 ] || user="-u nobody"	# it insists as root
	p0=$("$bin/port" free)
	server_start "$p0" "$bin/smtp_server" 127.0.0.1 "$p0" || return
	pid0=$server_pid
	p10=$("$bin/port" free)
	server_start "$p10" "$bin/smtp_server" 127.0.0.1 "$p10" 10 || return
	pid10=$server_pid
	sink=$("$bin/port" free)
	# shellcheck disable=SC2086
	server_start "$sink" env LD_LIBRARY_PATH="$postfix/usr/lib/postfix" \
	    "$postfix/usr/sbin/smtp-sink" $user "127.0.0.1:$sink" 1000 ||
	    return
	for p in "$p0" "$p10" "$sink"; do	# warm
		smtp_source -s 10 -m 500 -l 2048 "127.0.0.1:$p"
	done
	i=0
	while [ $i -lt "$rounds" ]; do
		smtp_round empty "$p0" "$pid0"
		smtp_round sink "$sink" "$server_pid"
		smtp_round rules "$p10" "$pid10"
		i=$((i + 1))
	done
	servers_stop
	[ ! -s "$tmp/smtp-source" ] ||
	    missing "SMTP" "smtp-source: $(head -n 1 "$tmp/smtp-source")"
	smtp_rows empty "no rules"
	smtp_rows rules "10 rules"
}
