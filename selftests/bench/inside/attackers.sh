#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# attackers.sh: in a guest whose time counts instructions, one a nanosecond, on one
# processor: what others can make the module cost. Prints lines "WHAT: NUMBERS".
. /selftests/lib/main.sh
. /selftests/lib/watch.sh

A=10.9.0.1

# busy_permille MS: of the processor, in that time
busy_permille() {
	local before after

	before=$(idle_ticks)
	sleep_ms "$1"
	after=$(idle_ticks)
	echo $((1000 - (after - before) * 10000 / $1))
}

# The processor's idle time, in ticks of 10 ms
idle_ticks() {
	local name values

	read -r name values </proc/stat
	set -- $values
	echo "$4"
}

# took COMMAND...: instructions, in $TOOK
took() {
	local began=${EPOCHREALTIME/./}

	"$@" >/dev/null
	TOOK=$(((${EPOCHREALTIME/./} - began) * 1000))
}

load() {
	modprobe tw_summary || exit 1
	sysctl -qw net.ipv4.tcp_max_tw_buckets=1000000
}

# Snapshots a second, while 200 processes read without a pause
readers() {
	local i pids=() before began

	load
	"$TOOL" pairs --from $A --to 10.9.1.1:443 --count 2000
	for ((i = 0; i < 200; i++)); do
		(while :; do mapfile -t TEXT </proc/net/tw_summary; done) 2>/dev/null &
		pids+=($!)
	done
	# What this shell does takes its time beside so many others.
	before=$(walk_value walks)
	began=${EPOCHREALTIME/./}
	sleep_ms 5000
	i=$(($(walk_value walks) - before))
	echo "readers: $i snapshots in $(((${EPOCHREALTIME/./} - began) / 1000)) ms"
	kill "${pids[@]}"
	wait 2>/dev/null
	rmmod tw_summary
}

# 20,000 destinations, each a row: instructions of one read, and the longest time without
# a chance to reschedule, in ns
destinations() {
	load
	sysctl -qw net.tw_summary.max_rows=1048576 net.tw_summary.cache_ms=0
	ip route add local 10.77.0.0/16 dev lo
	"$TOOL" selfconnect --from 10.77.1.1:33000 --destinations 2 --count 10000
	took cat /proc/net/tw_summary
	echo "destinations: $TOOK instructions, longest" \
		"$(walk_value longest_ns_without_resched) ns without a chance to reschedule"
	rmmod tw_summary
}

# In a namespace whose table has one slot: sockets bound to a device
slot() {
	local n=$1

	load
	sysctl -qw net.tw_summary.cache_ms=0 net.ipv4.tcp_child_ehash_entries=1
	unshare -n "$BASH" -c '
		. /selftests/lib/main.sh
		ip link set lo up
		ip addr add 10.9.0.1/32 dev lo
		ip addr add 10.9.1.1/32 dev lo
		sysctl -qw net.ipv4.tcp_max_tw_buckets=1000000
		"$TOOL" pairs --dev lo --from 10.9.0.1 --to 10.9.1.1:443 --count "$1"
		began=${EPOCHREALTIME/./}
		cat /proc/net/tw_summary >/dev/null
		echo "one slot, $1 TIME_WAITs on a device:" \
			$(((${EPOCHREALTIME/./} - began) * 1000)) instructions' - "$n"
	sysctl -qw net.ipv4.tcp_child_ehash_entries=0
	rmmod tw_summary
}

# Roots of 50 user namespaces with monitors at the shortest interval that they may have, and 4,000
# sockets of the host: the share of the processor, in permille
monitors() {
	local i pids=()

	load
	sysctl -qw net.tw_summary.monitor_floor_ms=100 2>/dev/null
	set_sysctl user.max_user_namespaces 1000
	"$TOOL" pairs --from $A --to 10.9.1.1:443 --count 4000
	for ((i = 0; i < 50; i++)); do
		unshare -Urn sh -c 'echo 100 >/proc/sys/net/tw_summary/monitor_interval_ms ||
			echo 1000 >/proc/sys/net/tw_summary/monitor_interval_ms
			sleep 1000' 2>/dev/null &
		pids+=($!)
	done
	sleep_ms 10000
	echo "monitors: $(busy_permille 10000) permille of a processor"
	kill "${pids[@]}" 2>/dev/null
}

ip link set lo up
ip addr add $A/32 dev lo
ip addr add 10.9.1.1/32 dev lo
readers
destinations
slot 1000
slot 2000
slot 4000
monitors
exit 0
