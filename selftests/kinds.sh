#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Which sockets make an out, an in and a bound row.
#
# kernels: rules
# debug: leftovers_of_a_dead_server,leftovers_inside_the_range
. "${BASH_SOURCE[0]%/*}/lib/main.sh"

A=10.9.0.1
R=10.9.1.1

range() {
	set_sysctl net.ipv4.ip_local_port_range "$1 $2"
}

# The server's TIME_WAITs outlive it; a new server takes them over.
leftovers_of_a_dead_server() {
	local n

	n=$(scaled 40)
	add_addr $A $R
	traffic_bg pairs --from $A --to $R:80 --server-closes --count "$n"
	check_table
	expect_row in $R:80 '*' tw="$n"
	end_pid "$LAST_PID"
	check_table
	expect_row bound $R:80 '*' tw="$n"
	check_eq in_rows 0 "${TW_HEAD[in_rows]-}"
	traffic_bg serve $R 80
	check_table
	expect_row in $R:80 '*' tw="$n"
	check_eq bound_rows 0 "${TW_HEAD[bound_rows]-}"
}

# A server port inside the range: its leftovers take ports from connect().
leftovers_inside_the_range() {
	add_addr $A $R
	traffic_bg pairs --from $A:20000 --to $R:40000 --server-closes --count 1
	check_table
	expect_row in $R:40000 '*' tw=1
	end_pid "$LAST_PID"
	check_table
	expect_row out $R $A:20000 tw=1
}

# A listener on another address makes the local port a served one as well:
# only the port counts.
listener_on_another_address() {
	add_addr $A $R
	traffic pairs --from $A --to $R:80 --server-closes --count 5
	traffic_bg hold listen --from $A:80
	check_table
	expect_row in $R:80 '*' tw=5
}

listener_of_the_other_family() {
	add_addr $A $R fd00:9::1
	traffic pairs --from $A --to $R:80 --server-closes --count 5
	traffic_bg hold listen --from "[fd00:9::1]:80"
	check_table
	expect_row in $R:80 '*' tw=5
}

client_with_a_fixed_port() {
	add_addr $A $R
	traffic pairs --from $A:1023 --to $R:514 --count 1
	check_table
	expect_row bound $A:1023 '*' tw=1
}

# bind() has chosen a port in the range: connect() skips it.
client_that_binds_early() {
	local n

	n=$(scaled 30)
	add_addr $A $R
	traffic pairs --from $A --to $R:443 --count "$n" --early-bind
	check_table
	expect_row out $A $R:443 tw="$n"
}

# The same sockets with another range are rows of another kind.
range_decides() {
	add_addr $A $R
	range 32000 33999
	traffic_bg pairs --from $A:32000 --to $R:443 --keep 1 --close-listener
	traffic_bg pairs --from $A:33999 --to $R:443 --keep 1 --close-listener
	check_table
	expect_row out $A $R:443 estab=2
	range 32001 33999
	check_table
	expect_row bound $A:32000 '*' estab=1
	range 32000 33998
	check_table
	expect_row bound $A:33999 '*' estab=1
	expect_row out $A $R:443 estab=1
	range 34000 34999
	check_table
	check_eq out_rows 0 "${TW_HEAD[out_rows]-}"
}

# Another namespace's listener is nobody's here.
listener_of_another_namespace() {
	add_addr $A $R
	traffic pairs --from $A --to $R:80 --server-closes --count 5
	unshare -n "$TOOL" hold listen --from 0.0.0.0:80 >"$TW_TMP/out" &
	remember_pid $!
	wait_for 20 grep -q ready "$TW_TMP/out" || abort "no listener"
	check_table
	expect_row bound $R:80 '*' tw=5
}

tw_main leftovers_of_a_dead_server leftovers_inside_the_range \
	listener_on_another_address listener_of_the_other_family \
	client_with_a_fixed_port client_that_binds_early range_decides \
	listener_of_another_namespace
