# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Pairs that fail all at once, in two namespaces, while the worker that brings memory
# (module/calls.c) cannot run: the only processor never becomes free for it.

BURST_PAIRS=256
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

# In the namespaces of this process and of process $BURST_OTHER each pair fails twice.
burst() {
	local held want="EADDRNOTAVAIL $((2 * BURST_PAIRS))" connect=("$TOOL" connect
		--from "$A" --to 10.77.0.1:443 --count 2 --destinations "$BURST_PAIRS")

	held=$(walk_value bytes_held)
	check_eq "calls here" "$want" "$("${connect[@]}" 2>&1)"
	check_eq "calls in the other namespace" "$want" \
		"$(in_ns "$BURST_OTHER" "${connect[@]}" 2>&1)"
	check_eq "memory that the worker has brought meanwhile" "$held" \
		"$(walk_value bytes_held)"
	check "the reserve is still full" eval ! reserve_is_full
}

# burst_in_two_namespaces: this one and that of $NS_PID
burst_in_two_namespaces() {
	needs_debugfs
	[ "$(nproc)" = 1 ] || skip "another processor would run the worker"
	new_ns
	many_to_fail
	check_in_ns "the other namespace" "$NS_PID" many_to_fail
	wait_for_reserve
	check "the burst" env BURST_OTHER="$NS_PID" \
		"$TOOL" run --fifo "$BASH" "$0" --inside burst
}
