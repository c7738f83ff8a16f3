#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The key bind_level: the worst level of the addresses that programs bind to with port 0.
#
# kernels: newest
# on all kernels: address_of_a_proxy
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"
. "$TW_LIB/callers.sh"
needs probe

P=10.9.0.6

# check_levels WHAT LEVEL BIND-LEVEL
check_levels() {
	snapshot
	check_eq "$1: level, bind_level" "$2 $3" \
		"${TW_HEAD[level]-} ${TW_HEAD[bind_level]-}"
}

two_hundred_ports() {
	add_addr $A $B $P $R
	use_range 40000 40199
	serve $R 443
	sample 1
}

# 25 destinations with 150 ports each by connect() alone: plenty is left for all of them, and
# none for a program that binds the address. As long as nobody does, that is no matter.
# Each has the 100 even ports and 50 odd ones, in a row that begins anywhere. That 25 such
# rows leave one out happens once in 600,000 times.
many_destinations() {
	local i

	two_hundred_ports
	for ((i = 1; i <= 25; i++)); do
		traffic_bg pairs --from $A --to $R:$((5000 + i)) --keep 150
	done
	check_levels "nobody binds" ok -
	check_eq "ports that bind() finds" 0 "$("$TOOL" bind --from $A)"
	check_levels "somebody has bound" ok full
}

address_of_a_proxy() {
	two_hundred_ports
	check_levels "nobody binds" ok -
	dialer $P $R:443 proxy --early-bind
	dial 120 proxy
	check_levels "120 of 200" ok ok
	dial 160 proxy
	check_levels "160 of 200" warn warn
	# Half of the ports of the other address are those of the proxy.
	dial 100 proxy
	traffic_bg hold bind --from $B --early-bind --count 190
	check_levels "190 of another address" crit crit
	end_pid "$LAST_PID"
	check_levels "none of it" ok ok
}

# It is of interest for ten minutes.
long_ago() {
	two_hundred_ports
	traffic_bg hold bind --from $P --early-bind --count 190
	check_levels "just now" crit crit
	sleep_ms 590000
	check_levels "ten minutes later" crit crit
	sleep_ms 20000
	check_levels "still later" crit -
}

# Nothing is known of it while calls are not counted.
not_counted() {
	two_hundred_ports
	traffic_bg hold bind --from $P --early-bind --count 190
	keep_param count_failures
	set_param count_failures N
	check_levels "not counted" crit -
}

tw_main many_destinations address_of_a_proxy long_ago not_counted
