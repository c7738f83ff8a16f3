#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# `free` of device-bound sockets. A socket that is bound to a device competes for ports
# with sockets on this device, on its VRF and on no device. A socket without a device
# competes with its like only. With tcp_l3mdev_accept all VRFs share the bind buckets.
#
# kernels: rules
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/cable.sh"
. "$TW_LIB/free.sh"

# A cable to another namespace, where somebody answers on $D:443.
C=10.7.0.1
D=10.7.0.2

cable() {
	cable_to $D/24
	[ "${1-}" = "" ] || ip link set veth0 master "$1"
	cable_end veth0 $C/24
	use_range $LOW $HIGH
}

serve_over_there() {
	LAST_PID=$(in_ns "$NS_PID" "$TOOL" serve $D 443 --background) ||
		abort "no server over there"
	remember_pid "$LAST_PID"
}

# left_by DEV...: the number of ports in the range that ss does not show in use from $C on
# these devices; '' stands for sockets without a device. Over a cable a reset sometimes
# ends a TIME_WAIT, so the number is not known before.
left_by() {
	local dev locals=()

	for dev; do
		locals+=("$C${dev:+%$dev}:")
	done
	ss -Htan | awk -v range=$((HIGH - LOW + 1)) -v locals="${locals[*]}" '
		BEGIN { n = split(locals, wanted, " ") }
		{
			for (i = 1; i <= n; i++)
				if (index($4, wanted[i]) == 1)
					used[substr($4, length(wanted[i]) + 1)]
		}
		END { print range - length(used) }'
}

# check_left DEV [OTHER...]: compares `free` on DEV with connect() and with ss. Sockets on
# the OTHERs take ports too.
check_left() {
	local left

	left=$(left_by "$@")
	check_free "$C${1:+%$1}" $D:443
	check_eq "free by ss on ${1:-no device}" "$left" "$FREE"
}

# N TIME_WAITs, and then one connection that stays; the listener is at hand.
pairs_on() {
	local dev=$1 n=$2 keep=$3

	shift 3
	serve_over_there_once
	traffic pairs --from $C ${dev:+--dev "$dev"} --to $D:443 --external \
		--count "$n" "$@"
	traffic_bg pairs --from $C ${dev:+--dev "$dev"} --to $D:443 --external \
		--keep "$keep" "$@"
	settle
}

serve_over_there_once() {
	[ -n "${SERVED-}" ] || serve_over_there
	SERVED=1
}

veth() {
	cable
	pairs_on veth0 20 5
	check_left veth0
}

# Sockets without a device take ports from the socket with one, but not the other way
# round.
with_and_without_device() {
	cable
	pairs_on veth0 12 3
	pairs_on '' 7 4
	check_left veth0 ''
	check_left ''
}

# check_reuse LOCAL...: rows with TIME_WAITs that may be taken over. Before any
# check_free, which takes them over.
check_reuse() {
	local l

	snapshot
	for l; do
		check_range "reuse of $l" 1 "$(cell out "$l" $D:443 tw)" \
			"$(cell out "$l" $D:443 reuse)"
	done
}

# A socket with a device also takes over TIME_WAITs of sockets without one.
taking_over_without_device() {
	cable
	set_sysctl net.ipv4.tcp_tw_reuse 1
	pairs_on '' 20 1
	pairs_on veth0 0 1
	sleep_ms 2100
	check_reuse $C
	check_free $C%veth0 $D:443
	check_free $C $D:443
}

# The same under the default: how much setting tcp_tw_reuse to 1 would bring on the
# device, where sockets without one are in the way too.
reuse_if_on_a_device() {
	local before gain tw on_none

	cable
	pairs_on '' 14 1
	pairs_on veth0 9 2
	sleep_ms 2100
	snapshot
	read -r before gain tw < <(cell out $C%veth0 $D:443 free reuse_if tw)
	on_none=$(cell out $C $D:443 tw)
	check_range "TIME_WAITs on none" 1 14 "$on_none"
	check_eq "reuse_if on the device" $((tw + on_none)) "$gain"
	check_cell "reuse_if on none" "$on_none" out $C $D:443 reuse_if
	set_sysctl net.ipv4.tcp_tw_reuse 1
	check_free $C%veth0 $D:443
	check_eq "free has risen by reuse_if" $((before + gain)) "$FREE"
}

