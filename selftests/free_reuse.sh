#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# `free`, `reuse` and `reuse_if` when connect() may take over TIME_WAITs. The rule for
# this differs between kernels.
#
# kernels: rules
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"

# Older kernels wait until the next whole second, newer ones tcp_tw_reuse_delay (1 s).
# After this time both take TIME_WAITs over.
RIPE_MS=2100

# ripe_pairs MODE LOCAL REMOTE [PAIRS-OPTION...]: of 60 ports 20 are in TIME_WAIT, old
# enough to be taken over, and 5 have a connection; tcp_tw_reuse is MODE.
ripe_pairs() {
	local mode=$1 local=$2 remote=$3

	shift 3
	use_range $LOW $HIGH
	set_sysctl net.ipv4.tcp_tw_reuse 0
	traffic_bg pairs --from "$local" --to "$remote" --count 20 --keep 5 "$@"
	set_sysctl net.ipv4.tcp_tw_reuse "$mode"
	sleep_ms $RIPE_MS
}

# reuse_case MODE LOCAL REMOTE EXPECTED [PAIRS-OPTION...]: EXPECTED of the 20 may be taken
# over.
reuse_case() {
	local mode=$1 local=$2 remote=$3 expected=$4

	shift 4
	ripe_pairs "$mode" "$local" "$remote" "$@"
	check_free "$local" "$remote"
	check_cell "TIME_WAITs that may be taken over" "$expected" \
		out "$local" "$remote" reuse
	check_eq free $((35 + expected)) "$FREE"
}

off() {
	add_addr $A $R
	reuse_case 0 $A $R:443 0
}

off_on_loopback() {
	reuse_case 0 127.0.0.1 127.0.0.1:443 0
}

on() {
	add_addr $A $R
	reuse_case 1 $A $R:443 20
}

on_by_ipv6() {
	add_addr $A6 $R6
	reuse_case 1 $A6 "[$R6]:443" 20
}

# The kernel's default: on for loopback only.
loopback_only() {
	reuse_case 2 127.0.0.1 127.0.0.1:443 20
}

loopback_only_by_ipv6() {
	reuse_case 2 ::1 "[::1]:443" 20
}

loopback_only_mapped() {
	reuse_case 2 127.0.0.1 127.0.0.1:443 20 --mapped
}

# All of 127/8 is loopback, and one end is enough.
loopback_only_anywhere_in_127() {
	reuse_case 2 127.1.2.3 127.9.8.7:443 20
}

loopback_only_one_end() {
	add_addr $A
	reuse_case 2 127.0.0.1 $A:443 20
}

# Another address on the device lo is not loopback for this rule.
loopback_only_elsewhere() {
	add_addr $A $R
	reuse_case 2 $A $R:443 0
}

loopback_only_elsewhere_by_ipv6() {
	add_addr $A6 $R6
	reuse_case 2 $A6 "[$R6]:443" 0
}

# Without timestamps the kernel has no protection against old segments.
without_timestamps() {
	add_addr $A $R
	reuse_case 1 $A $R:443 0 --no-timestamps
}

without_timestamps_on_loopback() {
	reuse_case 2 127.0.0.1 127.0.0.1:443 0 --no-timestamps
}

# The old connection must have had timestamps.
with_and_without_timestamps() {
	small_net
	set_sysctl net.ipv4.tcp_tw_reuse 0
	traffic pairs --from $A --to $R:443 --count 12 --no-timestamps
	traffic_bg pairs --from $A --to $R:443 --count 18 --keep 5
	set_sysctl net.ipv4.tcp_tw_reuse 1
	sleep_ms $RIPE_MS
	check_free $A $R:443
	check_cell reuse 18 out $A $R:443 reuse
	check_free $A $R:443 --no-timestamps
}

# FIN_WAIT2 as a timewait socket is never taken over, but by old kernels: which
# of them is for the oracle to say.
fin_wait2() {
	small_net
	set_sysctl net.ipv4.tcp_tw_reuse 1
	traffic_bg pairs --from $A --to $R:443 --orphans 20 --keep 1
	sleep_ms $RIPE_MS
	check_free $A $R:443
	check_cell "TIME_WAITs" 0 out $A $R:443 tw
	! kernel_at_least 6 1 || check_eq free 39 "$FREE"
}

fin_wait2_on_loopback() {
	use_range $LOW $HIGH
	traffic_bg pairs --from 127.0.0.1 --to 127.0.0.1:443 --orphans 20 \
		--keep 1
	sleep_ms $RIPE_MS
	check_free 127.0.0.1 127.0.0.1:443
	! kernel_at_least 6 1 || check_eq free 39 "$FREE"
}

# A load on loopback takes TIME_WAITs over all the time.
taken_over_again_and_again() {
	local round

	use_range $LOW $HIGH
	serve 127.0.0.1 443
	traffic_bg pairs --from 127.0.0.1 --to 127.0.0.1:443 --external --keep 2
	for round in 1 2 3; do
		traffic pairs --from 127.0.0.1 --to 127.0.0.1:443 --external \
			--count 50
		sleep_ms $RIPE_MS
		check_free 127.0.0.1 127.0.0.1:443
		check_eq "free, round $round" 58 "$FREE"
	done
}

