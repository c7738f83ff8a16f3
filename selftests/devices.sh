#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Sockets that are bound to a device have rows of their own, with its name.
# /proc/net/tcp does not show devices, so the table is compared with ss only.
#
# kernels: rules
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/cable.sh"

A=10.7.0.1
R=10.7.0.2

# Two namespaces with a cable between them: $A and fe80::a here, $R and
# fe80::b in the other, whose file is $PEER.
cable() {
	cable_to $R/24 fe80::b/64
}

link_end() {
	cable_end "$1" $A/24 fe80::a/64
	wait_for 20 has_route fe80::b dev "$1" || abort "no route to fe80::b"
}

check_devices() {
	settle
	check_by expect_ss expect_ss
}

client_bound_to_veth() {
	local n

	n=$(scaled 30)
	cable
	link_end veth0
	traffic_bg pairs --from $A --dev veth0 --to $R:443 --count "$n" \
		--keep 2 --fin-wait2 3 --orphans 4 --server-netns "$PEER"
	check_devices
	expect_row out $A%veth0 $R:443 tw="$n" fw2=7 estab=2
}

# The same pair with and without a device makes two rows.
bound_and_unbound_rows() {
	cable
	link_end veth0
	traffic pairs --from $A --dev veth0 --to $R:443 --count 5 \
		--server-netns "$PEER"
	traffic pairs --from $A --to $R:443 --count 6 --server-netns "$PEER"
	check_devices
	expect_row out $A%veth0 $R:443 tw=5
	expect_row out $A $R:443 tw=6
}

# The accepted sockets inherit the listener's device; so do request sockets.
server_bound_to_veth() {
	cable
	link_end veth0
	LAST_PID=$(in_ns "$NS_PID" "$TOOL" pairs --from $R --to $A:80 \
		--server-netns "/proc/$$/ns/net" --server-dev veth0 --count 5 \
		--keep 3 --half-open 4 --server-closes --background) ||
		abort "no connections from the peer"
	remember_pid "$LAST_PID"
	check_devices
	expect_row in $A%veth0:80 '*' tw=5 estab=3 other=4
}

leftovers_with_a_device() {
	cable
	link_end veth0
	in_ns "$NS_PID" "$TOOL" pairs --from $R --to $A:80 --count 5 \
		--server-netns "/proc/$$/ns/net" --server-dev veth0 \
		--server-closes || abort "no connections from the peer"
	check_devices
	expect_row bound $A%veth0:80 '*' tw=5
}

bound_to_lo() {
	traffic pairs --dev lo --to 127.0.0.1:443 --count 5
	traffic pairs --to 127.0.0.1:443 --count 6
	check_devices
	expect_row out 127.0.0.1%lo 127.0.0.1:443 tw=5
	expect_row out 127.0.0.1 127.0.0.1:443 tw=6
}

# IPv4-mapped sockets with a device join the IPv4 ones with that device.
mapped_with_a_device() {
	traffic pairs --dev lo --to 127.0.0.1:443 --count 5
	traffic pairs --dev lo --to 127.0.0.1:443 --count 6 --mapped
	check_devices
	expect_row out 127.0.0.1%lo 127.0.0.1:443 tw=11
}

bound_to_dummy() {
	ip link add dummy0 type dummy || skip "no dummy devices"
	ip addr add 10.8.0.1/24 dev dummy0
	ip link set dummy0 up
	traffic_bg hold syn-sent --from 10.8.0.1 --dev dummy0 \
		--to 10.8.0.2:443 --count 7
	check_by expect_ss expect_ss
	expect_row out 10.8.0.1%dummy0 10.8.0.2:443 syn=7
}

# A link-local address means nothing without its device: connect() binds
# the socket to it.
link_local() {
	cable
	link_end veth0
	traffic_bg pairs --from fe80::a%veth0 --to "[fe80::b%veth0]:443" \
		--listen "[::]:443" --count 5 --keep 2 --server-netns "$PEER"
	check_devices
	expect_row out fe80::a%veth0 "[fe80::b]:443" tw=5 estab=2
}

link_local_server() {
	cable
	link_end veth0
	in_ns "$NS_PID" "$TOOL" pairs --from fe80::b%veth1 \
		--to "[fe80::a%veth1]:80" --listen "[::]:80" --count 5 \
		--server-netns "/proc/$$/ns/net" --server-closes ||
		abort "no connections from the peer"
	check_devices
	expect_row bound "[fe80::a%veth0]:80" '*' tw=5
}

# In a VRF: a client bound to it, one bound to the device inside it, and a
# server that is bound to nothing.
vrf() {
	ip link add vrf0 type vrf table 10 || skip "no VRF devices"
	cable
	ip link set veth0 master vrf0
	ip link set vrf0 up
	ip addr add $A/24 dev veth0
	ip link set veth0 up
	wait_for 20 has_route $R vrf vrf0 || abort "no route to $R"
	set_sysctl net.ipv4.tcp_l3mdev_accept 1
	traffic pairs --from $A --dev vrf0 --to $R:443 --count 5 \
		--server-netns "$PEER"
	traffic pairs --from $A --dev veth0 --to $R:443 --count 6 \
		--server-netns "$PEER"
	in_ns "$NS_PID" "$TOOL" pairs --from $R --to $A:80 \
		--listen 0.0.0.0:80 --server-netns "/proc/$$/ns/net" \
		--count 7 --server-closes ||
		abort "no connections from the peer"
	check_devices
	expect_row out $A%vrf0 $R:443 tw=5
	expect_row out $A%veth0 $R:443 tw=6
	check_eq "TIME_WAITs of the server in the VRF" 7 \
		"$(columns "tw local" | awk '$2 ~ /:80$/ { n += $1 }
					     END { print n + 0 }')"
}

# The row has the name that the device has now.
renamed() {
	cable
	link_end veth0
	traffic pairs --from $A --dev veth0 --to $R:443 --count 5 \
		--server-netns "$PEER"
	settle
	ip link set veth0 down
	ip link set veth0 name uplink0 || abort "cannot rename the device"
	check_by expect_ss expect_ss
	expect_row out $A%uplink0 $R:443 tw=5
}

# TIME_WAITs outlive their device; nothing of them is lost.
removed() {
	local index

	cable
	link_end veth0
	traffic pairs --from $A --dev veth0 --to $R:443 --count 5 \
		--server-netns "$PEER"
	traffic pairs --from $A --to $R:443 --count 6 --server-netns "$PEER"
	settle
	index=$(ip -o link show veth0 | awk '{ print $1 + 0 }')
	ip link del veth0
	snapshot
	check_eq "sockets" "$(ss -Htan | wc -l)" "${TW_HEAD[sockets]-}"
	expect_row out $A $R:443 tw=6
	expect_row out "$A%if$index" $R:443 tw=5
}

tw_main client_bound_to_veth bound_and_unbound_rows server_bound_to_veth \
	leftovers_with_a_device bound_to_lo mapped_with_a_device \
	bound_to_dummy link_local link_local_server vrf renamed removed
