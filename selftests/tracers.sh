#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The tracers that people use read our events: bpftrace (the lines of
# docs/usage.md, in /tw/oneliners), trace-cmd and perf. Each runs a command that
# makes events, and says what it saw.
#
# kernels: all
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"
needs probe tracers

# Seven times connect() fails toward $R, twice toward $S.
make_failures() {
	small_net
	echo "$LOW-$HIGH" >/proc/sys/net/ipv4/ip_local_reserved_ports
	check_eq "toward $R" "EADDRNOTAVAIL 7" \
		"$("$TOOL" connect --from $A --to $R:443 --count 7)"
	check_eq "toward $S" "EADDRNOTAVAIL 2" \
		"$("$TOOL" connect --from $A --to $S:80 --count 2)"
}

# Then 48 of 60 ports are in use, which the monitor sees.
make_change() {
	small_net
	serve $R 443
	dialer $A $R:443
	trace_on tw_level
	monitor_on
	dial 48
	wait_for 60 changes_are "ok>warn"
	check_eq "changes" "ok>warn" "$(changes)"
}

# needs_program NAME
needs_program() {
	command -v "$1" >/dev/null || skip "there is no $1 here"
}

# oneliner EVENT: the program of the line that is about this event
oneliner() {
	sed -n "s/^bpftrace -e '\(.*$1.*\)'\$/\1/p" /tw/oneliners
}

bpftrace_oneliner() {
	needs_program bpftrace
	[ -e /tw/oneliners ] || skip "the lines of docs/usage.md are not here"
	bpftrace -e "$(oneliner "$1")" -c "$BASH $0 --inside $2" \
		>"$TW_TMP/out" 2>&1
	note "$(grep -v '^$' "$TW_TMP/out")"
}

bpftrace_counts_failures() {
	bpftrace_oneliner tw_connect_failed make_failures
	check_eq "counted toward $R" 1 "$(grep -cF \
		"@[tw_traffic, $A, $R:443]: 7" "$TW_TMP/out")"
	check_eq "counted toward $S" 1 "$(grep -cF \
		"@[tw_traffic, $A, $S:80]: 2" "$TW_TMP/out")"
}

bpftrace_tells_changes() {
	bpftrace_oneliner tw_level make_change
	check_eq "the change" 1 "$(grep -cF \
		"$A -> $R:443: level 0 to 1, 12 of 60 free" "$TW_TMP/out")"
}

# What came of make_failures, and of make_change.
failures_shown() {
	note "$(grep -m 1 tw_connect_failed "$TW_TMP/out")"
	check_eq "events toward $R" 7 "$(grep tw_connect_failed "$TW_TMP/out" |
		grep -cF " netns=$(own_netns) local=$A remote=$R:443 pid=")"
	check_eq "events toward $S" 2 "$(grep tw_connect_failed "$TW_TMP/out" |
		grep -c " local=$A remote=$S:80 pid=[0-9]* comm=tw_traffic")"
}

change_shown() {
	note "$(grep -m 1 tw_level "$TW_TMP/out")"
	check_eq "the change" 1 "$(grep tw_level "$TW_TMP/out" | grep -cF \
		" local=$A remote=$R:443 old=ok new=warn use=80.0% free=12 of=60 tw=0 close/s=0.0")"
}

trace_cmd() {
	needs_program trace-cmd
	trace-cmd record -q -o "$TW_TMP/dat" -e tw_summary:"$1" \
		"$BASH" "$0" --inside "$2" >"$TW_TMP/log" 2>&1 ||
		fail "trace-cmd record: $(tail -n 3 "$TW_TMP/log")"
	trace-cmd report -q -i "$TW_TMP/dat" >"$TW_TMP/out" 2>&1 ||
		fail "trace-cmd report: $(tail -n 3 "$TW_TMP/out")"
}

trace_cmd_failures() {
	trace_cmd tw_connect_failed make_failures
	failures_shown
}

trace_cmd_change() {
	trace_cmd tw_level make_change
	change_shown
}

perf_script() {
	needs_program perf
	perf record -q -a -o "$TW_TMP/data" -e tw_summary:"$1" -- \
		"$BASH" "$0" --inside "$2" >"$TW_TMP/log" 2>&1 ||
		fail "perf record: $(tail -n 3 "$TW_TMP/log")"
	perf script -i "$TW_TMP/data" >"$TW_TMP/out" 2>"$TW_TMP/log" ||
		fail "perf script: $(tail -n 3 "$TW_TMP/log")"
}

perf_failures() {
	perf_script tw_connect_failed make_failures
	failures_shown
}

perf_change() {
	perf_script tw_level make_change
	change_shown
}

tw_main bpftrace_counts_failures bpftrace_tells_changes trace_cmd_failures \
	trace_cmd_change perf_failures perf_change
