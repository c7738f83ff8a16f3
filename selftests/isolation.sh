#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A namespace sees its own sockets and no others, in a shared table or one
# of its own.
#
# kernels: rules
# debug: own_table,one_slot,own_table_goes,gone_with_its_namespace
. "${BASH_SOURCE[0]%/*}/lib/main.sh"

A=10.9.0.1
R=10.9.1.1

# The same addresses and ports in two namespaces, in different numbers.
same_pair_in_two_namespaces() {
	add_addr $A $R
	new_ns
	check_in_ns "the sockets over there" $NS_PID make_seven
	traffic_bg pairs --from $A:40001 --to $R:443 --keep 1 --close-listener
	traffic pairs --from $A --to $R:443 --count 4
	check_table
	expect_row out $A $R:443 tw=4 estab=1
	check_in_ns "the table over there" $NS_PID check_seven
}

make_seven() {
	add_addr $A $R
	traffic_bg pairs --from $A:40001 --to $R:443 --keep 1 --close-listener
	traffic pairs --from $A --to $R:443 --count 7
	check_seven
}

check_seven() {
	check_table
	expect_row out $A $R:443 tw=7 estab=1
}

# /proc/PID/net/tw_summary is the file of the namespace of PID.
by_process() {
	new_ns
	add_addr $A $R
	traffic pairs --from $A --to $R:443 --count 4
	snapshot /proc/$NS_PID/net/tw_summary
	check_eq "sockets over there" 0 "${TW_HEAD[sockets]-}"
	check_eq "netns over there" "$(readlink /proc/$NS_PID/ns/net)" \
		"net:[${TW_HEAD[netns]-}]"
	in_ns $NS_PID cat /proc/$$/net/tw_summary >"$TW_TMP/ours"
	use_snapshot "$TW_TMP/ours"
	check_eq "our sockets, read from there" 4 "${TW_HEAD[sockets]-}"
	check_eq "our netns, read from there" "$(readlink /proc/self/ns/net)" \
		"net:[${TW_HEAD[netns]-}]"
}

initial_namespace_sees_none_of_it() {
	add_addr $A $R
	traffic pairs --from $A --to $R:443 --count 4
	nsenter --net=/proc/self/fd/9 cat $TW_FILE >"$TW_TMP/initial" ||
		abort "the initial namespace cannot be read"
	use_snapshot "$TW_TMP/initial"
	check_wellformed
	check_eq "rows of ours in the initial namespace" 0 \
		"$(columns local | grep -c "^$A")"
	check_eq "its netns" "$(readlink /proc/self/fd/9)" \
		"net:[${TW_HEAD[netns]-}]"
}

# A listener of another namespace does not count here.
listeners_are_not_shared() {
	add_addr $A $R
	new_ns
	traffic_bg hold listen --from $R:80
	check_in_ns "server leftovers over there" $NS_PID leftovers
}

leftovers() {
	add_addr $A $R
	traffic pairs --from $A --to $R:80 --server-closes --count 3
	check_table
	expect_row bound $R:80 '*' tw=3
}

# 6.1 and later: a namespace with a table of its own (but with the bind
# table and the listeners of all).
own_table() {
	local knob=net.ipv4.tcp_child_ehash_entries

	[ -e /proc/sys/net/ipv4/tcp_child_ehash_entries ] ||
		skip "this kernel has no $knob (it came with 6.1)"
	add_addr $A $R
	traffic pairs --from $A --to $R:443 --count 4
	set_sysctl $knob 256
	new_ns
	check_eq "size of its own table" 256 \
		"$(in_ns $NS_PID sysctl -n net.ipv4.tcp_ehash_entries)"
	check_in_ns "the table over there" $NS_PID use_own_table
	check_table
	expect_row out $A $R:443 tw=4
}

use_own_table() {
	add_addr $A $R fd00:9::1
	traffic_bg pairs --from $A --to $R:443 --count 60 --keep 3 \
		--fin-wait2 3 --half-open 3
	traffic pairs --to "[fd00:9::1]:444" --count 7
	settle
	check_table
	expect_row out $A $R:443 tw=60 fw2=3 estab=6
	expect_row out fd00:9::1 "[fd00:9::1]:444" tw=7
}

# Tables of a few slots: every slot is in use, from the first to the last,
# and chains are longer than any that an ordinary table has.
few_slots() {
	own_table_of 16
	check_in_ns "the table over there" $NS_PID use_few_slots
}

one_slot() {
	own_table_of 1
	check_in_ns "the table over there" $NS_PID use_few_slots
}

own_table_of() {
	local knob=net.ipv4.tcp_child_ehash_entries

	[ -e /proc/sys/net/ipv4/tcp_child_ehash_entries ] ||
		skip "this kernel has no $knob (it came with 6.1)"
	set_sysctl $knob "$1"
	new_ns
	check_eq "size of its own table" "$1" \
		"$(in_ns $NS_PID sysctl -n net.ipv4.tcp_ehash_entries)"
}

use_few_slots() {
	local n

	n=$(scaled 700 300)
	add_addr $A $R
	set_sysctl net.ipv4.tcp_max_tw_buckets 100000
	traffic pairs --from $A --to $R:443 --count "$n"
	traffic_bg pairs --from $A --to $R:80 --count 20 --keep 5 \
		--fin-wait2 4 --orphans 3 --half-open 2
	settle
	check_table
	expect_row out $A $R:443 tw="$n"
}

# Such a table ends with its namespace. Readers and snapshots must not use it then.
own_table_goes() {
	local i knob=net.ipv4.tcp_child_ehash_entries

	[ -e /proc/sys/net/ipv4/tcp_child_ehash_entries ] ||
		skip "this kernel has no $knob (it came with 6.1)"
	set_sysctl $knob 256
	for i in 1 2 3 4 5; do
		new_ns
		check_in_ns "round $i" $NS_PID use_and_go
		exec 5<"/proc/$NS_PID/net/tw_summary"
		end_pid $NS_PID
		cat <&5 >"$TW_TMP/late"
		exec 5<&-
		use_snapshot "$TW_TMP/late"
		check_eq "round $i: sockets after its processes went" 9 \
			"${TW_HEAD[sockets]-}"
	done
}

use_and_go() {
	add_addr $A $R
	traffic pairs --from $A --to $R:443 --count 9
	snapshot
	check_eq "sockets" 9 "${TW_HEAD[sockets]-}"
}

# Everything of a namespace ends with it.
gone_with_its_namespace() {
	local i

	add_addr $A $R
	for i in 1 2 3 4 5; do
		"$TW_SELFTESTS/tw_netns" 900 "$BASH" "$0" --inside use_and_go ||
			fail "round $i"
	done
	check_table
	check_eq "sockets here" 0 "${TW_HEAD[sockets]-}"
}

tw_main same_pair_in_two_namespaces by_process \
	initial_namespace_sees_none_of_it listeners_are_not_shared \
	own_table few_slots one_slot own_table_goes gone_with_its_namespace
