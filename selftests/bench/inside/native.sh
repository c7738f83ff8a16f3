#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# native.sh SLOTS ROUNDS: in the guest, measures the cases for a table of SLOTS slots.
# Prints, a line for each case and round: name, sockets, ns of the plain walk, us of the
# whole snapshot, longest time in ns without a chance to reschedule.
set -euo pipefail
cd "${0%/*}"
slots=$1
rounds=$2

# Loaded for each round, so that what it knows of its costs is of this round.
load() {
	! [ -e /proc/net/tw_summary ] || rmmod tw_summary
	modprobe tw_summary
	sysctl -qw net.tw_summary.cache_ms=0 "net.tw_summary.max_rows=$1" \
		"net.ipv4.tcp_tw_reuse=$2"
}

walk_us() {
	local line

	IFS= read -r line </proc/net/tw_summary
	line=${line#* walk_us=}
	echo "${line%% *}"
}

longest_ns() {
	local key value

	while read -r key value; do
		[ "$key" != longest_ns_without_resched ] || echo "$value"
	done </sys/kernel/debug/tw_summary/walk
}

measure() {
	local name=$1 sockets=$2 dests=$3 rows=$4 reuse=2 i plain
	shift 4
	local params=()

	for i; do
		case $i in
		tcp_tw_reuse=*) reuse=${i#*=} ;;
		*) params+=("$i") ;;
		esac
	done
	modprobe tw_bench sockets="$sockets" destinations="$dests" "${params[@]}"
	for ((i = 0; i < rounds; i++)); do
		load "$rows" "$reuse"
		read -r _ _ _ _ _ _ _ plain </sys/kernel/debug/tw_bench/plain
		printf '%s %s %s %s %s\n' "$name" "$sockets" "$plain" "$(walk_us)" \
			"$(longest_ns)"
	done
	rmmod tw_bench
}

while read -r name of sockets dests rows params; do
	[ "$of" = "$slots" ] || continue
	# shellcheck disable=SC2086 # words
	measure "$name" "$sockets" "$dests" "$rows" $params
done < <(grep '^[a-z]' cases)
