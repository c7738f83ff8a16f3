#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Reads while connections come and go. The sums of every snapshot must be right
# (snapshot checks this), and what does not change must not seem to change.
#
# kernels: rules
# debug: all
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/watch.sh"
needs parallel

A=10.9.0.1
R=10.9.1.1

rounds() {
	scaled 20 5
}

# Sockets that stay are counted once each, in every snapshot.
steady_rows_stay_exact() {
	local i loads

	add_addr $A $R
	traffic_bg pairs --from $A --to $R:5432 --keep 25 --fin-wait2 5 \
		--close-listener
	settle
	traffic_bg pairs --from $A --to $R:443 --count 20 --interval-ms 2 --forever
	loads=$LAST_PID
	traffic_bg pairs --from $A --to $R:80 --count 20 --interval-ms 2 --forever \
		--server-closes
	for i in $(seq "$(rounds)"); do
		snapshot
		expect_row out $A $R:5432 fw2=5 estab=25 || break
		expect_row bound $R:5432 '*' estab=25 cwait=5 || break
	done
	check_alive "$loads" "$LAST_PID"
}

# connect() takes ports over from TIME_WAIT again and again. Both sockets are in the table
# for a moment, but the port must be counted once.
ports_taken_over() {
	local i before

	set_sysctl net.ipv4.ip_local_port_range "40000 40099"
	set_sysctl net.ipv4.tcp_tw_reuse 0
	# From here on every port has a socket.
	traffic pairs --to 127.0.0.1:443 --count 100
	set_sysctl net.ipv4.tcp_tw_reuse 1
	traffic_bg pairs --to 127.0.0.1:443 --count 50 --interval-ms 2 --forever
	wait_for 20 recycled_since 0 || abort "no port is taken over"
	before=$(recycled)
	for i in $(seq "$(rounds)"); do
		snapshot
		# A reset may end a TIME_WAIT early (RFC 1337): seen once, 99.
		check_range "used of a range of 100 ports" 90 100 \
			"$(columns used out | awk '{ n += $1 }
						   END { print n + 0 }')"
	done
	wait_for 20 recycled_since "$before" ||
		fail "no port was taken over meanwhile"
	check_alive "$LAST_PID"
}

# Several readers at once, each with a snapshot of its own.
many_readers() {
	local i pid pids=

	add_addr $A $R
	traffic_bg pairs --from $A --to $R:443 --count 20 --interval-ms 2 --forever
	for i in 1 2 3 4; do
		"$BASH" "$0" --inside read_often >"$TW_TMP/reader.$i" 2>&1 &
		pids="$pids $!"
	done
	for pid in $pids; do
		check "a reader found something wrong" wait "$pid" ||
			cat "$TW_TMP"/reader.*
	done
	check_alive "$LAST_PID"
}

read_often() {
	local i

	TW_TMP=$(mktemp -d "$TW_TMP/reader.XXXXXX")
	for i in $(seq "$(rounds)"); do
		snapshot || return
	done
}

# A reader may be killed at any point of its read. The reader is one process that reads
# many times: in a loop of a shell the shell would be killed, not the reader.
killed_readers() {
	local i pid files

	add_addr $A $R
	traffic_bg pairs --from $A --to $R:443 --count 20 --interval-ms 2 --forever
	files=$(printf "$TW_FILE %.0s" $(seq 2000))
	for i in $(seq "$(rounds)"); do
		# shellcheck disable=SC2086 # blanks separate the files
		cat $files >/dev/null 2>&1 &
		pid=$!
		remember_pid $pid
		sleep "0.0$((i % 7 + 1))"
		kill -9 $pid
		wait $pid 2>/dev/null
		check_eq "the reader was at it until it was killed" 137 $?
	done
	check_alive "$LAST_PID"
	snapshot
}

# A destination comes and goes between two reads.
rows_come_and_go() {
	local i

	add_addr $A $R
	for i in $(seq "$(scaled 10)"); do
		traffic_bg pairs --from $A --to $R:443 --half-open 3
		snapshot
		expect_row in $R:443 '*' other=3
		end_pid "$LAST_PID"
		settle
		snapshot
		check_eq "request sockets of a listener that is gone" 0 \
			"$(columns other | awk '{ n += $1 }
						END { print n + 0 }')"
	done
}

steady_rows_under_locks() {
	under_locks steady_rows_stay_exact
}

takeovers_under_locks() {
	under_locks ports_taken_over
}

tw_main steady_rows_stay_exact ports_taken_over many_readers \
	killed_readers rows_come_and_go steady_rows_under_locks takeovers_under_locks
