# shellcheck shell=sh
# fake_dns beside NSD under dnsperf, and what one slow name does to the
# others.  Sourced by run.sh.

DNS_NAMES=1000
DNS_SECONDS=${DNS_SECONDS:-2}
DNS_LOAD="dnsperf -c 4 -q 100 -l $DNS_SECONDS"
# Far below what either server can do: latencies, not queues.
DNS_CALM="dnsperf -v -Q 1000 -l 3"

# The same zone and the same questions for both.
dns_files()
{
	awk -v n=$DNS_NAMES -v dir="$tmp" 'BEGIN {
		zone = dir "/zone"
		ask = dir "/queries"
		print "$TTL 3600" > zone
		print "test. SOA ns.test. root.test. 1 3600 600 86400 60" \
		    > zone
		print "test. NS ns.test.\nns.test. A 127.0.0.1" > zone
		print "slow.test. A 198.18.9.9" > zone
		for (i = 0; i < n; i++) {
			d = "d" i ".test"
			print d ". MX 10 mx." d "." > zone
			print "mx." d ". A 198.18." int(i / 250) "." \
			    i % 250 + 1 > zone
			print d " MX\nmx." d " A" > ask
		}
	}'
	echo "slow.test A" > "$tmp/slow"
	cat > "$tmp/nsd.conf" << CONF
server:
	ip-address: 127.0.0.1@$1
	server-count: 1
	do-ip6: no
	username: ""
	chroot: ""
	zonesdir: "$tmp"
	database: ""
	zonelistfile: "$tmp/nsd.zones"
	xfrdfile: "$tmp/nsd.xfrd"
	xfrdir: "$tmp"
	pidfile: ""
	rrl-ratelimit: 0
remote-control:
	control-enable: no
zone:
	name: "test"
	zonefile: "zone"
CONF
}

dns_perf()
{
	dnsperf -s 127.0.0.1 -m udp "$@"
}

# dns_round NAME PORT PID: adds to NAME.rate and NAME.cpu.
dns_round()
{
	used=$(cpu_ticks "$3")
	dns_perf -p "$2" -d "$tmp/queries" -c 4 -q 100 -l "$DNS_SECONDS" \
	    > "$tmp/dnsperf" 2>&1
	t=$(($(cpu_ticks "$3") - used))
	awk -v name="$tmp/$1" -v t=$t -v hz="$ticks" '
		/Queries completed:/ { done = $3 }
		/Response codes:/ && $3 " " $5 != "NOERROR (100.00%)" {
			bad = $0
		}
		/Queries per second:/ { rate = $4 }
		END {
			if (bad != "" || done == 0)
				exit 1
			printf "%.0f\n", rate >> (name ".rate")
			printf "%.2f\n", t / hz / done * 1e6 >> (name ".cpu")
		}' "$tmp/dnsperf" && return
	missing "DNS $1" "$(grep -m 1 -e codes -e rror "$tmp/dnsperf")"
}

# dns_calm NAME PORT [SLOW]: adds to NAME.mid and NAME.high, in us, and with
# SLOW to slow.mid, in ms; meanwhile the slow name is asked for, too.
dns_calm()
{
	slow=
	if [ $# -gt 2 ]; then
		dns_perf -v -p "$2" -d "$tmp/slow" -Q 20 -l 3 -t 5 \
		    > "$tmp/calm.slow" 2>&1 &
		slow=$!
	fi
	dns_perf -v -p "$2" -d "$tmp/queries" -Q 1000 -l 3 > "$tmp/calm" 2>&1
	[ -z "$slow" ] || wait "$slow"
	awk '/^> NOERROR/ { print $NF * 1e6 }' "$tmp/calm" > "$tmp/calm.us"
	percentile 50 < "$tmp/calm.us" >> "$tmp/$1.mid"
	percentile 99 < "$tmp/calm.us" >> "$tmp/$1.high"
	[ -z "$slow" ] || awk '/^> NOERROR/ { print $NF * 1e3 }' \
	    "$tmp/calm.slow" | percentile 50 >> "$tmp/slow.mid"
}

# NSD is no MTA of the store, but comes from Debian in the same way.
nsd_get()
{
	deb=${store%/*}/source-deb
	mkdir "$tmp/nsd" && nsd_version=$("$deb" default nsd) &&
	    "$deb" fetch "$tmp/nsd" "$nsd_version" nsd >&2
}

dns_throughput()
{
	if ! nsd_get; then
		missing "DNS queries/s" "no NSD"
		return
	fi
	say "dns: $rounds rounds of $DNS_LOAD"
	ours_port=$("$bin/port" free)
	server_start "$ours_port" "$bin/dns_server" "$tmp/zone" 127.0.0.1 \
	    "$ours_port" || return
	ours_pid=$server_pid
	server_start "$nsd_port" env LD_LIBRARY_PATH="$(printf '%s:' \
	    "$tmp"/nsd/root/usr/lib/*-linux-gnu)" \
	    "$tmp/nsd/root/usr/sbin/nsd" -d -c "$tmp/nsd.conf" || return
	i=0
	while [ $i -lt "$rounds" ]; do
		dns_round fake_dns "$ours_port" "$ours_pid"
		dns_round nsd "$nsd_port" "$server_pid"
		i=$((i + 1))
	done
	servers_stop
	compare "DNS queries/s over UDP; NSD" fake_dns.rate nsd.rate more \
	    "$DNS_LOAD"
	compare "DNS server CPU us/query; NSD" fake_dns.cpu nsd.cpu less \
	    "$DNS_LOAD"
}

dns_slow_name()
{
	say "dns: $rounds rounds with and without a slow name"
	plain_port=$("$bin/port" free)
	server_start "$plain_port" "$bin/dns_server" "$tmp/zone" 127.0.0.1 \
	    "$plain_port" || return
	slow_port=$("$bin/port" free)
	server_start "$slow_port" "$bin/dns_server" "$tmp/zone" 127.0.0.1 \
	    "$slow_port" slow.test || return
	i=0
	while [ $i -lt "$rounds" ]; do
		dns_calm without "$plain_port"
		dns_calm with "$slow_port" slow
		i=$((i + 1))
	done
	servers_stop
	compare "DNS latency us, median: a slow name beside; none" with.mid \
	    without.mid less "$DNS_CALM"
	compare "DNS latency us, 99%: a slow name beside; none" with.high \
	    without.high less "$DNS_CALM"
	row "DNS latency ms of the slow name; as told" "$(median_of slow.mid)" \
	    2000 - "dnsperf -v -Q 20 -l 3"
}

bench_dns()
{
	if ! command -v dnsperf > /dev/null; then
		missing "DNS" "no dnsperf (tools/install.sh bench)"
		return
	fi
	nsd_port=$("$bin/port" free)
	dns_files "$nsd_port"
	dns_throughput
	servers_stop
	dns_slow_name
	servers_stop
}
