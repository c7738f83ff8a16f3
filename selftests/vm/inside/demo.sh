#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What `make demo` runs in the guest: a proxy (this namespace: a real nginx), and the
# servers and clients around it (namespace "outside"), joined by a pair of interfaces.
set -eu
traffic=/selftests/tw_traffic
servers=/servers
backend=10.0.9.1:8080
url=http://10.0.0.1/
# Where twstat has it; its root is $servers.
record=$servers/var/lib/tw_summary/history.sqlite3

quietly() {
	"$@" >/tmp/quiet 2>&1 || {
		cat /tmp/quiet
		echo "demo: failed: $*"
		exit 1
	}
}

say() {
	printf '%s\n' "$@"
}

# column NAME: of the row of the backend
column() {
	awk -v name="$1" -v remote="$backend" '
		$1 == "dir" { for (i = 1; i <= NF; i++) at[$i] = i }
		$1 == "out" && $NF == remote { print $at[name] }' /proc/net/tw_summary
}

# Names of columns, and the row of the backend
row() {
	echo
	grep -E "^dir|^out .* $backend\$" /proc/net/tw_summary |
		sed 's/^/    /'
	echo
}

served() {
	chroot $servers "$@"
}

# configure NAME DIRECTIVES: of nginx
configure() {
	cat >$servers/tmp/"$1".conf <<-EOF
		pid /tmp/$1.pid; worker_processes 1; user root; error_log /tmp/$1.log warn;
		events { worker_connections 512; }
		http { access_log off; $2 }
	EOF
}

# configure_proxy [DIRECTIVE]: its upstream block may have one more
configure_proxy() {
	configure proxy "
		upstream backend { server $backend; ${1-} }
		server {
			listen 10.0.0.1:80;
			location / {
				proxy_pass http://backend;
				proxy_http_version 1.1;
				proxy_set_header Connection '';
			}
		}"
}

# requests N: clients outside ask the proxy, one after the other
requests() {
	ip netns exec outside chroot $servers ab -q -k -c 1 -n "$1" $url \
		>/tmp/ab 2>&1
	bad=$(sed -n 's/^Non-2xx responses: *//p' /tmp/ab)
	say "    $1 requests: $(($1 - ${bad:-0})) answered, ${bad:-0} with an error"
}

quietly modprobe tw_summary
quietly sysctl -w net.tw_summary.cache_ms=0
quietly ip netns add outside
quietly ip link add wan type veth peer name lan netns outside
quietly ip link set wan up
quietly ip -n outside link set lo up
quietly ip -n outside link set lan up
quietly ip addr add 10.0.0.1/16 dev wan
quietly ip -6 addr add fd00::1/64 dev wan nodad
for a in 1 2; do
	quietly ip -n outside addr add "10.0.9.$a/16" dev lan
done
quietly ip -n outside -6 addr add fd00::9/64 dev lan nodad
# 1,000 ports instead of 28,232, so that they run out while one watches.
quietly sysctl -w net.ipv4.ip_local_port_range="40000 40999"
quietly /tw/tools.sh
quietly sysctl -w kernel.hostname=proxy
twstat --record 1 >/tmp/recorder 2>&1 &
recorder=$!
configure backend "server { listen $backend; location / { return 200 'ok'; } }"
quietly ip netns exec outside chroot $servers nginx -c /tmp/backend.conf
configure_proxy
quietly served nginx -c /tmp/proxy.conf
# What else such a machine does
around=(--server-netns /run/netns/outside --background)
quietly "$traffic" pairs "${around[@]}" --from 10.0.0.1 --to 10.0.9.2:5432 \
	--count 80 --keep 20
quietly "$traffic" pairs "${around[@]}" --from fd00::1 --to '[fd00::9]:443' \
	--count 30 --keep 5

for ((i = 0; i < 60; i++)); do
	[ ! -s $record ] || break
	sleep 0.5
done

say "Linux $(uname -r). nginx is a proxy for $backend, and has no pool of connections." \
	"The machine has 1,000 ports for each destination." \
	"" "1. Clients come."
requests 950
say "" "\$ cat /proc/net/tw_summary"
cat /proc/net/tw_summary
say "" "   The first row: $(column used) ports are taken, and $(column free) more requests will succeed." \
	"" "2. More clients than that."
requests 250
row
say "   The other requests found no port (fail). nginx's log, $(grep -c '(99: ' \
	$servers/tmp/proxy.log) times:" ""
sed -n '/(99: /{s/.* connect()/    connect()/;s/, client.*//p;q;}' $servers/tmp/proxy.log
say "" "3. Which program is it?" ""
grep -vE '^#' /proc/net/tw_callers | head -n 2 | sed 's/^/    /'
sleep 3
say "" "4. What would help? tcp_tw_reuse=1 would bring $(column reuse_if) ports (reuse_if). So:"
quietly sysctl -w net.ipv4.tcp_tw_reuse=1
row
requests 500
say "" "5. Better: a pool of connections. nginx gets \`keepalive 8\` in its upstream block."
quietly sysctl -w net.ipv4.tcp_tw_reuse=2
configure_proxy "keepalive 8;"
quietly served nginx -c /tmp/proxy.conf -s reload
sleep 62
requests 500
row
say "   One connection has carried them all." \
	"" "6. twstat tells people the same, and which programs it was." "" "\$ twstat --who"
twstat --who
say "" "7. And when it is over? \`twstat --record\` has written down what it was." "" \
	"\$ twstat --history --since -5min"
twstat --history --since -5min --width 0
kill -TERM $recorder
wait $recorder || {
	cat /tmp/recorder
	echo "demo: the recorder failed"
	exit 1
}
# The host makes a file of what follows.
twstat --report - --since -5min
