#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What monitors may cost, and what a container's monitor may do to others.
#
# kernels: newest
# debug: off_while_it_waits,container_does_not_log
. "$(dirname "${BASH_SOURCE[0]}")/../lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"

KNOBS=/proc/sys/net/tw_summary
INTERVAL=$KNOBS/monitor_interval_ms

# set_interval MS
set_interval() {
	echo "$1" >$INTERVAL || abort "cannot set the interval to $1"
}

# looks_in MS: snapshots in that time, in $LOOKS
looks_in() {
	local before

	count_looks
	before=$LOOKS
	sleep_ms "$1"
	count_looks
	LOOKS=$((LOOKS - before))
}

# The next snapshot is due one interval after the last one, however often somebody
# writes. This one writes 40 times in 4 s.
rewritten_interval() {
	local i before

	needs_debugfs
	set_interval 1000
	count_looks
	before=$LOOKS
	for ((i = 0; i < 40; i++)); do
		set_interval 1000
		sleep_ms 100
	done
	count_looks
	check_range "snapshots in 4 s at one a second" 2 5 $((LOOKS - before))
}

first_look_is_not_at_once() {
	needs_debugfs
	set_interval 3000
	looks_in 2000
	check_eq "snapshots in the first 2 s of 3" 0 "$LOOKS"
	looks_in 2000
	check_eq "snapshots once it is due" 1 "$LOOKS"
}

# containers N: as many namespaces with a monitor at the floor
containers() {
	local i

	exec {TW_HOLD}<> <(:)
	for ((i = 0; i < $1; i++)); do
		"$TW_SELFTESTS/tw_netns" 900 "$BASH" -c \
			"echo 1000 >$INTERVAL && echo >>$TW_TMP/on; read -ru $TW_HOLD" &
		remember_pid $!
		disown
	done
	wait_for 100 on_are "$1" || abort "not all containers have a monitor"
}

on_are() {
	[ -e "$TW_TMP/on" ] && [ "$(wc -l <"$TW_TMP/on")" = "$1" ]
}

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
budget() {
	local looks

	needs_debugfs
	[ -e /proc/self/schedstat ] || skip "no /proc/PID/schedstat"
	# Nobody shares a snapshot.
	init_sysctl cache_ms 0
	containers 200
	sleep_ms 3000
	share_in 10000
	check_range "millionths of a processor" 7000 11000 "$SHARE"
	looks=$LOOKS
	init_sysctl monitor_budget_percent 2
	at_exit nsenter --net=/proc/self/fd/9 \
		sysctl -qw net.tw_summary.monitor_budget_percent=1
	sleep_ms 3000
	share_in 10000
	check_range "millionths of a processor at 2%" 14000 22000 "$SHARE"
	check_range "snapshots at 2%, at 1% there were $looks" \
		$((looks * 3 / 2)) $((looks * 3)) "$LOOKS"

	# The initial namespace's monitor does not queue behind them.
	looks=$LOOKS
	at_exit nsenter --net=/proc/self/fd/9 \
		sysctl -qw net.tw_summary.monitor_interval_ms=0
	init_sysctl monitor_interval_ms 100
	looks_in 10000
	check_range "snapshots of the initial namespace in 10 s" 80 120 \
		$((LOOKS - looks))
}

# Its turn does not come before long, so its end must not wait for that.
off_while_it_waits() {
	needs_debugfs
	containers "$(scaled 60 20)"
	set_interval 1000
	sleep_ms 3000
	set_interval 0
	check_eq "the interval" 0 "$(<$INTERVAL)"
	count_looks
	note "$LOOKS snapshots so far"
}

# A container cannot set what limits the cost, and does not write to the log.
container_does_not_log() {
	local before

	needs_debugfs
	before=$(dmesg | grep -c 'tw_summary: ')
	small_net
	trace_on tw_level
	serve $R 443
	dialer $A $R:443
	monitor_on
	dial 60
	wait_for 20 changes_are "ok>full" || fail "no change: $(changes)"
	(echo nonsense >/proc/net/tw_thresholds) 2>/dev/null && fail "nonsense is taken"
	check_eq "lines in the log" "$before" "$(dmesg | grep -c 'tw_summary: ')"
	check "the budget can be set here" cannot_set monitor_budget_percent 100
}

cannot_set() {
	! (echo "$2" >$KNOBS/"$1") 2>/dev/null
}

# The initial namespace has a full destination, then one that is ok again.
host_logs() {
	local range

	read -r range </proc/sys/net/ipv4/ip_local_port_range
	at_exit "echo $range >/proc/sys/net/ipv4/ip_local_port_range"
	at_exit "for a in $A $B $R $S; do ip addr del \$a/32 dev lo; done"
	at_exit "echo 0 >$INTERVAL"
	small_net
	trace_on tw_level
	serve $R 443
	dialer $A $R:443
	set_interval 100
	dial 58
	wait_for 20 changes_are "ok>crit" || fail "changes: $(changes)"
	dial 60
	wait_for 20 changes_are "ok>crit crit>full" || fail "changes: $(changes)"
	dial 0
	wait_for 20 changes_are "ok>crit crit>full full>ok" ||
		fail "changes: $(changes)"
}

# log_line LEVEL TEXT: whether the log has this line, at this level
log_line() {
	check_eq "level of the line '$2'" "$1" "$(dmesg -r |
		sed -n "s/^<\([0-9]*\)>\[[^]]*\] tw_summary: $2\$/\1/p" | tail -n 1)"
}

initial_namespace_logs() {
	needs_debugfs
	check "in the initial namespace" nsenter --net=/proc/self/fd/9 \
		"$BASH" "$0" --inside host_logs
	log_line 5 "$A -> $R:443 crit: 58 of 60 ports (96.6%), 0 in TIME_WAIT"
	log_line 4 "$A -> $R:443 full: 60 of 60 ports (100.0%), 0 in TIME_WAIT"
	log_line 5 "$A -> $R:443 ok: it has no row any more"
}

# All ports are reserved: the namespace is full without a single row, and pollers are
# told.
no_port_at_all() {
	needs_debugfs
	small_net
	set_sysctl net.tw_summary.crit_percent 100
	monitor_on
	snapshot
	check_eq "level" ok "${TW_HEAD[level]-}"
	talk_to poller "$TOOL" poll $TW_FILE
	ask poller now
	check_eq "before" "ready 0" "${HEARD% }"
	tell poller wait
	set_sysctl net.ipv4.ip_local_reserved_ports "$LOW-$HIGH"
	hear poller || fail "the poller is not woken"
	check_eq "the poller" "woken 1 PE" "$HEARD"
	snapshot
	check_eq "usable" 0 "${TW_HEAD[usable]-}"
	check_eq "rows" 0 "${TW_HEAD[out_rows]-}"
	check_eq "level" full "${TW_HEAD[level]-}"
}

tw_main rewritten_interval first_look_is_not_at_once budget off_while_it_waits \
	container_does_not_log initial_namespace_logs no_port_at_all
