#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# load.sh: in a guest of one processor whose time counts instructions, what readers cost
# others. First how long 2,000 connections take, made and closed one after the other,
# beside somebody who reads in a loop: nothing, /proc/version, our table, ss. Then how
# many walks 1,000 readers cause.
# Prints: KERNEL WHAT NUMBER
. /selftests/lib/main.sh

connections=2000

tell() {
	printf '%s %s %s\n' "$(uname -r)" "$1" "$2"
}

loop() {
	case $1 in
	nothing) sleep infinity ;;
	ss) while :; do ss -Htan state time-wait; done ;;
	*) while :; do mapfile -t TEXT <"$1"; done ;;
	esac >/dev/null
}

# beside WHAT: microseconds for the connections
beside() {
	local began reader

	loop "$1" </dev/null &
	reader=$!
	began=${EPOCHREALTIME/./}
	"$TOOL" pairs --from 10.9.0.1 --to 10.9.0.2:443 --count $connections || exit 1
	US=$((${EPOCHREALTIME/./} - began))
	kill $reader
	wait $reader 2>/dev/null
	# Those that are left are the same for all: none.
	sleep 61
}

walks() {
	awk '$1 == "walks" { print $2 }' /sys/kernel/debug/tw_summary/walk
}

modprobe tw_summary || exit 1
sysctl -qw net.ipv4.tcp_max_tw_buckets=200000 net.ipv4.ip_local_port_range="20000 60999"
ip link set lo up
printf 'addr add 10.9.0.%d/32 dev lo\n' 1 2 | ip -batch - || exit 1

for round in 1 2 3; do
	for what in nothing /proc/version /proc/net/tw_summary ss; do
		beside $what
		tell "beside_${what##*/}_us" $US
	done
done

began=${EPOCHREALTIME/./}
before=$(walks)
readers=()
for ((i = 0; i < 1000; i++)); do
	for ((j = 0; j < 5; j++)); do
		mapfile -t TEXT </proc/net/tw_summary
	done &
	readers+=($!)
done
wait "${readers[@]}"
tell readers_ms $(((${EPOCHREALTIME/./} - began) / 1000))
tell readers_walks $(($(walks) - before))
tell readers_reads 5000
