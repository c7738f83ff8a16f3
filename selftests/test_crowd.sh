#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A crawler's day: 50,000 destinations and 100,000 sockets, with the default
# of max_rows. For instruction-counted time: elsewhere the first ones may
# expire before the last ones are made.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$TW_HERE/lib_overflow.sh"

A=10.9.0.1
R=10.9.1.1

fifty_thousand_destinations() {
	local n

	n=$(scaled 50000 200)
	crowd_addresses
	set_sysctl net.ipv4.tcp_max_tw_buckets 1000000
	[ "$n" -ge 10000 ] || init_sysctl max_rows 64
	traffic pairs --from $A --to $R:443 --count "$(scaled 1000 50)"
	crowd "$n" 2
	traffic pairs --from $A --to $R:444 --count "$(scaled 300 40)"
	traffic pairs --from $A --to $R:80 --count "$(scaled 500 40)" \
		--server-closes
	check_overflow "$(nsenter --net=/proc/self/fd/9 \
		sysctl -n net.tw_summary.max_rows)"
	expect_row out $A $R:443 "$(scaled 1000 50) 0 0 0"
	expect_row out $A $R:444 "$(scaled 300 40) 0 0 0"
	expect_row bound $R:80 '*' "$(scaled 500 40) 0 0 0"
	note "$(header sockets) sockets, $(header hidden) rows hidden," \
		"walk_us=$(header walk_us)"
}

tw_main fifty_thousand_destinations
