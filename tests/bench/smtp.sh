# shellcheck shell=sh
# fake_smtp beside Postfix's smtp-sink under smtp-source.  Sourced by run.sh.
#
# smtp-source is as dear as any of the servers, and most of a message's price is
# the kernel's.  On two CPUs the rate says no more than whether a server keeps
# up with the client; on one, which is what everybody in a lab shares, it says
# what a message costs.  The server's own CPU time says what it costs the server.

SMTP_MESSAGES=${SMTP_MESSAGES:-20000}
SMTP_LOAD="smtp-source -s 10 -m $SMTP_MESSAGES -l 2048"

smtp_source()
{
	LD_LIBRARY_PATH=$postfix/usr/lib/postfix "$postfix/usr/sbin/smtp-source" \
	    -f sender@bench.test -t rcpt@bench.test "$@"
}

# smtp_round NAME PORT PID CPUS: adds to NAME.rate and NAME.cpu.
smtp_round()
{
	taskset -a -cp "$4" "$3" > "$tmp/taskset" || return
	taskset -cp "$4" $$ > "$tmp/taskset" || return
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
	compare "SMTP messages/s on one CPU, $2; smtp-sink" "one.$1.rate" \
	    one.sink.rate more "taskset -c 0 $SMTP_LOAD"
	compare "SMTP server CPU us/message, $2; smtp-sink" "one.$1.cpu" \
	    one.sink.cpu less "taskset -c 0 $SMTP_LOAD"
	compare "SMTP messages/s on two CPUs, $2; smtp-sink" "two.$1.rate" \
	    two.sink.rate more "$SMTP_LOAD"
}

# smtp_rounds NAME CPUS
smtp_rounds()
{
	i=0
	while [ $i -lt "$rounds" ]; do
		smtp_round "$1.empty" "$p0" "$pid0" "$2"
		smtp_round "$1.sink" "$sink" "$server_pid" "$2"
		smtp_round "$1.rules" "$p10" "$pid10" "$2"
		i=$((i + 1))
	done
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
	cpus=$(taskset -cp $$ | sed 's/.*: //')
	smtp_rounds one "${cpus%%[,-]*}"
	smtp_rounds two "$cpus"
	servers_stop
	[ ! -s "$tmp/smtp-source" ] ||
	    missing "SMTP" "smtp-source: $(head -n 1 "$tmp/smtp-source")"
	smtp_rows empty "no rules"
	smtp_rows rules "10 rules"
}
