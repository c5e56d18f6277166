#!/bin/sh
# MTAs that mxdrill does not run: `--mta attach:...` judges one that runs in
# another network namespace, made here, and `serve` keeps the fakes up for it.
# Both in real time, at twenty times its speed.
. "$(dirname "$0")/lib.sh"

if [ "${1-}" != inside ]; then
	own=
	[ "$(id -u)" -eq 0 ] || own=--map-root-user
	unshare $own --net --mount true 2>/dev/null || {
		skip elsewhere 'no namespaces can be made'
		exit 0
	}
	TEST_TMP=$tmp unshare $own --net --mount sh \
	    "$top/tests/integration/elsewhere.sh" inside
	exit
fi

# The machine of the MTA; it goes when this mount namespace does.
: >"$tmp/machine"
unshare --net="$tmp/machine" true
there="nsenter --net=$tmp/machine"
ip link set lo up
ip link add here type veth peer name there
ip link set there netns "$tmp/machine"
ip link set here up
for i in 1 11 12 13 14 15 16 17 18; do
	ip addr add 10.9.0.$i/24 dev here
done
$there ip link set lo up
$there ip addr add 10.9.0.2/24 dev there
$there ip link set there up
echo 'nameserver 10.9.0.1' >"$tmp/resolv.conf"

mta=
end_mta()
{
	[ -z "$mta" ] || {
		kill "$mta"
		wait "$mta"
	} 2>/dev/null
	mta=
}
trap end_mta EXIT
trap 'exit 130' INT TERM HUP

# start_mta FIRST-RETRY LIFE [OPTION...]: in seconds of real time; the
# profile says what they are at twenty times the speed.
start_mta()
{
	end_mta
	rm -rf "$tmp/mta"
	cat >"$tmp/profile" <<-!
	# what is known of the machine
	name=machine
	first-retry=$(($1 * 20))s
	max-retry=$(($1 * 40))s
	queue-run=0s
	life=$(($2 * 20))s
	life-null=$(($2 * 20))s
	connect-timeout=30s
	dns-timeout=40s
	host-cache=60s
	address-limit=16
	capabilities=dsn 8bitmime
	queue-listing=proven
	!
	first=$1 life=$2
	shift 2
	$there "$refmta" --dir "$tmp/mta" --hostname mta.sut.test \
	    --listen 10.9.0.2 --client 10.9.0.1 \
	    --resolv "$tmp/resolv.conf" --set first-retry="${first}s" \
	    --set max-retry=$((first * 2))s --set life="${life}s" \
	    --set life-null="${life}s" --set warn=0s --set dns-try=1s \
	    --set host-cache=3s "$@" >"$tmp/mta.log" 2>&1 &
	mta=$!
}

attach="attach:submit=10.9.0.2:25,profile=$tmp/profile"
queue="queue=$refmta --queue $tmp/mta"
places='--dns 10.9.0.1:53 --smtp 10.9.0.11:25 --speed 20'

# judged STATUS "OUTCOMES" MTA SCENARIO...
judged()
{
	want=$1 lines=$2 m=$3
	shift 3
	# shellcheck disable=SC2086
	exits "$want" "$mxdrill" run "$@" --mta "$m" $places \
	    --out "$tmp/run" || return 1
	same "$lines" "$(outcomes "$tmp/run" | sed 's/ attach:[^ ]*//')"
}

quick=session/greeting-of-three-lines

needs_its_options()
{
	exits 2 "$mxdrill" run $quick --mta attach &&
	    says err 'expected submit=HOST:PORT' || return 1
	exits 2 "$mxdrill" run $quick --mta attach:submit=10.9.0.2:x &&
	    says err 'expected HOST:PORT' || return 1
	exits 2 "$mxdrill" run $quick --mta "$attach" &&
	    says err 'there is no such file' || return 1
	echo 'first-retry: 3s' >"$tmp/profile"
	exits 2 "$mxdrill" run $quick --mta "$attach" &&
	    says err '"first-retry: 3s": expected key=value' || return 1
	echo 'first-retry=3s' >"$tmp/profile"
	exits 2 "$mxdrill" run $quick --mta "$attach,submti=x" &&
	    says err 'did you mean "submit"' || return 1
	exits 2 "$mxdrill" run $quick --mta "$attach" --smtp mx1.r.test &&
	    says err 'expected HOST=ADDRESS'
}

judges_a_sound_mta()
{
	start_mta 3 60
	judged 0 "$quick ok -
dsn/refused-recipient ok -
greylist/plain/451 ok -" "$attach,$queue" $quick dsn/refused-recipient \
	    greylist/plain/451 || return 1
	# What was stored can be judged without the MTA.
	exits 0 "$mxdrill" judge "$tmp/run" && says out '3 ok'
}

# A queue that cannot be read leaves a delivery what it is.
does_without_the_queue()
{
	judged 0 "$quick ok -" "$attach" $quick
}

