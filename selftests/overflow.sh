#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# More destinations than max_rows: those with many sockets are shown, with exact counts.
#
# kernels: newest
# on all kernels: every_kind_and_state
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/overflow.sh"

A=10.9.0.1
R=10.9.1.1

heavy_ones_are_shown() {
	local n

	n=$(scaled 600 120)
	crowd_addresses
	init_sysctl max_rows 20
	traffic pairs --from $A --to $R:443 --count $((n / 5))
	crowd "$n" 1
	traffic pairs --from $A --to $R:444 --count $((n / 6))
	traffic pairs --from $A --to $R:80 --server-closes --count $((n / 8))
	check_overflow 20
	expect_row out $A $R:443 tw=$((n / 5))
	expect_row out $A $R:444 tw=$((n / 6))
	expect_row bound $R:80 '*' tw=$((n / 8))
}

# All have the same number of sockets: none must be shown, but the sums must be right.
nobody_is_heavy() {
	crowd_addresses
	init_sysctl max_rows 10
	crowd "$(scaled 300 60)" 1
	check_overflow 10
}

# A row for everyone, then one destination too many, then two.
exactly_max_rows() {
	crowd_addresses
	init_sysctl max_rows 30
	crowd 30 2
	check_table
	check_eq hidden_min 0 "${TW_HEAD[hidden_min]-}"
	check_eq hidden_level - "${TW_HEAD[hidden_level]-}"
	check_eq rows 30 "$(row_count)"
	traffic pairs --from $A --to $R:443 --count 1
	check_overflow 30
	check_eq "hidden_sockets are not 0" no \
		"$([ "${TW_HEAD[hidden_sockets]-}" = 0 ] && echo yes || echo no)"
	traffic pairs --from $A --to $R:444 --count 1
	check_overflow 30
}

one_row_only() {
	crowd_addresses
	init_sysctl max_rows 1
	traffic pairs --from $A --to $R:443 --count 60
	crowd 40 1
	check_overflow 1
	expect_row out $A $R:443 tw=60
}

# Rows of every kind and state compete for the places.
every_kind_and_state() {
	crowd_addresses
	init_sysctl max_rows 8
	traffic_bg pairs --from $A --to $R:8080 --server-closes --keep 20 \
		--fin-wait2 12 --orphans 11 --half-open 9 --count 3
	crowd "$(scaled 80 40)" 1
	check_overflow 8
	expect_row out $A $R:8080 estab=29 cwait=23
}

# Sizes around sockets/max_rows, so that some are just in and some just out.
around_the_threshold() {
	local i

	crowd_addresses
	init_sysctl max_rows 16
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		traffic pairs --from $A --to $R:$((400 + i)) --count $i
	done
	crowd 40 1
	check_overflow 16
}

# Twenty rows with 6 sockets and 80 with one, for 40 places. Those with 6 have just more
# than 200 / 40, so they must be shown, also if others came first.
just_heavy_enough() {
	crowd_addresses
	init_sysctl max_rows 40
	crowd 80 1
	traffic pairs --from $A --to 10.77.200.1:443 --count 6 --destinations 20
	check_overflow 40
	check_eq "rows of 6 sockets" 20 "$(columns tw | grep -cx 6)"
}

# max_rows up again: everything is back.
back_to_all_rows() {
	crowd_addresses
	init_sysctl max_rows 5
	crowd 40 2
	check_overflow 5
	init_sysctl max_rows 4096
	check_table
	check_eq rows 40 "$(row_count)"
}

# 50 ports, and so many sockets in so many rows that a hidden destination may have all
# of them. It does: the table must not say that all is well.
hidden_may_be_full() {
	crowd_addresses
	echo 40000 40049 >/proc/sys/net/ipv4/ip_local_port_range
	init_sysctl max_rows 3
	crowd 5 50
	check_overflow 3
	check_eq hidden_sockets 100 "${TW_HEAD[hidden_sockets]-}"
	check_eq hidden_level full "${TW_HEAD[hidden_level]-}"
	# 5 sockets of 50 ports are 10%. So are 26% the most that one may have.
	init_sysctl max_rows 40
	traffic pairs --from $A --to 10.77.9.1:443 --count 5 --destinations 60
	check_overflow 40
	check_eq hidden_level ok "${TW_HEAD[hidden_level]-}"
	echo "10.77.0.0/16 warn=10 crit=50" >/proc/net/tw_thresholds
	snapshot
	check_eq "hidden_level under a strict rule" warn \
		"${TW_HEAD[hidden_level]-}"
}

# A table that overflows is read in pieces: it is one snapshot.
pieces_of_an_overflow() {
	crowd_addresses
	init_sysctl max_rows 40
	traffic pairs --from $A --to $R:443 --count 30
	crowd 100 1
	settle
	traffic read --chunk 13 --recheck $TW_FILE >"$TW_TMP/pieces"
	check_overflow 40 "$TW_TMP/pieces"
}

# A hostile table: one slot, and as many sockets in its chain as the module reads while it
# holds the lock. One more, and the table says that it does not know all.
chain_beyond_the_bound() {
	set_sysctl net.ipv4.tcp_child_ehash_entries 1
	new_ns
	check_in_ns "the table over there" $NS_PID use_one_slot
}

use_one_slot() {
	add_addr $A
	set_sysctl net.ipv4.tcp_max_tw_buckets 100000
	traffic selfconnect --from $A:33000 --count 8192
	snapshot
	check_eq sockets 8192 "${TW_HEAD[sockets]-}"
	check_eq complete yes "${TW_HEAD[complete]-}"
	traffic selfconnect --from $A:32999
	cat $TW_FILE >"$TW_TMP/table"
	use_snapshot "$TW_TMP/table"
	check_eq "sockets that were read" 8192 "${TW_HEAD[sockets]-}"
	check_eq "complete with one more" no "${TW_HEAD[complete]-}"
	check_eq "level with one more" - "${TW_HEAD[level]-}"
	check_eq "rows whose free ports are told" 0 "$(columns free | grep -vc '^-$')"
}

tw_main heavy_ones_are_shown nobody_is_heavy exactly_max_rows one_row_only \
	every_kind_and_state around_the_threshold just_heavy_enough \
	back_to_all_rows hidden_may_be_full pieces_of_an_overflow \
	chain_beyond_the_bound
