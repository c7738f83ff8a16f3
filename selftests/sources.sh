#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# /proc/net/tw_sources: how many more bind() calls with port 0 succeed, by local address.
# Each subtest reads it, and then calls bind() until it fails.
#
# kernels: rules
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/cable.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/sources.sh"

B6=fd09::2
# Addresses that hold no port.
NOBODY=10.9.0.99
NOBODY6=fd09::99

small_net_of_both() {
	small_net
	add_addr $NOBODY $A6 $B6 $R6 $NOBODY6
}

nobody_holds_any() {
	small_net_of_both
	check_all_binds
	check_eq "bind_free of [::]" 60 "$(binds '[::]')"
	check_eq "number of rows" 4 ${#TW_SOURCES_ROWS[@]}
	check_eq "header" "1 40000-40059 60 0 0 yes 0" "$(echo \
		"${TW_SOURCES_HEAD[version]}" "${TW_SOURCES_HEAD[range]}" \
		"${TW_SOURCES_HEAD[tried]}" "${TW_SOURCES_HEAD[reserved]}" \
		"${TW_SOURCES_HEAD[autobind_reuse]}" "${TW_SOURCES_HEAD[complete]}" \
		"${TW_SOURCES_HEAD[hidden]}")"
	check_eq "namespace" "net:[${TW_SOURCES_HEAD[netns]}]" \
		"$(readlink /proc/self/ns/net)"
}

# Connections hold their ports at their own address; the wildcards meet all of them.
connections() {
	small_net_of_both
	traffic_bg pairs --from $A --to $R:443 --count 12 --keep 8
	traffic_bg pairs --from $B --to $S:443 --count 0 --keep 9
	traffic_bg pairs --from $A6 --to "[$R6]:443" --count 3 --keep 2
	settle
	check_all_binds $A $B $A6
	check_source $A 20 12
	check_source $B 9 0
	check_source $A6 5 3
}

# A program that binds before it connects, and its TIME_WAITs.
bound_first() {
	small_net_of_both
	traffic_bg pairs --from $A --to $R:443 --early-bind --count 12 --keep 8
	traffic_bg pairs --from $A6 --to "[$R6]:443" --early-bind --count 7 --keep 1
	settle
	check_all_binds $A $A6
	check_source $A 20 12
	check_source $A6 8 7
}

bound_and_not_connected() {
	small_net_of_both
	traffic_bg hold bind --from $A --early-bind --count 20
	traffic_bg hold bind --from $B6 --early-bind --count 11
	check_all_binds $A $B6
	check_source $A 20 0
}

of_every_ipv4_address() {
	small_net_of_both
	traffic_bg hold bind --from 0.0.0.0 --early-bind --count 20
	traffic_bg hold bind --from $A --early-bind --count 5
	check_all_binds $A
	check_eq "bind_free of $A" 35 "$(binds $A)"
}

of_every_address() {
	small_net_of_both
	traffic_bg hold bind --from :: --early-bind --count 20
	traffic_bg hold bind --from $A6 --early-bind --count 5
	traffic_bg hold bind --from $A --early-bind --count 6
	check_all_binds $A $A6
}

of_every_ipv6_address() {
	small_net_of_both
	traffic_bg hold bind --from :: --v6only --early-bind --count 20
	traffic_bg hold bind --from $A6 --early-bind --count 5
	traffic_bg hold bind --from $A --early-bind --count 6
	check_all_binds $A $A6
}

mapped() {
	small_net_of_both
	traffic_bg hold bind --from $A --mapped --early-bind --count 10
	traffic_bg pairs --from $A --to $R:443 --mapped --count 6 --keep 5
	traffic_bg hold bind --from 0.0.0.0 --early-bind --count 4
	settle
	check_all_binds $A
	check_binds $A $A --mapped
	check_binds other $NOBODY --mapped
	check_source $A 21 6
}

# A socket of ::ffff:0.0.0.0 is one of 0.0.0.0. (From 6.1 to 6.7 mapped calls alone do not
# meet it, inet_hashtables.c:inet_bind2_bucket_match_addr_any().)
mapped_wildcard() {
	small_net_of_both
	traffic_bg hold bind --from ::ffff:0.0.0.0 --early-bind --count 4
	traffic_bg hold bind --from $A --early-bind --count 3
	check_all_binds $A
	check_binds 0.0.0.0 ::ffff:0.0.0.0
}

# bind() to an IPv6 address makes a socket IPV6_V6ONLY, connect() does not. Of those that
# connect() alone has made, bind(0.0.0.0) gets no port.
ipv4_wildcard_and_ipv6_sockets() {
	small_net_of_both
	traffic_bg pairs --from $A6 --to "[$R6]:443" --early-bind --keep 10
	serve $R6 444
	traffic_bg pairs --to "[$R6]:444" --external --keep 7 --count 3
	settle
	check_all_binds $A6 $R6
}

# Until 6.0 an IPv6 socket is known as 127.0.0.6 as well.
ipv6_sockets_by_their_ipv4_address() {
	small_net_of_both
	serve $R6 444
	traffic_bg pairs --to "[$R6]:444" --external --keep 7 --count 3
	traffic_bg hold bind --from 127.0.0.6 --early-bind --count 2
	settle
	check_all_binds 127.0.0.6 $R6
}

listeners() {
	small_net_of_both
	traffic_bg hold listen --from $A:40010 --count 10
	traffic_bg hold listen --from 0.0.0.0:40020 --count 5
	traffic_bg hold listen --from '[::]:40030' --count 4
	traffic_bg hold listen --from '[::]:40040' --count 3 --v6only
	check_all_binds $A
}

# The children of a listener, and what is left of them.
children() {
	small_net_of_both
	traffic_bg pairs --from $B --to $R:40010 --listen 0.0.0.0:40010 --count 10 --keep 3 \
		--server-closes
	traffic_bg pairs --from $B --to $S:40011 --count 10 --server-closes --close-listener
	settle
	check_all_binds $B $R
	check_source $R 1 0
}

leftovers_of_a_server() {
	small_net_of_both
	traffic pairs --from $A --to $R:40010 --count 10 --server-closes
	settle
	check_all_binds $R
	check_source $R 1 1
}

sharing_ports() {
	small_net_of_both
	traffic_bg hold bind --from $B:40020 --reuseaddr --count 5
	traffic_bg hold bind --from $A:40020 --reuseaddr --count 5
	traffic_bg hold bind --from $A:40030 --reuseport --count 5
	traffic_bg hold bind --from $A:40030 --reuseport --count 5
	traffic_bg hold share --from $S:40040 --count 4
	check_all_binds $A $B $S
}

# While ip_autobind_reuse is 0 these options bring no port more.
with_reuse_options() {
	small_net_of_both
	traffic_bg hold bind --from $A --early-bind --reuseaddr --reuseport --count 10
	traffic_bg pairs --from $A --to $R:443 --early-bind --reuseaddr --count 9 --keep 3
	settle
	check_binds $A $A --reuseaddr
	check_binds $A $A --reuseport
	check_binds $A $A --reuseaddr --reuseport
	check_binds 0.0.0.0 0.0.0.0 --reuseaddr
	check_binds $A
}

# With it the options do, and bind_free is about a socket without them.
autobind_reuse() {
	small_net_of_both
	set_sysctl net.ipv4.ip_autobind_reuse 1
	traffic_bg hold bind --from $A --early-bind --reuseaddr --count 10
	check_all_binds $A
	check_eq autobind_reuse 1 "${TW_SOURCES_HEAD[autobind_reuse]}"
	check_range "binds with SO_REUSEADDR" 60 100000 "$(binds $A --reuseaddr --limit 60)"
	check_eq "binds without" 50 "$(binds $A)"
}

reserved() {
	small_net_of_both
	set_sysctl net.ipv4.ip_local_reserved_ports 40000-40009,40030,40059
	traffic_bg hold listen --from $A:40005 --count 10
	check_all_binds $A
	check_source $A 5 0
	check_eq reserved 12 "${TW_SOURCES_HEAD[reserved]}"
}

wholly_reserved() {
	small_net_of_both
	reserve_all
	check_all_binds
	source_row other
	check_eq "row without a port" "0 100.0 full - - -" "$ROW"
}

wholly_bound() {
	small_net_of_both
	traffic_bg hold bind --from $A:$LOW --count 60
	check_all_binds $A
	source_row $A
	check_eq "row of $A" "0 100.0 full 60 0 60" "$ROW"
}

# Of an odd range each call leaves out one port, not always the same.
odd_ranges() {
	local high

	small_net_of_both
	traffic_bg hold bind --from $A:40002 --count 5
	for high in 40000 40001 40002 40004 40010 40058; do
		use_range $LOW $high
		[ $high -lt 40002 ] || check_binds_within 1 $A
		check_binds_within 1 other $NOBODY
	done
}

outside_the_range() {
	small_net_of_both
	traffic_bg hold bind --from $A:39990 --count 10
	traffic_bg hold bind --from $A:40060 --count 10
	check_all_binds
	check_eq "rows" 4 ${#TW_SOURCES_ROWS[@]}
}

# Nothing of another namespace is seen.
other_namespaces() {
	small_net_of_both
	new_ns
	in_ns "$NS_PID" ip addr add $A/32 dev lo
	LAST_PID=$(in_ns "$NS_PID" "$TOOL" hold bind --from $A:$LOW --count 60 --background)
	remember_pid "$LAST_PID"
	traffic_bg hold bind --from $B --early-bind --count 5
	check_all_binds $B
	source_row $A
	check_eq "row of another namespace" "" "$ROW"
}

cable() {
	cable_to 10.7.0.2/24
	[ -z "${1-}" ] || ip link set veth0 master "$1"
	cable_end veth0 10.7.0.1/24
	small_net_of_both
}

on_devices() {
	cable
	traffic_bg hold bind --from 10.7.0.1 --dev veth0 --early-bind --count 10
	traffic_bg hold bind --from 10.7.0.1 --early-bind --count 7
	traffic_bg hold bind --from 0.0.0.0 --dev veth0 --early-bind --count 5
	traffic_bg hold bind --from $A --dev lo --early-bind --count 4
	check_all_binds 10.7.0.1%veth0 10.7.0.1 0.0.0.0%veth0 $A%lo
	traffic_bg hold bind --from :: --dev lo --early-bind --count 3
	check_all_binds 10.7.0.1%veth0 10.7.0.1 0.0.0.0%veth0 $A%lo '[::]%lo'
	check_source '[::]%lo' 3 0
}

needs_vrf() {
	ip link add vrf0 type vrf table 100 2>/dev/null || skip "no VRFs"
	ip link set vrf0 up
}

in_vrfs() {
	needs_vrf
	cable vrf0
	traffic_bg hold bind --from 10.7.0.1 --dev veth0 --early-bind --count 10
	traffic_bg hold bind --from 10.7.0.1 --dev vrf0 --early-bind --count 7
	traffic_bg hold bind --from 0.0.0.0 --early-bind --count 5
	traffic_bg hold bind --from 0.0.0.0 --dev vrf0 --early-bind --count 4
	check_all_binds 10.7.0.1%veth0 10.7.0.1%vrf0 0.0.0.0%vrf0
	# Sockets of the default VRF do not meet those of this one.
	source_row other
	check_eq "bind_free of an unused address" 55 "${ROW%% *}"
}

# With tcp_l3mdev_accept all VRFs share the ports.
in_vrfs_that_share() {
	needs_vrf
	cable vrf0
	echo 1 >/proc/sys/net/ipv4/tcp_l3mdev_accept || skip "no tcp_l3mdev_accept"
	traffic_bg hold bind --from 10.7.0.1 --dev veth0 --early-bind --count 10
	traffic_bg hold bind --from 10.7.0.1 --dev vrf0 --early-bind --count 7
	traffic_bg hold bind --from 0.0.0.0 --early-bind --count 5
	check_all_binds 10.7.0.1%veth0 10.7.0.1%vrf0
}

# Fifteen destinations, each of them at 70% by connect() alone: every port of the range
# is likely to be held by one of them, and a program that binds finds hardly any.
many_destinations() {
	local i

	small_net_of_both
	use_range 40000 40199
	for ((i = 1; i <= 15; i++)); do
		traffic_bg pairs --from $A --to $R:$((1000 + i)) --keep 140
	done
	snapshot
	check_cell "free to one of them" "60" out $A $R:1007 free
	check_all_binds $A
	source_row $A
	check_range "bind_free of $A" 0 10 "${ROW%% *}"
	source_row other
	check_eq "bind_free of an unused address" 200 "${ROW%% *}"
}

# A proxy that binds its address has made 120 calls.
proxy() {
	small_net_of_both
	use_range 40000 40199
	add_addr 10.9.0.6
	traffic_bg pairs --from 10.9.0.6 --to $R:443 --early-bind --count 120
	check_all_binds 10.9.0.6
	source_row 10.9.0.6
	check_eq "row of the proxy" "80 60.0 ok 120 120 0" "$ROW"
	source_row 0.0.0.0
	check_eq "row of 0.0.0.0" "80 60.0 ok - - -" "$ROW"
	source_row other
	check_eq "row of others" "200 0.0 ok - - -" "$ROW"
}

# More addresses than there is room for.
many_addresses() {
	small_net_of_both
	use_range 40000 40999
	traffic_bg hold bind --from 127.1.0.1 --destinations 300 --early-bind --count 300
	traffic_bg hold bind --from $A --early-bind --count 4
	check_binds $A
	check_eq "rows" 260 ${#TW_SOURCES_ROWS[@]}
	check_eq hidden 45 "${TW_SOURCES_HEAD[hidden]}"
	check_binds other $NOBODY
	check_binds 0.0.0.0
}

# One port with more owners than are read in a section.
many_children() {
	small_net_of_both
	set_sysctl net.ipv4.tcp_max_tw_buckets 20000
	traffic_bg pairs --from 127.2.0.1 --to 127.2.0.2:40010 --listen 0.0.0.0:40010 \
		--count 9000 --server-closes --keep 1
	settle
	check_all_binds 127.2.0.2
	check_source 127.2.0.2 1 0
	check_eq complete yes "${TW_SOURCES_HEAD[complete]}"
	source_row 127.2.0.2
	check_eq "bind_free of the server" 59 "${ROW%% *}"
}

permissions_and_reads() {
	local whole again

	small_net_of_both
	traffic_bg hold bind --from $A --early-bind --count 20
	check_eq "mode" 444 "$(stat -c %a $TW_SOURCES)"
	whole=$(cat $TW_SOURCES)
	again=$(dd if=$TW_SOURCES bs=7 2>/dev/null)
	check_eq "in reads of 7 bytes" "$whole" "$again"
}

# Readers share what is younger than cache_ms.
shared() {
	small_net_of_both
	init_sysctl cache_ms 60000
	sources
	traffic_bg hold bind --from $A --early-bind --count 20
	sources
	source_row $A
	check_eq "row that is younger than the cache" "" "$ROW"
	init_sysctl cache_ms 0
	check_all_binds $A
}

tw_main nobody_holds_any connections bound_first bound_and_not_connected \
	of_every_ipv4_address of_every_address of_every_ipv6_address mapped mapped_wildcard \
	ipv4_wildcard_and_ipv6_sockets ipv6_sockets_by_their_ipv4_address listeners \
	children leftovers_of_a_server sharing_ports with_reuse_options autobind_reuse \
	reserved wholly_reserved wholly_bound odd_ranges outside_the_range \
	other_namespaces on_devices in_vrfs in_vrfs_that_share many_destinations proxy \
	many_addresses many_children permissions_and_reads shared
