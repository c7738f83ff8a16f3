#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# `free` when bind(), listen() or the administrator has taken ports from all
# destinations.
#
# kernels: rules
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"

# A destination with one connection, to have a row, and room for more.
one_connection() {
	traffic_bg pairs --from $A --to $R:443 --keep 1
}

# check_bound N: so many ports are gone for every destination, one of them
# never seen before.
check_bound() {
	serve $S 443
	check_usable $A $S:443
	check_eq bound "$1" "${TW_HEAD[bound]-}"
	check_eq usable $((60 - $1)) "${TW_HEAD[usable]-}"
	check_free $A $R:443
}

bind_to_any_port() {
	small_net
	one_connection
	traffic_bg hold bind --from 0.0.0.0 --early-bind --count 20
	check_bound 20
}

bind_on_another_address() {
	small_net
	one_connection
	traffic_bg hold bind --from $B --early-bind --count 20
	check_bound 20
}

# Empty chains of the bind table are skipped in groups, wherever the ones in use are.
bound_far_apart() {
	local i

	small_net
	use_range 20000 60999
	for ((i = 0; i < 24; i++)); do
		traffic_bg hold bind --from $B:$((20001 + i * 1709))
	done
	snapshot
	check_eq bound 24 "${TW_HEAD[bound]-}"
}

bind_by_ipv6() {
	small_net
	one_connection
	traffic_bg hold bind --from :: --early-bind --count 20
	check_bound 20
}

# A bind() without a port reserves none.
address_without_a_port() {
	small_net
	one_connection
	traffic_bg hold bind --from $A --count 20
	check_bound 0
}

listeners() {
	small_net
	traffic_bg hold listen --from $A:40010 --count 20
	one_connection
	check_bound 20
}

outside_the_range() {
	small_net
	one_connection
	traffic_bg hold listen --from $A:39990 --count 10
	traffic_bg hold bind --from $A:40060 --count 10
	check_bound 0
}

# A server on a port in the range: clients cannot use this port, and its connections are
# not counted as theirs.
server_in_the_range() {
	small_net
	traffic_bg pairs --from $A --to $R:40010 --count 10 --keep 3 \
		--server-closes
	check_free $A $R:40010
	one_connection
	check_bound 1
}

# Its TIME_WAITs keep its port when it has ended.
leftovers_of_a_server() {
	small_net
	traffic pairs --from $A --to $R:40010 --count 10 --server-closes
	one_connection
	check_bound 1
}

# A port that bind() has picked is skipped by every connect(), to whatever
# destination, and so it stays in TIME_WAIT.
bind_and_connect() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --early-bind --count 12 --keep 8
	check_bound 20
	check_eq free 40 "$FREE"
}

# So connect() cannot take over these TIME_WAITs, whatever tcp_tw_reuse says.
timewaits_of_bound_sockets() {
	small_net
	set_sysctl net.ipv4.tcp_tw_reuse 1
	traffic pairs --from $A --to $R:443 --early-bind --count 20
	sleep_ms 2100
	one_connection
	check_bound 20
	check_cell reuse 0 out $A $R:443 reuse
}

# A port that connect() has picked, and bind() on another address joins: taken
# from then on. When the binder goes, the bucket forgets since 7.x; before, it
# remembers until the last of its sockets, TIME_WAITs included, has gone.
check_joined() {
	local port binder left

	port=$(ss -Htan src $A dst $R:443 | awk '{
		n = split($4, part, ":")
		print part[n]
		exit
	}')
	[ -n "$port" ] || abort "no socket from $A to $R:443"
	use_range $LOW $HIGH
	traffic_bg hold bind --from $B:"$port"
	binder=$LAST_PID
	check_bound 1
	end_pid "$binder"
	left=1
	! kernel_at_least 7 0 || left=0
	snapshot
	check_eq "bound, when the binder has gone" $left "${TW_HEAD[bound]-}"
	check_usable $A $S:443
	check_free $A $R:443
}

joined_by_bind() {
	small_net
	use_range 40010 40010
	one_connection
	check_joined
}

