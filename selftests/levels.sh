#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The monitor reports levels of real destinations, up and down.
# The range has 60 ports: 48 of them are 80%, 57 are 95%.
#
# kernels: newest
# on all kernels: up
# debug: down,namespace_ends_with_monitor_on,unload_with_monitor_on
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"

# watched_net [COMMAND...]: it runs before there is a server
watched_net() {
	net_to_watch "$@"
	monitor_on
}

# The same before the monitor is on
net_to_watch() {
	needs_debugfs
	small_net
	trace_on tw_level
	"$@"
	serve $R 443
	dialer $A $R:443
}

# step N CHANGES: hold N connections; CHANGES are all changes so far. The monitor may take
# a snapshot in between, so no step crosses more than one threshold.
step() {
	dial "$1"
	wait_for 20 changes_are "$2"
	wait_looks
	check_eq "changes once there are $1 connections" "$2" "$(changes)"
}

up() {
	watched_net
	step 47 ""
	step 48 "ok>warn"
	step 56 "ok>warn"
	step 57 "ok>warn warn>crit"
	step 59 "ok>warn warn>crit"
	step 60 "ok>warn warn>crit crit>full"
	snapshot
	check_eq "level of the table" full "${TW_HEAD[level]-}"
}

# A level is left 5% below its threshold; that of full is 100%.
down() {
	local up="ok>warn warn>crit crit>full"

	watched_net
	step 48 "ok>warn"
	step 57 "ok>warn warn>crit"
	step 60 "$up"
	step 57 "$up"
	step 56 "$up full>crit"
	step 54 "$up full>crit"
	step 53 "$up full>crit crit>warn"
	step 45 "$up full>crit crit>warn"
	step 44 "$up full>crit crit>warn warn>ok"
}

# All sockets of a destination end at once: its row is gone.
row_goes() {
	watched_net
	step 48 "ok>warn"
	step 0 "ok>warn warn>ok"
}

event_says() {
	watched_net traffic pairs --from $A --to $R:443 --count 10
	settle
	step 37 ""
	step 38 "ok>warn"
	check_eq "the event" \
		"netns=$(own_netns) local=$A remote=$R:443 old=ok new=warn use=80.0% free=12 of=60 tw=10" \
		"$(events tw_level | sed 's/ close.*//')"
}

# It is still full, but there are more destinations than rows, and a hidden one may have
# 60 sockets: that is no change. When nothing is hidden any more, it is seen again.
hidden_is_not_gone() {
	local i

	net_to_watch
	dial 60
	monitor_on
	wait_for 20 changes_are "ok>full"
	check_eq "changes once it is full" "ok>full" "$(changes)"
	serve $S 443
	add_addr 10.9.2.1 10.9.2.2
	init_sysctl max_rows 1
	for i in 1 2; do
		dialer 10.9.2.$i $S:443 crowd$i
		dial 60 crowd$i
	done
	wait_looks
	snapshot
	check_range "rows" 0 1 "${TW_HEAD[out_rows]-}"
	check_eq "level of the hidden" full "${TW_HEAD[hidden_level]-}"
	check_eq "changes of $R" "ok>full" "$(changes $R:443)"
	for i in 1 2; do
		dial 0 crowd$i
	done
	init_sysctl max_rows 4096
	wait_looks
	check_eq "changes of $R, not hidden" "ok>full" "$(changes $R:443)"
	dial 0
	wait_for 20 changed_to ok $R:443
	check "changes of $R, gone: $(changes $R:443)" changed_to ok $R:443
}

# Up and down around the threshold, within the hysteresis: one change.
flapping() {
	local n

	watched_net
	step 48 "ok>warn"
	for n in 47 48 45 49 46 50 45 48; do
		dial $n
		wait_looks 1
	done
	check_eq "changes" "ok>warn" "$(changes)"
}