two_devices() {
	cable
	ip link add dummy0 type dummy || skip "no dummy devices"
	ip link set dummy0 up
	pairs_on veth0 20 2
	traffic_bg hold syn-sent --from $C --dev dummy0 --to $D:443 --count 9
	check_left veth0
	check_free $C%dummy0 $D:443
	check_eq "free on dummy0" 51 "$FREE"
}

dummy() {
	ip link add dummy0 type dummy || skip "no dummy devices"
	ip addr add 10.8.0.1/24 dev dummy0
	ip link set dummy0 up
	use_range $LOW $HIGH
	traffic_bg hold syn-sent --from 10.8.0.1 --dev dummy0 \
		--to 10.8.0.2:443 --count 17
	traffic_bg hold syn-sent --from 10.8.0.1 --to 10.8.0.2:443 --count 10
	check_free 10.8.0.1%dummy0 10.8.0.2:443
	check_free 10.8.0.1 10.8.0.2:443
	check_eq "free without device" 50 "$FREE"
}

# For tcp_tw_reuse=2 the device lo is loopback, whatever the address.
bound_to_lo() {
	add_addr $A $R
	use_range $LOW $HIGH
	set_sysctl net.ipv4.tcp_tw_reuse 0
	traffic_bg pairs --from $A --dev lo --to $R:443 --count 20 --keep 5
	check_free $A%lo $R:443
	check_eq "free with 0" 35 "$FREE"
	set_sysctl net.ipv4.tcp_tw_reuse 2
	sleep_ms 2100
	check_free $A%lo $R:443
	check_eq "free with 2" 55 "$FREE"
}

bind_with_a_device() {
	cable
	pairs_on veth0 5 1
	traffic_bg hold bind --from $C --dev veth0 --early-bind --count 15
	check_free $C%veth0 $D:443
	check_eq bound 15 "${TW_HEAD[bound]-}"
	pairs_on '' 5 1
	check_free $C $D:443
}

# The veth is in a VRF. tcp_l3mdev_accept decides whether what is outside of it
# takes ports from it.
vrf_cable() {
	ip link add vrf0 type vrf table 10 || skip "no VRF devices"
	ip link set vrf0 up
	cable vrf0
	set_sysctl net.ipv4.tcp_l3mdev_accept "$1"
	wait_for 20 has_route $D vrf vrf0 || abort "no route to $D"
}

vrf_device() {
	vrf_cable 0
	pairs_on vrf0 15 5
	check_left vrf0
}

vrf_device_accept() {
	vrf_cable 1
	pairs_on vrf0 15 5
	check_left vrf0
}

vrf_slave() {
	vrf_cable 0
	pairs_on vrf0 10 5
	pairs_on veth0 7 3
	check_free $C%veth0 $D:443
	check_free $C%vrf0 $D:443
}

vrf_slave_accept() {
	vrf_cable 1
	pairs_on vrf0 10 5
	pairs_on veth0 7 3
	check_free $C%veth0 $D:443
	check_free $C%vrf0 $D:443
}

# Outside of the VRF there are connections between the same two addresses: that
# needs a way out for them, the peer's address on another device.
outside_of_the_vrf() {
	ip link add dummy0 type dummy || skip "no dummy devices"
	ip addr add $C/24 dev dummy0
	ip link set dummy0 up
	traffic_bg hold syn-sent --from $C --to $D:443 --count "$1"
}

vrf_and_outside() {
	vrf_cable 0
	outside_of_the_vrf 20
	pairs_on vrf0 10 5
	pairs_on veth0 7 3
	check_free $C%veth0 $D:443
	check_left vrf0
	check_free $C $D:443
	check_eq "free outside" 40 "$FREE"
}

vrf_and_outside_accept() {
	vrf_cable 1
	outside_of_the_vrf 20
	pairs_on vrf0 10 5
	pairs_on veth0 7 3
	check_free $C%veth0 $D:443
	check_free $C%vrf0 $D:443
	check_free $C $D:443
	check_eq "free outside" 40 "$FREE"
}

