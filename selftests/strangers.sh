#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Sockets of other namespaces are in the same tables. However many of them there are in
# one chain, they make no answer incomplete but their own.
#
# kernels: newest
# on all kernels: listeners_of_one_port,listeners_of_its_own
# on the oldest kernel: one_four_tuple,buckets_of_one_port
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"

# A destination with ten ports, all of them used.
full_destination() {
	add_addr $A $R
	use_range 40000 40009
	traffic pairs --from $A --to $R:443 --count 10
}

# check_full WHAT: it is known, and says so
check_full() {
	snapshot
	check_eq "$1: complete" yes "${TW_HEAD[complete]-}"
	check_eq "$1: level" full "${TW_HEAD[level]-}"
	check_cell "$1: the destination" "0 full" out $A $R:443 free level
}

# All listeners of one port and address are in one chain, whose they may be.
listeners_of_one_port() {
	full_destination
	new_ns
	in_ns "$NS_PID" "$TOOL" hold share --from 0.0.0.0:5999 --count 4200 \
		--background >"$TW_TMP/share" || abort "no listeners over there"
	remember_pid "$(<"$TW_TMP/share")"
	traffic_bg hold listen --from $R:5999
	traffic_bg pairs --from $A:30000 --to $R:5999 --external --keep 1
	check_full "4,200 listeners elsewhere"
	expect_row in $R:5999 '*' estab=1
}

# Also if there are many of its own.
listeners_of_its_own() {
	full_destination
	traffic_bg hold share --from 0.0.0.0:5999 --count 4200
	traffic_bg pairs --from $A:30000 --to $R:5999 --external --keep 1
	check_full "4,200 listeners here"
	expect_row in $R:5999 '*' estab=1
}

# many_devices TYPE N: as many devices in another namespace, none of which leads anywhere
many_devices() {
	local i n=$2 table=

	new_ns
	in_ns "$NS_PID" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	# Their routes are nobody's concern. With a table for each VRF the kernel would search
	# all of them for each that ends.
	[ "$1" != vrf ] || table="table 1000"
	for ((i = 0; i < n; i++)); do
		echo "link add d$i up type $1 $table"
	done | in_ns "$NS_PID" ip -batch - || skip "no $n devices of type $1"
	in_ns "$NS_PID" ip addr add $A/32 dev lo
}

# Connections with the same addresses and ports, each on a device of its own, are in one
# chain of the established table.
one_four_tuple() {
	full_destination
	many_devices dummy 8200
	in_ns "$NS_PID" "$TOOL" hold syn-sent --from $A:5000 --to 10.8.0.2:443 --dev d \
		--each-device --reuseaddr --count 8200 --background >"$TW_TMP/each" ||
		abort "no connections over there"
	remember_pid "$(<"$TW_TMP/each")"
	check_full "8,200 connections in one chain"
	check_alive "$(<"$TW_TMP/each")"
}

# In each VRF a port has a bucket of its own, and all of these are in one chain of the bind
# table, with those of other ports whose distance is a multiple of the number of chains.
# Here each chain has a bucket of ours, which is older than theirs.
buckets_of_one_port() {
	local n=16384 port

	add_addr $A
	use_range 20000 $((20000 + n - 1))
	traffic_bg hold bind --from $A:20000 --count $n
	many_devices vrf 2100
	for port in 5999 $((5999 + n)) $((5999 + 2 * n)) $((5999 + 3 * n)); do
		in_ns "$NS_PID" "$TOOL" hold bind --from 0.0.0.0:$port --dev d \
			--each-device --one-port --count 2100 \
			--background >"$TW_TMP/each" || abort "no sockets over there"
		remember_pid "$(<"$TW_TMP/each")"
	done
	snapshot
	check_eq "complete" yes "${TW_HEAD[complete]-}"
	check_eq "bound" $n "${TW_HEAD[bound]-}"
	check_eq "level" full "${TW_HEAD[level]-}"
	check_alive "$(<"$TW_TMP/each")"
}

tw_main listeners_of_one_port listeners_of_its_own one_four_tuple buckets_of_one_port