skips_what_needs_a_lab()
{
	judged 77 'net/icmp-all/icmp-host skip inconclusive
refusal/greeting-for-now/greet-450 skip inconclusive' "$attach,$queue" \
	    net/icmp-all/icmp-host refusal/greeting-for-now/greet-450 ||
		return 1
	says out "needs the lab's router" 'heals after 43200s'
}

# The message is there when the queue is first read, as with a busy MTA.
make_late_queue()
{
	cat >"$tmp/late-queue" <<-!
	[ -e $tmp/late ] || {
		: >$tmp/late
		echo '1 <sender@s.test> <user@r.test>'
		exit
	}
	exec $refmta --queue $tmp/mta
	!
}

catches_a_loss()
{
	lost=seed/ip-refused-and-other-undetermined/best-denies-servfail
	start_mta 90 21600 --bug q267245-drop
	make_late_queue
	judged 1 "$lost FAIL silent-drop" "$attach,queue=sh $tmp/late-queue" \
	    $lost || return 1
	says out 'was accepted and then lost' "--mta 'attach:submit=" \
	    '--smtp 10.9.0.11:25'
}

says_who_takes_its_place()
{
	exits 3 "$mxdrill" run $quick --mta "$attach" --dns 192.0.2.9:53 &&
	    says out 'cannot listen at 192.0.2.9:53 (--dns)'
}

# smtp FROM TO: hands a message to the MTA, reply by reply.
smtp()
{
	bash -c '
	exec 3<>/dev/tcp/10.9.0.2/25 || exit 1
	hear() {
		while IFS= read -r line <&3; do
			case $line in
			[23]??-*)	;;
			[23]*)		return ;;
			*)		echo "$line"; exit 1 ;;
			esac
		done
		exit 1
	}
	hear
	for command in "EHLO client.test" "MAIL FROM:<$1>" \
	    "RCPT TO:<$2>" DATA; do
		printf "%s\r\n" "$command" >&3
		hear
	done
	printf "Subject: by hand\r\n\r\nHello.\r\n.\r\n" >&3
	hear
	printf "QUIT\r\n" >&3
	hear' smtp "$1" "$2"
}

# heard WORDS: reads what `serve` prints until a line has them.
heard()
{
	while IFS= read -r line <&4; do
		printf '%s\n' "$line" >>"$tmp/served"
		case $line in *"$1"*) return 0 ;; esac
	done
	echo "'$1' was not said:"
	cat "$tmp/served"
	return 1
}

serves()
{
	start_mta 3 60
	mkfifo "$tmp/pipe"
	: >"$tmp/served"
	# shellcheck disable=SC2086
	timeout 100 "$mxdrill" serve greylist/plain/451 $places \
	    --out "$tmp/serve" \
	    >"$tmp/pipe" 2>&1 &
	server=$!
	exec 4<"$tmp/pipe"
	heard '^C ends it' || return 1
	# The MTA may not listen yet: it is asked until it does.
	until smtp me@s.test user@r.test >/dev/null 2>&1; do
		kill -0 "$mta" || return 1
	done
	heard 'RCPT 451' && heard 'message 250' || {
		kill "$server"
		return 1
	}
	kill -INT "$server"
	while IFS= read -r line <&4; do
		printf '%s\n' "$line" >>"$tmp/served"
	done
	wait "$server"
	same 0 $? || return 1
	says served 'name server' '10.9.0.1:53' '10.9.0.11:25' \
	    'DNS: r.test MX' 'mx1.r.test 10.9.0.11: ' 'saw ' \
	    '1 message taken' 'greylisting: ' "stored in $tmp/serve" ||
		return 1
	same 1 "$(jq .messages "$tmp/serve/served.json")" &&
	    test -s "$tmp/serve/trace.jsonl" &&
	    grep -q '^Hello.' "$tmp"/serve/mail-*.eml
}

serve_wants_one_scenario_that_can_be()
{
	exits 2 "$mxdrill" serve && says err 'expected one SCENARIO' ||
		return 1
	exits 2 "$mxdrill" serve net/icmp-all/icmp-host &&
	    says err 'cannot be served' || return 1
	exits 2 "$mxdrill" serve $quick --smtp mx9.r.test=127.0.0.1:2525 &&
	    says err 'no such host' || return 1
	exits 3 "$mxdrill" serve $quick --dns 192.0.2.9:53 &&
	    says err 'cannot listen at 192.0.2.9:53'
}

check 'attach says what it needs' needs_its_options
check 'an MTA in another namespace is judged' judges_a_sound_mta
check 'a delivery is one without the queue, too' does_without_the_queue
check 'what needs the lab is skipped, with the reason' skips_what_needs_a_lab
check 'an MTA elsewhere that loses mail is caught' catches_a_loss
check 'an address that is not ours is an ERROR' says_who_takes_its_place
check 'serve wants one scenario that can be served' \
    serve_wants_one_scenario_that_can_be
check 'serve tells what happens and stores it' serves
finish
