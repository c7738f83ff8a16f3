# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A cable to another namespace: veth0 here, veth1 there.

# cable_to ADDRESS...: lays it and gives veth1 these addresses, with the length of
# their prefix. The other namespace is $PEER, a process in it $NS_PID.
cable_to() {
	new_ns
	PEER=/proc/$NS_PID/ns/net
	ip link add veth0 type veth peer name veth1 netns "$NS_PID" ||
		skip "no veth devices"
	cable_addresses veth1 "$@" | in_ns "$NS_PID" ip -batch - ||
		abort "cannot give veth1 the addresses $*"
}

# cable_end DEVICE ADDRESS...: the end here, which may have another name by now
cable_end() {
	cable_addresses "$@" | ip -batch - ||
		abort "cannot give $1 the addresses ${*:2}"
}

cable_addresses() {
	local a dev=$1

	shift
	for a; do
		case $a in
		*:*) echo "addr add $a dev $dev nodad" ;;
		*) echo "addr add $a dev $dev" ;;
		esac
	done
	echo "link set $dev up"
}
