#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# More than 40,000 destinations, as a crawler has, with the default of max_rows. This
# needs counted time: otherwise the first ones may expire before the last are made.
#
# kernels: newest
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/overflow.sh"

A=10.9.0.1
R=10.9.1.1

many_destinations() {
	local max

	crowd_addresses
	set_sysctl net.ipv4.tcp_max_tw_buckets 1000000
	max=$(nsenter --net=/proc/self/fd/9 sysctl -n net.tw_summary.max_rows)
	[ "${TW_SCALE:-100}" -ge 100 ] || max=50
	init_sysctl max_rows "$max"
	traffic pairs --from $A --to $R:443 --count "$(scaled 1000 60)"
	# Each of these connects to itself: 20,000 ports of two addresses.
	traffic selfconnect --from 10.77.1.1:33000 --destinations 2 \
		--count "$(scaled 20000 100)"
	crowd "$(scaled 3000 60)" 2
	traffic pairs --from $A --to $R:444 --count "$(scaled 300 50)"
	traffic pairs --from $A --to $R:80 --count "$(scaled 500 50)" \
		--server-closes
	check_overflow "$max"
	expect_row out $A $R:443 tw="$(scaled 1000 60)"
	expect_row out $A $R:444 tw="$(scaled 300 50)"
	expect_row bound $R:80 '*' tw="$(scaled 500 50)"
	note "${TW_HEAD[sockets]-} sockets, ${TW_HEAD[hidden_min]-} rows hidden at least," \
		"walk_us=${TW_HEAD[walk_us]-}"
}

tw_main many_destinations
