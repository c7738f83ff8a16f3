#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# States that could be mistaken for others, and sockets that do not count.
#
# kernels: rules
. "${BASH_SOURCE[0]%/*}/lib/main.sh"

A=10.9.0.1
R=10.9.1.1

# A half-closed connection with a process behind it: a full socket.
fin_wait2_full() {
	add_addr $A $R
	traffic_bg pairs --from $A --to $R:443 --fin-wait2 12 --close-listener
	settle
	check_table
	expect_row out $A $R:443 fw2=12
	check_eq fin_wait2 12 "${TW_HEAD[fin_wait2]-}"
}

# Of those in FIN_WAIT2, as their timer tells.
timewait_sockets() {
	ss -Htano state fin-wait-2 | grep -c 'timer:(timewait'
}

# Without a process: a timewait socket, but not TIME_WAIT.
fin_wait2_timewait_socket() {
	add_addr $A $R
	set_sysctl net.ipv4.tcp_fin_timeout 60
	traffic_bg pairs --from $A --to $R:443 --orphans 12 --count 5 \
		--close-listener
	settle
	check_eq "orphans that are timewait sockets" 12 "$(timewait_sockets)"
	check_table
	expect_row out $A $R:443 tw=5 fw2=12
}

# With a long tcp_fin_timeout it is an orphaned full socket at first.
fin_wait2_long_timeout() {
	add_addr $A $R
	set_sysctl net.ipv4.tcp_fin_timeout 200
	traffic_bg pairs --from $A --to $R:443 --orphans 12 --close-listener
	settle
	check_eq "orphans that are timewait sockets" 0 "$(timewait_sockets)"
	check_table
	expect_row out $A $R:443 fw2=12
	check_cell "those that a program has open" 0 out $A $R:443 fw2_held
}

# When the peer closes at last, FIN_WAIT2 becomes TIME_WAIT.
fin_wait2_then_timewait() {
	add_addr $A $R
	set_sysctl net.ipv4.tcp_fin_timeout 60
	traffic_bg pairs --from $A --to $R:443 --orphans 9 --close-listener
	settle
	check_table
	expect_row out $A $R:443 fw2=9
	end_pid "$LAST_PID"
	settle
	check_table
	expect_row out $A $R:443 tw=9
}

request_sockets_are_in() {
	add_addr $A $R
	traffic_bg pairs --from $A --to $R:80 --half-open 15
	settle
	check_table
	expect_row in $R:80 '*' other=15
	expect_row out $A $R:80 estab=15
}

# Inside the port range too, where without a listener it would be `out`.
request_sockets_in_the_range() {
	add_addr $A $R
	traffic_bg pairs --from $A --to $R:40000 --half-open 15
	settle
	check_table
	expect_row in $R:40000 '*' other=15
}

# The peers answer nothing: the ports are in use, but no connection is established.
syn_sent() {
	ip link add dummy0 type dummy || skip "no dummy device"
	ip link set dummy0 up
	ip addr add 10.8.0.1/24 dev dummy0
	traffic_bg hold syn-sent --from 10.8.0.1 --to 10.8.0.2:443 --count 10
	check_table
	expect_row out 10.8.0.1 10.8.0.2:443 syn=10
	check_cell used 10 out 10.8.0.1 10.8.0.2:443 used
}

# A peer that closed while our process has not: CLOSE_WAIT.
close_wait() {
	add_addr $A $R
	traffic_bg pairs --from $A --to $R:443 --fin-wait2 6 --server-closes \
		--close-listener
	settle
	check_table
	expect_row out $A $R:443 cwait=6
}

listeners_do_not_count() {
	add_addr $A $R
	traffic_bg hold listen --from $R:80 --count 20
	check_table
	check_eq sockets 0 "${TW_HEAD[sockets]-}"
}

bound_sockets_do_not_count() {
	add_addr $A
	traffic_bg hold bind --from $A:41000 --count 20
	check_table
	check_eq sockets 0 "${TW_HEAD[sockets]-}"
}

udp_does_not_count() {
	add_addr $A $R
	traffic_bg hold udp --from $A --to $R:53 --count 20
	traffic pairs --from $A --to $R:53 --count 3
	settle
	check_table
	check_eq sockets 3 "${TW_HEAD[sockets]-}"
}

# A socket that connects to itself is one socket with one port.
self_connected() {
	add_addr $A
	traffic selfconnect --from $A:41000 --count 5
	settle
	check_table
	expect_row out $A $A:41002 tw=1
}

tw_main fin_wait2_full fin_wait2_timewait_socket fin_wait2_long_timeout \
	fin_wait2_then_timewait request_sockets_are_in \
	request_sockets_in_the_range syn_sent close_wait \
	listeners_do_not_count bound_sockets_do_not_count \
	udp_does_not_count self_connected
