#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# `free` with ranges of any size, and with settings that change between two reads. In a
# range of an odd number connect() skips one port, not always the same: there `free` may
# be wrong by 1.
#
# kernels: rules
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"

even() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 20 --keep 1
	check_eq tried 60 "$(snapshot && header tried)"
	check_free $A $R:443
	check_eq free 39 "$FREE"
}

odd() {
	small_net
	use_range 40000 40060
	traffic_bg pairs --from $A --to $R:443 --count 20 --keep 1
	check_eq tried 60 "$(snapshot && header tried)"
	check_free_within 1 $A $R:443
}

odd_begins_odd() {
	small_net
	use_range 40001 40061
	traffic_bg pairs --from $A --to $R:443 --count 20 --keep 1
	check_free_within 1 $A $R:443
}

three_ports() {
	local port

	small_net
	use_range 40000 40002
	traffic_bg pairs --from $A --to $R:443 --keep 1
	port=$(ss -Htan src $A dst $R:443 | awk '{ sub(/.*:/, "", $4); print $4 }')
	check_free_within 1 $A $R:443
	check_eq "free, the lowest left out, with $port taken" \
		$((port == 40000 ? 2 : 1)) "$FREE"
}

two_ports() {
	small_net
	use_range 40001 40002
	traffic_bg pairs --from $A --to $R:443 --keep 1
	check_free $A $R:443
	check_eq free 1 "$FREE"
}

one_port_free() {
	small_net
	use_range 40001 40001
	serve $R 443
	check_usable $A $R:443
	check_eq usable 1 "${TW_HEAD[usable]-}"
}

one_port_taken() {
	small_net
	use_range 40001 40001
	traffic_bg pairs --from $A --to $R:443 --keep 1
	check_free $A $R:443
	check_eq free 0 "$FREE"
	check_cell level full out $A $R:443 level
}

one_port_reserved() {
	small_net
	use_range 40001 40001
	traffic_bg pairs --from $A --to $R:443 --keep 1
	set_sysctl net.ipv4.ip_local_reserved_ports 40001
	check_free $A $R:443
	check_cell use% 100.0 out $A $R:443 use%
	check_eq usable 0 "${TW_HEAD[usable]-}"
}

# Sockets on ports outside the range take nothing from it.
range_moves() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 30 --keep 2
	check_free $A $R:443
	check_eq "free of the range that is used" 28 "$FREE"
	use_range 40030 40129
	check_free_within 0 $A $R:443
	use_range 41000 41099
	check_usable $A $R:443
	check_eq usable 100 "${TW_HEAD[usable]-}"
	use_range $LOW $HIGH
	check_free $A $R:443
	check_eq "free of the range that was" 28 "$FREE"
}

reserved_changes() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --keep 1
	check_free $A $R:443
	check_eq "free before" 59 "$FREE"
	set_sysctl net.ipv4.ip_local_reserved_ports 40000-40019
	check_free $A $R:443
	check_eq reserved 20 "${TW_HEAD[reserved]-}"
	set_sysctl net.ipv4.ip_local_reserved_ports ''
	check_free $A $R:443
	check_eq "free after" 59 "$FREE"
}

# 127.0.0.1: all three values make a difference of some kind.
reuse_changes() {
	use_range $LOW $HIGH
	set_sysctl net.ipv4.tcp_tw_reuse 0
	traffic_bg pairs --from 127.0.0.1 --to 127.0.0.1:443 --count 20 --keep 1
	sleep_ms 2100
	check_free 127.0.0.1 127.0.0.1:443
	check_eq "free with 0" 39 "$FREE"
	set_sysctl net.ipv4.tcp_tw_reuse 2
	check_free 127.0.0.1 127.0.0.1:443
	check_eq "free with 2" 59 "$FREE"
}

# A namespace with a table of its own (6.1 and later); the bind table is that
# of all.
own_table() {
	local knob=net.ipv4.tcp_child_ehash_entries

	[ -e "/proc/sys/${knob//.//}" ] ||
		skip "this kernel has no tables of namespaces"
	set_sysctl $knob 256
	check_in_own_table own_table_inside
	check_in_own_table own_table_bound_inside
}

check_in_own_table() {
	check "$1" "$TW_SELFTESTS/tw_netns" 900 "$BASH" "$0" --inside "$1"
}

own_table_inside() {
	check_eq "the table is the namespace's own" 256 \
		"$(sysctl -n net.ipv4.tcp_ehash_entries)"
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 20 --keep 10
	check_free $A $R:443
	check_eq free 30 "$FREE"
}

own_table_bound_inside() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 10 --early-bind --keep 5
	serve $S 443
	check_usable $A $S:443
	check_eq bound 15 "${TW_HEAD[bound]-}"
	check_free $A $R:443
}

# Another namespace has all of the same ports, addresses and destinations.
other_namespaces() {
	new_ns
	in_ns "$NS_PID" ip link set lo up
	in_ns "$NS_PID" ip addr add $A/32 dev lo
	in_ns "$NS_PID" ip addr add $R/32 dev lo
	in_ns "$NS_PID" sysctl -qw net.ipv4.ip_local_port_range="$LOW $HIGH"
	LAST_PID=$(in_ns "$NS_PID" "$TOOL" pairs --from $A --to $R:443 \
		--count 30 --keep 3 --background) || abort "no connections"
	remember_pid "$LAST_PID"
	LAST_PID=$(in_ns "$NS_PID" "$TOOL" hold bind --from 0.0.0.0 \
		--early-bind --count 20 --background) || abort "no bind()"
	remember_pid "$LAST_PID"
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 9 --keep 1
	check_free $A $R:443
	check_eq free 50 "$FREE"
	check_eq bound 0 "${TW_HEAD[bound]-}"
}

tw_main even odd odd_begins_odd three_ports two_ports one_port_free \
	one_port_taken one_port_reserved range_moves reserved_changes \
	reuse_changes own_table other_namespaces
