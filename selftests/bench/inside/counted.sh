#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# counted.sh DESTINATIONS COUNT: in a guest whose time counts instructions, one a
# nanosecond, what one answer costs with COUNT TIME_WAITs to each of so many destinations,
# over /proc/version: the whole table, read by bash itself, because starting a program
# costs as much and not the same each time; a BPF iterator that is loaded already, likewise;
# the table by cat; /proc/net/tcp by cat, and ss with awk.
# Prints: KERNEL TIME_WAITS WHAT INSTRUCTIONS
. /selftests/lib/main.sh

to=10.77.0.1
dests=$1
count=$2

# the shortest of seven times, in $best
shortest() {
	local i began took

	best=
	for ((i = 0; i < 7; i++)); do
		began=${EPOCHREALTIME/./}
		"$@" >/dev/null || exit 1
		took=$(((${EPOCHREALTIME/./} - began) * 1000))
		[ -n "$best" ] && [ "$took" -ge "$best" ] || best=$took
	done
}

nothing() {
	cat /proc/version
}

nothing_read() {
	mapfile -t TEXT </proc/version
}

ours_read() {
	mapfile -t TEXT </proc/net/tw_summary
}

# It answers each line with lines and an empty one.
bpf_read() {
	local line

	echo >&"${BPF[1]}"
	while read -ru "${BPF[0]}" line && [ -n "$line" ]; do
		:
	done
}

ours() {
	cat /proc/net/tw_summary
}

proc_net_tcp() {
	cat /proc/net/tcp
}

# What an operator types: how many to each destination. One process does not see the
# other's end, so the pipe is part of it.
ss_and_awk() {
	ss -Htan state time-wait | awk '{ n[$4]++ } END { for (d in n) print n[d], d }'
}

modprobe tw_summary || exit 1
sysctl -qw net.tw_summary.cache_ms=0 net.ipv4.tcp_max_tw_buckets=200000 \
	net.ipv4.ip_local_port_range="20000 60999"
ip link set lo up
for ((i = 0; i < dests; i++)); do
	echo "addr add 10.77.0.$((i + 1))/32 dev lo"
done | ip -batch - || exit 1
ip addr add 10.9.0.1/32 dev lo

# tell TIME_WAITS WHAT INSTRUCTIONS
tell() {
	printf '%s %s %s %d\n' "$(uname -r)" "$1" "$2" "$3"
}

# What the kernel does for itself after booting is over then.
sleep 5
coproc BPF { exec /bench/count /bench/count.bpf.o; }

for n in 0 "$count"; do
	[ "$n" = 0 ] || "$TOOL" pairs --from 10.9.0.1 --to $to:443 --count "$n" \
		--destinations "$dests" || exit 1
	all=$((n * dests))
	shortest nothing_read
	base=$best
	shortest ours_read
	tell $all ours_read $((best - base))
	shortest bpf_read
	tell $all bpf_read $((best - base))
	shortest nothing
	base=$best
	for what in ours proc_net_tcp ss_and_awk; do
		shortest $what
		tell $all $what $((best - base))
	done
done
