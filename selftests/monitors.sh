#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# When monitors take snapshots, and what a container's monitor may do to others.
#
# kernels: newest
# debug: off_while_it_waits,container_does_not_log
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"

KNOBS=/proc/sys/net/tw_summary

# set_interval MS
set_interval() {
	echo "$1" >$TW_INTERVAL || abort "cannot set the interval to $1"
}

# The next snapshot is due one interval after the last one, however often somebody
# writes. This one writes ten times a second.
rewritten_interval() {
	local i before began took

	needs_debugfs
	count_looks
	before=$LOOKS
	began=$("$TOOL" now)
	for ((i = 0; i < 600; i++)); do
		set_interval 1000
		! looked $((before + 4)) || break
		sleep_ms 100
	done
	took=$(($("$TOOL" now) - began))
	check_range "snapshots in $took ms at one a second" 4 $((took / 1000 + 1)) \
		$((LOOKS - before))
}

first_look_is_not_at_once() {
	local before began took

	needs_debugfs
	count_looks
	before=$LOOKS
	began=$("$TOOL" now)
	set_interval 3000
	wait_for 60 looked $((before + 1)) || abort "the monitor does not look"
	took=$(($("$TOOL" now) - began))
	check_range "snapshots in $took ms at one in 3 s" 1 $((took / 3000)) \
		$((LOOKS - before))
}

# Its turn does not come before long, so its end must not wait for that.
off_while_it_waits() {
	needs_debugfs
	containers "$(scaled 60 20)"
	set_interval 1000
	sleep_ms 3000
	set_interval 0
	check_eq "the interval" 0 "$(<$TW_INTERVAL)"
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
	# In one step, so before the monitor is on.
	dial 60
	monitor_on
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
	at_exit "echo 0 >$TW_INTERVAL"
	small_net
	trace_on tw_level
	serve $R 443
	dialer $A $R:443
	dial 58
	set_interval 100
	wait_for 20 changes_are "ok>crit" || fail "changes: $(changes)"
	dial 60
	wait_for 20 changes_are "ok>crit crit>full" || fail "changes: $(changes)"
	dial 0
	wait_for 20 changed_to ok || fail "changes: $(changes)"
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

# Ports in use in more VRFs than there is room for: which ports are usable is not known.
too_many_vrfs() {
	local i

	use_range 40000 40999
	for ((i = 0; i < 257; i++)); do
		echo "link add v$i up type vrf table $((1000 + i))"
	done | ip -batch - || skip "no VRF devices"
	traffic_bg hold bind --from 0.0.0.0:40000 --dev v --each-device --count 257
	MANY=$LAST_PID
}

unknown_events_are() {
	[ "$(events tw_level_unknown | sed 's/.* //' | tr '\n' ' ')" = "$1" ]
}

# unknown_events WHAT EVENT...
unknown_events() {
	check "$1: events" wait_for 20 unknown_events_are "${*:2} "
}

# If no level is known for some snapshots, pollers and tracers are told, once.
unknown_is_told() {
	needs_debugfs
	small_net
	trace_on tw_level_unknown
	monitor_on
	wait_looks
	talk_to poller "$TOOL" poll $TW_FILE
	ask poller now
	check_eq "before" "ready 0" "${HEARD% }"
	tell poller wait
	too_many_vrfs
	hear poller || fail "the poller is not woken"
	check_eq "the poller" "woken 1 PE" "$HEARD"
	check_eq "level" " level=-" "$(grep -o ' level=[a-z-]*' $TW_FILE)"
	unknown_events "unknown" unknown=1
	ask poller read
	wait_looks 5
	unknown_events "unknown for long" unknown=1
	tell poller wait
	end_pid "$MANY"
	hear poller || fail "the poller is not woken again"
	unknown_events "known again" unknown=1 unknown=0
	check_eq "level at last" " level=ok" "$(grep -o ' level=[a-z-]*' $TW_FILE)"
}

host_is_unknown() {
	local i range

	read -r range </proc/sys/net/ipv4/ip_local_port_range
	at_exit "echo $range >/proc/sys/net/ipv4/ip_local_port_range"
	at_exit "for ((i = 0; i < 257; i++)); do echo link del v\$i; done | ip -batch -"
	at_exit "echo 0 >$TW_INTERVAL"
	trace_on tw_level_unknown
	set_interval 100
	too_many_vrfs
	unknown_events "unknown" unknown=1
	end_pid "$MANY"
	unknown_events "known again" unknown=1 unknown=0
}

initial_namespace_logs_unknown() {
	needs_debugfs
	check "in the initial namespace" nsenter --net=/proc/self/fd/9 \
		"$BASH" "$0" --inside host_is_unknown
	log_line 4 "no level is known: not all sockets or ports could be counted (complete=no)"
	log_line 5 "the levels are known again"
}

tw_main rewritten_interval first_look_is_not_at_once off_while_it_waits \
	container_does_not_log initial_namespace_logs no_port_at_all \
	unknown_is_told initial_namespace_logs_unknown
