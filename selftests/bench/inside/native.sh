#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# native.sh SLOTS ROUNDS: in the guest, measures the cases for a table of SLOTS slots.
# Prints, a line for each case and round: name, sockets, and in ns: the plain walk, the walk
# that only touches, the whole snapshot, the longest time without a chance to reschedule.
set -euo pipefail
cd "${0%/*}"
slots=$1
rounds=$2

# load MODULE MAX_ROWS: for each round, so that what it knows of its costs is of this round
load() {
	! [ -e /proc/net/tw_summary ] || rmmod tw_summary
	case $1 in
	*/*) insmod "$1" ;;
	*) modprobe "$1" ;;
	esac
	sysctl -qw net.tw_summary.cache_ms=0 "net.tw_summary.max_rows=$2"
}

# into $walk_ns
take_snapshot() {
	local line

	IFS= read -r line </proc/net/tw_summary
	line=${line#* walk_us=}
	walk_ns=${line%% *}000
}

# walk_of NAME: a walk of tw_bench, its time
walk_of() {
	local ns

	read -r _ _ _ _ _ _ _ ns <"/sys/kernel/debug/tw_bench/$1"
	echo "$ns"
}

# The same module with another clock for this, which makes the walk longer (server.h).
longest_ns() {
	local key value

	load ./longest.ko "$1"
	take_snapshot
	while read -r key value; do
		[ "$key" != longest_ns_without_resched ] || echo "$value"
	done </sys/kernel/debug/tw_summary/walk
}

measure() {
	local name=$1 sockets=$2 dests=$3 rows=$4 reuse=2 i walk_ns
	shift 4
	local params=()

	for i; do
		case $i in
		tcp_tw_reuse=*) reuse=${i#*=} ;;
		*) params+=("$i") ;;
		esac
	done
	modprobe tw_bench sockets="$sockets" destinations="$dests" "${params[@]}"
	sysctl -qw "net.ipv4.tcp_tw_reuse=$reuse"
	for ((i = 0; i < rounds; i++)); do
		load tw_summary "$rows"
		take_snapshot
		printf '%s %s %s %s %s %s\n' "$name" "$sockets" "$(walk_of plain)" \
			"$(walk_of touch)" "$walk_ns" "$(longest_ns "$rows")"
	done
	rmmod tw_bench
}

while read -r name of sockets dests rows params; do
	[ "$of" = "$slots" ] || continue
	# shellcheck disable=SC2086 # words
	measure "$name" "$sockets" "$dests" "$rows" $params
done < <(grep '^[a-z]' cases)
