#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The module can be unloaded and loaded at any time.
#
# kernels: rules
# debug: all
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/watch.sh"
needs parallel

A=10.9.0.1
R=10.9.1.1

rounds() {
	scaled 5 2
}

unload() {
	rmmod tw_summary || abort "rmmod failed"
	check "$TW_FILE is still there" [ ! -e $TW_FILE ]
}

load() {
	modprobe tw_summary "$@" || abort "modprobe failed"
	check "no $TW_FILE after modprobe" [ -e $TW_FILE ]
	init_sysctl cache_ms 0
}

works_after_reload() {
	traffic pairs --to 127.0.0.1:4443 --count 3
	check_table
	check_cell "TIME_WAITs to 127.0.0.1:4443" 3 \
		out 127.0.0.1 127.0.0.1:4443 tw
}

reload() {
	needs_modprobe
	add_addr $A $R
	traffic pairs --from $A --to $R:443 --count 5
	unload
	check "the sysctls are still there" [ ! -e /proc/sys/net/tw_summary ]
	load
	works_after_reload
	expect_row out $A $R:443 tw=5
}

# Open files do not keep it loaded, and are harmless when it is gone.
files_held_open() {
	needs_modprobe
	add_addr $A $R
	new_ns
	traffic pairs --from $A --to $R:443 --count 50
	exec 5<$TW_FILE 6<"/proc/$NS_PID/net/tw_summary" 7<$TW_FILE
	head -c 100 <&7 >/dev/null
	unload
	cat <&5 >/dev/null 2>&1
	cat <&6 >/dev/null 2>&1
	cat <&7 >/dev/null 2>&1
	load
	cat <&5 >/dev/null 2>&1
	exec 5<&- 6<&- 7<&-
	works_after_reload
}

# Loops that read $TW_FILE; those that have read it at least once say so.
LOADS=

start_load() {
	local done=$TW_TMP/load.$RANDOM$RANDOM

	(while :; do
		"$@" && : >"$done"
	done) >/dev/null 2>&1 &
	LOADS+=" $!"
	remember_pid $!
	disown
}

check_loads() {
	# shellcheck disable=SC2086 # blanks separate them
	check_alive $LOADS
	wait_for 20 loads_have_read || fail "a load has not read the table once"
}

loads_have_read() {
	[ "$(find "$TW_TMP" -name 'load.*' | wc -l)" = "$(wc -w <<<"$LOADS")" ]
}

start_reader() {
	start_load cat $TW_FILE
}

readers_in_a_loop() {
	local i

	needs_modprobe
	add_addr $A $R
	traffic pairs --from $A --to $R:443 --count "$(scaled 200)"
	start_reader
	start_reader
	for i in $(seq "$(rounds)"); do
		unload
		load
		sleep 0.1
	done
	check_loads
	works_after_reload
}

start_namespaces() {
	start_load unshare -n cat $TW_FILE
}

namespaces_come_and_go() {
	local i

	needs_modprobe
	start_namespaces
	start_namespaces
	for i in $(seq "$(rounds)"); do
		unload
		load
		sleep 0.1
	done
	check_loads
	works_after_reload
}

# The module is on its way out, and several threads poll the same open file for the
# first time: none of them may wait in memory that goes.
first_poll_while_unloading() {
	local i

	needs_modprobe
	for i in $(seq "$(rounds)"); do
		talk_to first "$TW_SELFTESTS/tw_firstpoll" $TW_FILE \
			/sys/module/tw_summary/initstate
		hear first || abort "tw_firstpoll does not start"
		unload
		hear first || fail "tw_firstpoll does not end"
		check_eq "its threads were" "kept out" "$HEARD"
		load
	done
	works_after_reload
}

# A namespace that was made while the module was out gets its file too.
namespace_made_meanwhile() {
	needs_modprobe
	unload
	new_ns
	load
	snapshot "/proc/$NS_PID/net/tw_summary"
	check_eq "its netns" "$(readlink /proc/$NS_PID/ns/net)" \
		"net:[${TW_HEAD[netns]-}]"
}

# Without the probe: setting that while connect() runs has a test of its own in
# failures.sh.
under_traffic() {
	local i

	needs_modprobe
	add_addr $A $R
	unload
	load count_failures=0
	traffic_bg pairs --from $A --to $R:443 --count 20 --interval-ms 2 --forever
	CLIENT=$LAST_PID
	traffic_bg pairs --from $A --to $R:80 --count 20 --interval-ms 2 --forever \
		--server-closes
	start_reader
	start_namespaces
	for i in $(seq "$(rounds)"); do
		unload
		load count_failures=0
		snapshot
	done
	check_alive "$CLIENT" "$LAST_PID"
	check_loads
	end_pid "$CLIENT"
	end_pid "$LAST_PID"
	unload
	load
	works_after_reload
}

tw_main reload files_held_open readers_in_a_loop namespaces_come_and_go \
	first_poll_while_unloading namespace_made_meanwhile under_traffic