# Ports that bind() has taken in a VRF, and outside.
vrf_bind() {
	vrf_cable 0
	outside_of_the_vrf 1
	pairs_on vrf0 5 1
	pairs_on veth0 5 1
	traffic_bg hold bind --from $C --dev vrf0 --early-bind --count 8
	traffic_bg hold bind --from $C --dev veth0 --early-bind --count 4
	traffic_bg hold bind --from $C --early-bind --count 16
	snapshot
	check_eq "bound outside" 16 "${TW_HEAD[bound]-}"
	check_free $C%veth0 $D:443
	check_free $C%vrf0 $D:443
	check_free $C $D:443
}

vrf_bind_accept() {
	vrf_cable 1
	outside_of_the_vrf 1
	pairs_on vrf0 5 1
	pairs_on veth0 5 1
	traffic_bg hold bind --from $C --dev vrf0 --early-bind --count 8
	traffic_bg hold bind --from $C --dev veth0 --early-bind --count 4
	traffic_bg hold bind --from $C --early-bind --count 16
	check_free $C%veth0 $D:443
	check_free $C%vrf0 $D:443
	check_free $C $D:443
}

# Ten ports, all used by connections that wait for an answer.
ten_ports() {
	vrf_cable 0
	use_range 40000 40009
}

# A listener in a VRF takes no port from the connections outside: these have all ten.
listener_in_another_vrf() {
	ten_ports
	traffic_bg hold listen --from 0.0.0.0:40004 --server-dev vrf0
	outside_of_the_vrf 10
	check_free $C $D:443
	check_eq "free outside" 0 "$FREE"
	check_cell "used outside" 10 out $C $D:443 used
	expect_row out $C $D:443 syn=10
}

# The other way round.
listener_outside_of_the_vrf() {
	ten_ports
	traffic_bg hold listen --from 0.0.0.0:40004
	# So that they wait for an answer.
	in_ns "$NS_PID" ip addr del $D/24 dev veth1
	traffic_bg hold syn-sent --from $C --dev vrf0 --to $D:443 --count 10
	check_free $C%vrf0 $D:443
	check_eq "free in the VRF" 0 "$FREE"
	check_cell "used in the VRF" 10 out $C%vrf0 $D:443 used
}

# What a listener has accepted is `in` in its own VRF, on the same port `out` elsewhere.
served_in_a_vrf() {
	ten_ports
	ip addr add 10.6.0.1/32 dev vrf0
	ip addr add 10.6.0.2/32 dev vrf0
	traffic_bg pairs --from 10.6.0.1 --dev vrf0 --to 10.6.0.2:40004 \
		--server-dev vrf0 --keep 3
	outside_of_the_vrf 10
	snapshot
	expect_row in 10.6.0.2%vrf0:40004 '*' estab=3
	expect_row out 10.6.0.1%vrf0 10.6.0.2:40004 estab=3
	check_free 10.6.0.1%vrf0 10.6.0.2:40004
	check_free $C $D:443
	check_eq "free outside" 0 "$FREE"
}

# With tcp_l3mdev_accept a listener takes its port from all VRFs.
listener_of_all_vrfs() {
	ten_ports
	set_sysctl net.ipv4.tcp_l3mdev_accept 1
	traffic_bg hold listen --from 0.0.0.0:40004 --server-dev vrf0
	outside_of_the_vrf 5
	check_free $C $D:443
	check_eq "free outside" 4 "$FREE"
}

vrf_reuse() {
	vrf_cable 0
	set_sysctl net.ipv4.tcp_tw_reuse 1
	pairs_on vrf0 10 5
	pairs_on veth0 7 3
	sleep_ms 2100
	check_reuse $C%vrf0 $C%veth0
	check_free $C%veth0 $D:443
	check_free $C%vrf0 $D:443
}

tw_main veth with_and_without_device taking_over_without_device \
	reuse_if_on_a_device two_devices \
	dummy bound_to_lo bind_with_a_device vrf_device vrf_device_accept \
	vrf_slave vrf_slave_accept vrf_and_outside vrf_and_outside_accept \
	vrf_bind vrf_bind_accept vrf_reuse \
	listener_in_another_vrf listener_outside_of_the_vrf served_in_a_vrf \
	listener_of_all_vrfs
