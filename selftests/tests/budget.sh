#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What the monitors of containers cost the host.
#
# kernels: newest
# needs: schedstat
. "${BASH_SOURCE[0]%/*}/../lib/main.sh"
. "$TW_LIB/watch.sh"

# worked_us: processor time that the kernel's unbound workers have used, in $WORKED
worked_us() {
	local d comm ns

	WORKED=0
	for d in /proc/[0-9]*; do
		read -r comm 2>/dev/null <"$d/comm" || continue
		case $comm in kworker/u*) ;; *) continue ;; esac
		read -r ns _ 2>/dev/null <"$d/schedstat" || continue
		WORKED=$((WORKED + ns / 1000))
	done
}

# now_ms: time since the start, in $NOW
now_ms() {
	local up

	read -r up _ </proc/uptime
	NOW=$((10#${up/./} * 10))
}

# share_in MS: millionths of a processor that workers use meanwhile, in $SHARE
share_in() {
	local us ms

	worked_us && us=$WORKED
	now_ms && ms=$NOW
	looks_in "$1"
	worked_us
	now_ms
	SHARE=$(((WORKED - us) * 1000 / (NOW - ms)))
	note "$LOOKS snapshots in $((NOW - ms)) ms, $SHARE ppm of a processor"
}

# 200 containers ask for 200 snapshots a second, which would be far more than 1% of a
# processor. They get 1%, and use it.
two_hundred_containers() {
	local looks

	needs_debugfs
	# Nobody shares a snapshot.
	init_sysctl cache_ms 0
	containers 200
	sleep_ms 3000
	share_in 10000
	check_range "millionths of a processor" 7000 11000 "$SHARE"
	looks=$LOOKS
	keep_init_sysctl monitor_budget_percent
	init_sysctl monitor_budget_percent 2
	sleep_ms 3000
	share_in 10000
	check_range "millionths of a processor at 2%" 14000 22000 "$SHARE"
	check_range "snapshots at 2%, at 1% there were $looks" \
		$((looks * 3 / 2)) $((looks * 3)) "$LOOKS"

	# The initial namespace's monitor does not queue behind them.
	looks=$LOOKS
	keep_init_sysctl monitor_interval_ms
	init_sysctl monitor_interval_ms 100
	looks_in 10000
	check_range "snapshots of the initial namespace in 10 s" 80 120 \
		$((LOOKS - looks))
}

tw_main two_hundred_containers