joined_by_bind_in_timewait() {
	small_net
	use_range 40010 40010
	traffic pairs --from $A --to $R:443 --count 1
	serve $R 443
	check_joined
}

# The other way round: bind() comes first, and connect() cannot join.
connect_cannot_join() {
	small_net
	traffic_bg hold bind --from $B:40010
	use_range 40010 40010
	serve $R 443
	check_usable $A $R:443
	check_eq usable 0 "${TW_HEAD[usable]-}"
}

# SO_REUSEADDR and SO_REUSEPORT: several bind() calls share one bucket.
reuse_options() {
	small_net
	traffic_bg hold bind --from $B:40020 --reuseaddr --count 5
	traffic_bg hold bind --from $A:40020 --reuseaddr --count 5
	traffic_bg hold bind --from $B:40030 --reuseport --count 5
	traffic_bg hold bind --from $B:40030 --reuseport --count 5
	# Last: its port is anybody's guess, and may be one of those.
	one_connection
	check_bound 10
	check_free $A $R:443 --reuseaddr
	check_free $A $R:443 --reuseport
}

timewaits_of_reuse_options() {
	small_net
	traffic pairs --from $A --to $R:443 --count 10 --reuseaddr
	traffic pairs --from $A --to $R:443 --count 10 --reuseport
	traffic pairs --from $A --to $R:443 --count 10 --reuseaddr --early-bind
	one_connection
	check_bound 10
	check_eq free 29 "$FREE"
}

reserved_inside() {
	small_net
	set_sysctl net.ipv4.ip_local_reserved_ports 40000-40009,40030,40059
	one_connection
	serve $S 443
	check_usable $A $S:443
	check_eq reserved 12 "${TW_HEAD[reserved]-}"
	check_free $A $R:443
	check_eq free 47 "$FREE"
}

reserved_outside() {
	small_net
	set_sysctl net.ipv4.ip_local_reserved_ports 1-39999,40060-65535
	one_connection
	check_free $A $R:443
	check_eq reserved 0 "${TW_HEAD[reserved]-}"
	check_eq free 59 "$FREE"
}

# A port that is reserved and bound is subtracted once.
reserved_and_bound_and_used() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 20 --keep 20
	traffic_bg hold bind --from $B --early-bind --count 10
	set_sysctl net.ipv4.ip_local_reserved_ports 40010-40039
	check_free $A $R:443
	check_eq reserved 30 "${TW_HEAD[reserved]-}"
	serve $S 443
	check_usable $A $S:443
}

wholly_reserved() {
	small_net
	one_connection
	set_sysctl net.ipv4.ip_local_reserved_ports $LOW-$HIGH
	check_free $A $R:443
	check_eq free 0 "$FREE"
	check_cell use% 100.0 out $A $R:443 use%
	check_cell level full out $A $R:443 level
	check_eq "level of the namespace" full "${TW_HEAD[level]-}"
	check_eq usable 0 "${TW_HEAD[usable]-}"
}

wholly_bound() {
	small_net
	traffic_bg hold bind --from $B:$LOW --count 60
	serve $S 443
	check_usable $A $S:443
	check_eq usable 0 "${TW_HEAD[usable]-}"
}

# Bound one and all, after a connection had one of them.
wholly_bound_with_a_row() {
	small_net
	one_connection
	traffic_bg hold bind --from $B:$LOW --count 60
	check_free $A $R:443
	check_eq free 0 "$FREE"
	check_cell use% 100.0 out $A $R:443 use%
	check_cell level full out $A $R:443 level
}

tw_main bind_to_any_port bind_on_another_address bound_far_apart bind_by_ipv6 \
	address_without_a_port listeners outside_the_range \
	server_in_the_range leftovers_of_a_server bind_and_connect \
	timewaits_of_bound_sockets joined_by_bind joined_by_bind_in_timewait \
	connect_cannot_join reuse_options timewaits_of_reuse_options \
	reserved_inside reserved_outside reserved_and_bound_and_used \
	wholly_reserved wholly_bound wholly_bound_with_a_row
