#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What the monitors of containers cost the host.
#
# kernels: newest
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"
needs schedstat

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

# as_tenant UID COMMAND...: in a user namespace of that user
as_tenant() {
	local uid=$1

	shift
	setpriv --reuid "$uid" --regid "$uid" --clear-groups unshare --user --map-root-user "$@"
}

# wakes_in N: how many ms of guest time it takes until a poller is told of a level that N
# connections lead to, in $TOOK
wakes_in() {
	local began

	ask poller read
	tell poller wait
	now_ms && began=$NOW
	dial "$1"
	hear poller || fail "the poller is not woken"
	now_ms
	TOOK=$((NOW - began))
}

# Somebody has a thousand namespaces with monitors, which is far more than the budget
# allows. The monitor of somebody else keeps its pace.
one_tenant_does_not_starve_another() {
	local n late

	needs_debugfs
	as_tenant 1001 true 2>/dev/null || skip "users cannot make user namespaces here"
	small_net
	serve $R 443
	dialer $A $R:443
	talk_to many as_tenant 1001 "$TW_SELFTESTS/tw_monitors" "$(scaled 1000 200)" 1000
	hear many && check_eq "the many" ready "$HEARD"
	echo 1000 >$TW_INTERVAL || abort "no monitor"
	talk_to poller "$TOOL" poll $TW_FILE
	sleep_ms 3000
	for n in 60 0 60 0; do
		wakes_in "$n"
		note "$n connections are told after $TOOK ms"
		check_range "ms until $n connections are told, at one look a second" 0 2500 \
			"$TOOK"
	done
	# The many are late, and it is said.
	late=$(</proc/sys/net/tw_summary/monitor_late_ms)
	check_range "ms that the last look of the one was late" 0 1000 "$late"
	read_walk
	check_range "ms that a look of the many was late" 5000 1000000 \
		"${WALK[monitor_late_ms_max]-0}"
}

tw_main one_tenant_does_not_starve_another two_hundred_containers