# 6.14 and later can be told how long to wait.
delay() {
	local knob=net.ipv4.tcp_tw_reuse_delay

	[ -e "/proc/sys/${knob//.//}" ] || skip "this kernel has no $knob"
	small_net
	set_sysctl net.ipv4.tcp_tw_reuse 1
	set_sysctl $knob 60000
	serve $R 443
	traffic pairs --from $A --to $R:443 --external --count 20
	traffic_bg pairs --from $A --to $R:443 --external --keep 1
	sleep_ms $RIPE_MS
	check_free $A $R:443
	check_eq "free with a long delay" 39 "$FREE"
	set_sysctl $knob 2000
	check_free $A $R:443
	check_eq "free with a delay that has passed" 59 "$FREE"
	traffic pairs --from $A --to $R:443 --external --count 10
	set_sysctl $knob 1
	sleep_ms 20
	check_free $A $R:443
	check_eq "free with next to no delay" 59 "$FREE"
}

# check_reuse_if EXPECTED LOCAL REMOTE [TRY-OPTION...]: `reuse_if` is what setting
# tcp_tw_reuse to 1 adds to `free`.
check_reuse_if() {
	local expected=$1 before

	shift
	snapshot
	check_cell "reuse_if from $1 to $2" "$expected" out "$1" "$2" reuse_if
	find_cells out "$1" "$2" free
	before=$CELLS
	set_sysctl net.ipv4.tcp_tw_reuse 1
	check_free "$@"
	check_eq "free has risen by reuse_if" $((before + expected)) "$FREE"
	check_cell "nothing is left to gain" 0 out "$1" "$2" reuse_if
}

# reuse_if_case MODE EXPECTED LOCAL REMOTE [PAIRS-OPTION...]
reuse_if_case() {
	local mode=$1 expected=$2 local=$3 remote=$4

	shift 4
	ripe_pairs "$mode" "$local" "$remote" "$@"
	check_reuse_if "$expected" "$local" "$remote"
}

reuse_if_of_the_default() {
	add_addr $A $R
	reuse_if_case 2 20 $A $R:443
}

reuse_if_of_the_default_by_ipv6() {
	add_addr $A6 $R6
	reuse_if_case 2 20 $A6 "[$R6]:443"
}

reuse_if_of_off() {
	reuse_if_case 0 20 127.0.0.1 127.0.0.1:443
}

# On loopback the default does what 1 does.
reuse_if_on_loopback() {
	reuse_if_case 2 0 127.0.0.1 127.0.0.1:443
}

# A server that strips timestamps: the setting brings nothing.
reuse_if_without_timestamps() {
	add_addr $A $R
	reuse_if_case 2 0 $A $R:443 --no-timestamps
}

# Of 60 ports 20 are in TIME_WAIT, 8 in FIN_WAIT2, one has a connection. Only kernels of
# before the change count the 8 (compute/reuse.c): the oracle says which.
reuse_if_with_fin_wait2() {
	local gain=20

	small_net
	traffic_bg pairs --from $A --to $R:443 --count 20 --orphans 8 --keep 1
	sleep_ms $RIPE_MS
	kernel_at_least 6 1 || {
		snapshot
		gain=$(cell out $A $R:443 reuse_if)
	}
	check_reuse_if "$gain" $A $R:443
}

# TIME_WAITs that are too young to be taken over. A try that took too long is repeated.
too_young() {
	local tries=30 before got

	small_net
	set_sysctl net.ipv4.tcp_tw_reuse 1
	while [ $((tries -= 1)) -gt 0 ]; do
		sleep_ms $((1010 - $("$TOOL" now) % 1000))
		before=$("$TOOL" now)
		traffic_bg pairs --from $A --to $R:443 --count 5 --keep 1
		cat $TW_FILE >"$TW_TMP/young"
		got=$(connects $A $R:443)
		[ $((before / 1000)) != $(($("$TOOL" now) / 1000)) ] || break
		end_pid "$LAST_PID"
		sleep_ms $RIPE_MS
	done
	[ $tries -gt 0 ] || skip "a second is too short for this machine"
	snapshot "$TW_TMP/young"
	check_cell "free is what connect() finds" "$got" \
		out $A $R:443 free
	check_range "TIME_WAITs" 5 59 "$(cell out $A $R:443 tw)"
	check_range "those that may be taken over" 0 \
		$(($(cell out $A $R:443 tw) - 5)) "$(cell out $A $R:443 reuse)"
}

tw_main off off_on_loopback on on_by_ipv6 loopback_only loopback_only_by_ipv6 \
	loopback_only_mapped loopback_only_anywhere_in_127 \
	loopback_only_one_end loopback_only_elsewhere \
	loopback_only_elsewhere_by_ipv6 without_timestamps \
	without_timestamps_on_loopback with_and_without_timestamps fin_wait2 \
	fin_wait2_on_loopback taken_over_again_and_again delay too_young \
	reuse_if_of_the_default reuse_if_of_the_default_by_ipv6 \
	reuse_if_of_off reuse_if_on_loopback reuse_if_without_timestamps \
	reuse_if_with_fin_wait2
