# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Many pairs that fail, and the reserve that memory for them comes from.

# TWS_RESERVE_CHUNKS of TWS_CHUNK_BYTES
RESERVE_BYTES=$((38 << 12))

reserve_is_full() {
	[ "$(walk_value bytes_in_reserve)" = $RESERVE_BYTES ]
}

# What earlier subtests took from the reserve is there again. Without debugfs nobody knows.
wait_for_reserve() {
	[ -e $TW_DEBUG/walk ] || return 0
	wait_for 100 reserve_is_full || abort "the reserve is never full"
}

# No call finds a port; and there are as many destinations as anybody wants.
many_to_fail() {
	small_net
	ip route add local 10.77.0.0/16 dev lo || abort "ip route"
	reserve_all
	check "no route to the destinations" has_route 10.77.0.1
}
