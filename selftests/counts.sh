#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Every count of every row, against ss and /proc/net/tcp{,6}.
#
# kernels: all
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/watch.sh"

A=10.9.0.1
B=10.9.0.2
R1=10.9.1.1
R2=10.9.1.2

addresses() {
	add_addr $A $B $R1 $R2
}

empty_namespace() {
	snapshot
	check_eq "sockets" 0 "${TW_HEAD[sockets]-}"
	check_eq "rows" 0 "$(row_count)"
	check_eq "hidden_min" 0 "${TW_HEAD[hidden_min]-}"
	check_eq "hidden_sockets" 0 "${TW_HEAD[hidden_sockets]-}"
}

header_keys() {
	local key keys="version netns age_ms walk_us sockets complete range
		tried timewait fin_wait2 established syn_sent close_wait
		other timewait_max
		tw_reuse out_rows in_rows bound_rows hidden_min hidden_sockets hidden_level"

	snapshot
	for key in $keys; do
		check "no header key $key" [ -n "$(header "$key")" ]
	done
	check_eq version 1 "${TW_HEAD[version]-}"
	check_eq rules tested "${TW_HEAD[rules]-}"
	check_eq netns "$(readlink /proc/self/ns/net)" "net:[${TW_HEAD[netns]-}]"
}

column_names() {
	local name names="dir used tw fw2 estab syn cwait other close/s next local
		remote level free use% reuse reuse_if eta fail"

	add_addr $A $R1
	traffic pairs --from $A --to $R1:80 --count 1
	snapshot
	for name in $names; do
		check "no column $name" [ -n "${TW_AT[$name]-}" ]
	done
	check_eq "first column" dir "$(awk '!/^#/ { print $1; exit }' "$SNAP")"
}

# One state at a time, each with a row of its own.
timewait_only() {
	local n

	n=$(scaled 500)
	addresses
	traffic pairs --from $A --to $R1:443 --count "$n"
	settle
	check_table
	expect_row out $A $R1:443 tw="$n"
	check_cell used "$n" out $A $R1:443 used
	check_eq timewait "$n" "${TW_HEAD[timewait]-}"
}

established_only() {
	addresses
	traffic_bg pairs --from $A --to $R1:443 --keep 20 --close-listener
	settle
	check_table
	expect_row out $A $R1:443 estab=20
}

served_port() {
	local n

	n=$(scaled 200)
	addresses
	traffic_bg pairs --from $A --to $R1:8080 --count "$n" --keep 7 \
		--server-closes
	settle
	check_table
	expect_row in $R1:8080 '*' tw="$n" estab=7
	expect_row out $A $R1:8080 estab=7
	check_cell "used of an in row" - in $R1:8080 '*' used
}

# Two local addresses to three remotes, in every state; the servers of port
# 80 died since, the one of port 443 lives.
everything_at_once() {
	local from to n

	n=$(scaled 60)
	addresses
	for from in $A $B; do
		for to in $R1:80 $R1:443 $R2:443; do
			n=$((n + 1))
			traffic_bg pairs --from $from --to $to --count $n \
				--keep 3 --fin-wait2 2 --orphans 4 \
				--close-listener
		done
	done
	traffic_bg pairs --from $A --to $R1:443 --half-open 5
	settle
	check_table
	check_eq out_rows 6 "${TW_HEAD[out_rows]-}"
	check_eq in_rows 2 "${TW_HEAD[in_rows]-}"
	check_eq bound_rows 1 "${TW_HEAD[bound_rows]-}"
	expect_row in $R1:443 '*' estab=6 cwait=12 other=5
	expect_row bound $R1:80 '*' estab=6 cwait=12
}

# A local port of two addresses is used by each of them.
shared_port_is_used_in_each_row() {
	addresses
	traffic_bg pairs --from $A:40001 --to $R1:443 --keep 1 --close-listener
	traffic_bg pairs --from $B:40001 --to $R1:443 --keep 1 --close-listener
	settle
	check_table
	check_cell "used from $A" 1 out $A $R1:443 used
	check_cell "used from $B" 1 out $B $R1:443 used
	check_eq out_rows 2 "${TW_HEAD[out_rows]-}"
}

# And two remotes that share a port of one address are two rows that use it.
remotes_share_a_port() {
	addresses
	traffic_bg pairs --from $A:40001 --to $R1:443 --keep 1 --reuseaddr \
		--close-listener
	traffic_bg pairs --from $A:40001 --to $R2:443 --keep 1 --reuseaddr \
		--close-listener
	settle
	check_table
	check_cell "used to $R1" 1 out $A $R1:443 used
	check_cell "used to $R2" 1 out $A $R2:443 used
	check_eq out_rows 2 "${TW_HEAD[out_rows]-}"
}

timewait_max_follows() {
	set_sysctl net.ipv4.tcp_max_tw_buckets 1234
	snapshot
	check_eq timewait_max 1234 "${TW_HEAD[timewait_max]-}"
}

everything_under_locks() {
	under_locks everything_at_once
}

tw_main empty_namespace header_keys column_names timewait_only \
	established_only served_port everything_at_once \
	shared_port_is_used_in_each_row remotes_share_a_port \
	timewait_max_follows everything_under_locks
