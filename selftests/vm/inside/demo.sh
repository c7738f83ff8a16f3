#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What `make demo` runs in the guest: a client machine (this namespace) and the
# servers that it talks to (namespace "servers"), joined by a pair of interfaces.
set -eu
traffic=/selftests/tw_traffic

quietly() {
	"$@" >/tmp/quiet 2>&1 || {
		cat /tmp/quiet
		echo "demo: failed: $*"
		exit 1
	}
}

quietly modprobe tw_summary
quietly ip netns add servers
quietly ip link add wan type veth peer name lan netns servers
quietly ip link set wan up
quietly ip -n servers link set lo up
quietly ip -n servers link set lan up
quietly ip addr add 10.0.0.1/16 dev wan
quietly ip -6 addr add fd00::1/64 dev wan nodad
for a in 1 2 3; do
	quietly ip -n servers addr add "10.0.9.$a/16" dev lan
done
quietly ip -n servers -6 addr add fd00::9/64 dev lan nodad
# 3,000 ports instead of 28,232, so that they run out while one watches.
quietly sysctl -w net.ipv4.ip_local_port_range="32768 35767"

server=(--server-netns /run/netns/servers)
client=(--from 10.0.0.1 --background)
say() {
	echo "  $*"
}

echo "on Linux $(uname -r), as a client:"
say "2,950 connections to 10.0.9.1:443, closed at once"
quietly "$traffic" pairs "${server[@]}" "${client[@]}" \
	--to 10.0.9.1:443 --count 2950
say "600 connections to 10.0.9.2:5432, 20 kept open"
quietly "$traffic" pairs "${server[@]}" "${client[@]}" \
	--to 10.0.9.2:5432 --count 600 --keep 20
say "40 connections to 10.0.9.3:80 which the server is slow to close"
quietly "$traffic" pairs "${server[@]}" "${client[@]}" \
	--to 10.0.9.3:80 --fin-wait2 40
say "300 connections to [fd00::9]:443, 5 kept open"
quietly "$traffic" pairs "${server[@]}" --from fd00::1 --background \
	--to '[fd00::9]:443' --count 300 --keep 5
echo "as a server:"
say "400 requests on 10.0.0.1:80, 12 connections kept open"
quietly ip netns exec servers "$traffic" pairs --from 10.0.9.1 --background \
	--server-netns /proc/1/ns/net --server-closes \
	--to 10.0.0.1:80 --count 400 --keep 12

echo
echo "\$ cat /proc/net/tw_summary"
cat /proc/net/tw_summary