# The same without hysteresis: the monitor sees each change.
flapping_without_hysteresis() {
	watched_net
	set_sysctl net.tw_summary.hysteresis_percent 0
	step 48 "ok>warn"
	step 47 "ok>warn warn>ok"
	step 48 "ok>warn warn>ok ok>warn"
	step 45 "ok>warn warn>ok ok>warn warn>ok"
}

each_destination_by_itself() {
	watched_net
	serve $S 443
	dialer $A $S:443 other
	step 48 "ok>warn"
	dial 48 other
	wait_for 20 changes_are "ok>warn ok>warn"
	wait_looks
	check_eq "changes of $R" "ok>warn" "$(changes $R:443)"
	check_eq "changes of $S" "ok>warn" "$(changes $S:443)"
	dial 0
	wait_for 20 changes_are "ok>warn ok>warn warn>ok"
	wait_looks
	check_eq "changes of $R" "ok>warn warn>ok" "$(changes $R:443)"
	check_eq "changes of $S" "ok>warn" "$(changes $S:443)"
}

own_thresholds() {
	watched_net
	echo "$R:443 warn=10 crit=20" >/proc/net/tw_thresholds ||
		abort "cannot set a rule"
	step 5 ""
	step 6 "ok>warn"
	step 12 "ok>warn warn>crit"
}

# A monitor that is off reports nothing, whatever monitors of other namespaces do.
off_tells_nothing() {
	watched_net
	step 48 "ok>warn"
	set_sysctl net.tw_summary.monitor_interval_ms 0
	new_ns
	in_ns "$NS_PID" sysctl -qw net.tw_summary.monitor_interval_ms=100 ||
		abort "no monitor in the second namespace"
	dial 60
	wait_looks 3
	check_eq "changes with the monitor off" "ok>warn" "$(changes)"
	check_eq "events of the other namespace" 0 \
		"$(event_count tw_level "$(readlink "/proc/$NS_PID/ns/net" |
			tr -cd 0-9)")"
	# It starts again without the levels of before.
	set_sysctl net.tw_summary.monitor_interval_ms 100
	wait_for 20 changes_are "ok>warn ok>full"
	check_eq "changes with the monitor on again" "ok>warn ok>full" \
		"$(changes)"
}

# Hold a full destination in a namespace that then ends.
full_and_end() {
	local server

	small_net
	serve $R 443
	server=$LAST_PID
	dialer $A $R:443
	dial 60
	set_sysctl net.tw_summary.monitor_interval_ms 100
	wait_looks
	end_pid "$server"
}

namespace_ends_with_monitor_on() {
	needs_debugfs
	monitor_on
	set_sysctl net.tw_summary.monitor_interval_ms 0
	for _ in 1 2 3; do
		"$TW_SELFTESTS/tw_netns" 900 "$BASH" "$0" --inside full_and_end ||
			fail "the namespace that ends"
	done
	snapshot
}

unload_with_monitor_on() {
	needs_modprobe
	watched_net
	dial 60
	wait_looks
	check "rmmod with a monitor on" rmmod tw_summary
	modprobe tw_summary || abort "modprobe"
	check_eq "the interval after a reload" 0 \
		"$(</proc/sys/net/tw_summary/monitor_interval_ms)"
}

# A filter compares the fields of an event with numbers, as in the kernel's own events.
events_by_port() {
	watched_net
	serve $R 444
	dialer $A $R:444 other
	echo 'dport == 444 && family == 2 && sport == 0' \
		>$TRACE/events/tw_summary/tw_level/filter ||
		abort "the filter is not accepted"
	dial 60
	dial 48 other
	wait_for 20 changes_are "ok>warn"
	wait_looks
	check_eq "changes that pass the filter" "ok>warn" "$(changes)"
	check_eq "their destination" "remote=$R:444" \
		"$(events tw_level | grep -o 'remote=[^ ]*')"
}

tw_main up down row_goes event_says events_by_port hidden_is_not_gone flapping \
	flapping_without_hysteresis each_destination_by_itself own_thresholds \
	off_tells_nothing namespace_ends_with_monitor_on unload_with_monitor_on
