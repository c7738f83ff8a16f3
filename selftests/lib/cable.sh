# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A cable to another namespace: veth0 here, veth1 there.

# cable_to ADDRESS/LEN...: makes the cable and gives veth1 these addresses. The other
# namespace is $PEER, and $NS_PID is a process in it.
cable_to() {
	new_ns
	PEER=/proc/$NS_PID/ns/net
	ip link add veth0 type veth peer name veth1 netns "$NS_PID" ||
		skip "no veth devices"
	cable_addresses veth1 "$@" | in_ns "$NS_PID" ip -batch - ||
		abort "cannot give veth1 the addresses $*"
}

# cable_end DEVICE ADDRESS/LEN...: gives these addresses to the end of the cable here.
# DEVICE is its name, which a test may have changed.
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
