#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The probes' handlers run with preemption off: nothing that they call may sleep, on
# PREEMPT_RT neither, where most locks do. A kernel that notices it complains.
#
# kernels: rules
# debug: all
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"
needs parallel probe

PARAM=/sys/module/tw_summary/parameters/count_failures
TRACING=/sys/kernel/tracing

# function_size NAME: the bytes up to the next symbol, in $SIZE
function_size() {
	local address at

	{ read -r at _ && read -r address _; } < <(sort /proc/kallsyms |
		grep -A1 " t $1\$") || return
	SIZE=$((16#${address: -8} - 16#${at: -8}))
}

# Where the writer of the range can be preempted, the middle of its change is a few
# instructions of some thousands. A breakpoint on each instruction of its function makes
# it a good part of the time. What is no instruction's beginning is refused.
slow_writer() {
	local at writer=ipv4_local_port_range group=tw_slow_$$

	uname -v | grep -q PREEMPT_RT || return 0
	function_size $writer || abort "there is no $writer"
	at_exit "echo '-:$group/' >>$TRACING/kprobe_events"
	for ((at = 1; at < SIZE; at++)); do
		echo "p:$group/at_$at $writer+$at"
	done >>$TRACING/kprobe_events 2>/dev/null
	mkdir $TRACING/instances/$group || abort "cannot make a trace buffer"
	at_exit "rmdir $TRACING/instances/$group"
	at_exit "echo 0 >$TRACING/instances/$group/events/$group/enable"
	echo 1 >$TRACING/instances/$group/events/$group/enable ||
		abort "no breakpoints on $writer"
}

# What a failed call is compared with are the settings of its moment, and one of them may
# be half written. So while it is, every call is counted, too.
range_written_meanwhile() {
	local calls writes

	[ "$(<$PARAM)" = Y ] || abort "failures are not counted here: no probe"
	[ "$(nproc)" -ge 2 ] || skip "there is one processor only"
	set_sysctl net.ipv4.ip_local_port_range "32768 60999"
	reserve_all
	slow_writer
	read -r calls writes < <("$TW_SELFTESTS/tw_ranges" "$(scaled 10000 5000)")
	check_range "writes meanwhile" 100 1000000000 "${writes:-0}"
	snapshot
	check_eq "calls that were counted or missed" "$calls" \
		$((${TW_HEAD[fails]-0} + ${TW_HEAD[fails_missed]-0}))
}

tw_main range_written_meanwhile
