#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The machine is suspended for some seconds: the timers of TIME_WAITs stand still
# meanwhile, and so do ages, rates and what they foretell. (The kernel's own test of
# suspending goes as far as to stop its clocks, and comes back by itself.)
#
# kernels: newest
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/times.sh"
. "$TW_LIB/watch.sh"
needs suspend

POWER=/sys/power
SECONDS_OFF=5

# Writes VALUE to FILE, and back what was there when the subtest ends
keep() {
	local before

	before=$(<"$1")
	before=${before#*[}
	at_exit "echo ${before%%]*} >$1"
	echo "$2" >"$1" || abort "cannot set $1 to $2"
}

can_suspend() {
	[ -e $POWER/pm_test ] || skip "this kernel cannot test suspending"
	keep $POWER/mem_sleep deep
	keep $POWER/pm_test core
	keep /sys/module/suspend/parameters/pm_test_delay $SECONDS_OFF
	# What it prints meanwhile would be lost.
	keep /sys/module/printk/parameters/console_suspend N
}

# suspend: for how long, in $SUSPENDED, in ms
suspend() {
	local before

	before=$("$TOOL" suspended)
	echo mem >$POWER/state || abort "cannot suspend"
	SUSPENDED=$(($("$TOOL" suspended) - before))
	# What tells how long is a clock of seconds.
	check_range "suspended, ms" $((SECONDS_OFF * 1000 - 1500)) 60000 $SUSPENDED
}

# later FILE: its times, as if the machine had not been suspended since
later() {
	awk -v by="$SUSPENDED" '{ print $1 + by, $2 + by }' "$1" >"$1.later"
	echo "$1.later"
}

ages_stand_still() {
	can_suspend
	add_addr $A $R
	traffic pairs --from $A --to $R:443 --count 20 --times "$TW_TMP/times"
	timed_snapshot
	check_row_times out $A $R:443 "$TW_TMP/times"
	suspend
	timed_snapshot
	expect_row out $A $R:443 tw=20
	check_row_times out $A $R:443 "$(later "$TW_TMP/times")"
	check_table
	traffic pairs --from $A --to $R:444 --count 5
	check_table
}

# awake_ms: since boot, by the clock that stands still meanwhile
awake_ms() {
	echo $(($("$TOOL" now) - $("$TOOL" suspended)))
}

# young_ones PORT: of 60 ports 40 are in TIME_WAIT, 30 since before the machine was suspended.
# How many more connections are made, in $GOT; the table before that in $TW_TMP/young. False
# if it took so long that some may have come of age.
young_ones() {
	local began

	began=$(awake_ms)
	traffic pairs --from $A --to $R:"$1" --count 30
	suspend
	traffic pairs --from $A --to $R:"$1" --count 10
	serve $R "$1"
	cat $TW_FILE >"$TW_TMP/young"
	GOT=$(connects $A $R:"$1")
	[ $(($(awake_ms) - began)) -lt $REUSE_MS ]
}

# Which TIME_WAITs may be taken over depends on clocks too: connect() is asked. They must be
# of an age of 3 s, which is less than the machine is suspended.
reuse_afterwards() {
	local port

	can_suspend
	small_net
	set_sysctl net.ipv4.tcp_tw_reuse 1
	REUSE_MS=3000
	set_sysctl net.ipv4.tcp_tw_reuse_delay $REUSE_MS
	for port in 443 444 445 446 447 448; do
		! young_ones $port || break
	done
	[ $port != 448 ] || skip "3 s are too short for this machine"
	snapshot "$TW_TMP/young"
	check_cell "free, while they are too young" "$GOT" out $A $R:$port free
	check_eq "what connect() finds" 20 "$GOT"
	sleep_ms $REUSE_MS
	check_free $A $R:$port
	check_eq "free, when they are of age" 60 "$FREE"
}

# The monitor goes on, and its budget with it.
monitor_goes_on() {
	needs_debugfs
	can_suspend
	monitor_on
	init_sysctl monitor_budget_percent 1
	wait_looks 2
	suspend
	wait_looks 5
	check "the monitor looks" [ "$LOOKS" -gt 0 ]
}

tw_main ages_stand_still reuse_afterwards monitor_goes_on
