#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# IPv4, IPv6, and IPv4-mapped sockets, which are IPv4 sockets here.
#
# kernels: rules
. "${BASH_SOURCE[0]%/*}/lib/main.sh"

A=10.9.0.1
R=10.9.1.1
A6=fd00:9::1
R6=fd00:9:1::1

mapped_client_is_v4() {
	local n

	n=$(scaled 100)
	add_addr $A $R
	traffic_bg pairs --from $A --to $R:443 --count "$n" --keep 2 \
		--fin-wait2 3 --orphans 4 --mapped --close-listener
	settle
	check_table
	check_eq out_rows 1 "${TW_HEAD[out_rows]-}"
	expect_row out $A $R:443 tw="$n" fw2=7 estab=2
}

# The same pair through both kinds of socket is one row.
mapped_and_plain_share_a_row() {
	local n

	n=$(scaled 50)
	add_addr $A $R
	traffic pairs --from $A --to $R:443 --count "$n"
	traffic pairs --from $A --to $R:443 --count "$n" --mapped
	settle
	check_table
	check_eq out_rows 1 "${TW_HEAD[out_rows]-}"
	expect_row out $A $R:443 tw=$((2 * n))
	check_cell used $((2 * n)) out $A $R:443 used
}

mapped_server_is_v4() {
	local n

	n=$(scaled 50)
	add_addr $A $R
	traffic_bg pairs --from $A --to $R:80 --listen 0.0.0.0:80 \
		--mapped-server --server-closes --count "$n" --keep 4 \
		--half-open 2
	settle
	check_table
	expect_row in $R:80 '*' tw="$n" estab=4 other=2
	check_eq in_rows 1 "${TW_HEAD[in_rows]-}"
}

ipv6_out() {
	local n

	n=$(scaled 100)
	add_addr $A6 $R6
	traffic_bg pairs --from $A6 --to "[$R6]:443" --count "$n" --keep 2 \
		--fin-wait2 3 --orphans 4 --close-listener
	settle
	check_table
	expect_row out $A6 "[$R6]:443" tw="$n" fw2=7 estab=2
}

ipv6_served() {
	local n

	n=$(scaled 100)
	add_addr $A6 $R6
	traffic_bg pairs --from $A6 --to "[$R6]:80" --count "$n" --keep 2 \
		--server-closes --half-open 3
	settle
	check_table
	expect_row in "[$R6]:80" '*' tw="$n" estab=2 other=3
}

# expect_closed MOST ROW ADDRESS: the row has the TIME_WAITs that ss sees there. There
# may be fewer than MOST: once two had ended early (ss and the table agreed).
expect_closed() {
	local tw

	tw=$(ss -Htan state time-wait | grep -cE "$3\\]?:80 ")
	check_range "TIME_WAITs at $3" $(($1 / 2)) "$1" "$tw"
	expect_row in "$2" '*' tw=$tw
}

# One dual-stack listener, both families: two rows.
dual_stack_server() {
	local n

	n=$(scaled 30)
	add_addr $A $R $A6 $R6
	traffic_bg serve :: 80 --server-closes
	traffic pairs --external --server-closes --from $A --to $R:80 \
		--count "$n"
	traffic pairs --external --server-closes --from $A6 --to "[$R6]:80" \
		--count "$n"
	settle
	check_table
	expect_closed "$n" $R:80 $R
	expect_closed "$n" "[$R6]:80" $R6
}

# Every way to shorten an address, each a destination of its own.
ipv6_spelling() {
	local a list="fd00::1 fd00:0:0:1::1 fd00:1:0:0:1:0:0:1 fd00:1::
		fd00:1:2:3:4:5:6:7 fd00:1:2:3:4:5:0:7 fd00:0:1:0:1:0:1:0
		fd00:0:0:1:0:0:2:1"

	for a in $list; do
		add_addr "$a"
		traffic pairs --from "$a" --to "[$a]:443" --count 2
	done
	settle
	check_table
	check_eq out_rows 8 "${TW_HEAD[out_rows]-}"
}

# The loopback addresses.
loopback() {
	local n

	n=$(scaled 50)
	traffic pairs --to 127.0.0.1:443 --count "$n"
	traffic pairs --to "[::1]:443" --count "$n"
	settle
	check_table
	expect_row out 127.0.0.1 127.0.0.1:443 tw="$n"
	expect_row out ::1 "[::1]:443" tw="$n"
}

tw_main mapped_client_is_v4 mapped_and_plain_share_a_row \
	mapped_server_is_v4 ipv6_out ipv6_served dual_stack_server \
	ipv6_spelling loopback
