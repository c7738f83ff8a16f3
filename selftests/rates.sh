#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Compares close/s and next with a known schedule of closes, and follows every TIME_WAIT
# to its end. It waits for minutes, which cost nothing in counted time.
#
# The program that closes connections writes down when. The number of closes in the last
# ten seconds is known for the moment before a read and for the moment after it. So the
# expected value is a range, however slow the machine is.
#
# kernels: newest
# on all kernels: steady_closes,age_starts_with_timewait,the_clock_is_set
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/times.sh"

A=10.9.0.1
R=10.9.1.1

# Ten a second for ten seconds, then silence: up, and down again.
steady_closes() {
	add_addr $A $R
	traffic pairs --from $A --to $R:443 --count 100 --interval-ms 100 \
		--times "$TW_TMP/times"
	timed_snapshot
	check_row_times out $A $R:443 "$TW_TMP/times"
	# Not all of them if it took long to read it.
	check_range "close/s after ten seconds of 10 a second" 5 10 \
		"$(cell out $A $R:443 close/s)"
	sleep 5
	timed_snapshot
	check_row_times out $A $R:443 "$TW_TMP/times"
	sleep 6
	timed_snapshot
	check_row_times out $A $R:443 "$TW_TMP/times"
	check_cell "close/s after 11 silent seconds" 0.0 \
		out $A $R:443 close/s
}

# Two destinations and a server at once: each has its own clock.
rows_have_their_own_rates() {
	add_addr $A $R
	traffic pairs --from $A --to $R:443 --count 20 --interval-ms 300 \
		--times "$TW_TMP/one"
	traffic pairs --from $A --to $R:444 --count 30 --interval-ms 50 \
		--times "$TW_TMP/two"
	traffic_bg serve $R 80 --server-closes
	traffic pairs --from $A --to $R:80 --external --server-closes \
		--count 10 --interval-ms 100 --times "$TW_TMP/three"
	timed_snapshot
	check_row_times out $A $R:443 "$TW_TMP/one"
	check_row_times out $A $R:444 "$TW_TMP/two"
	check_row_times in $R:80 '*' "$TW_TMP/three"
}

# Somebody sets the clock of the day, ten years on and a year back: TIME_WAITs are not
# older for that, nor younger.
the_clock_is_set() {
	local day port=443 times=$TW_TMP/one

	[ -n "${TW_GUEST-}" ] || skip "it sets the clock, so only in a guest"
	day=$(date +%s)
	add_addr $A $R
	traffic pairs --from $A --to $R:443 --count 30 --interval-ms 100 \
		--times "$TW_TMP/times"
	sleep 3
	for day in $((day + 315360000)) $((day - 31536000)) "$day"; do
		date -s "@$day" >/dev/null || abort "cannot set the clock"
		timed_snapshot
		check_row_times out $A $R:443 "$TW_TMP/times"
		check_cell "reuse_if" 30 out $A $R:443 reuse_if
		port=$((port + 1))
		traffic pairs --from $A --to $R:$port --count 1 --times "$times"
		timed_snapshot
		check_row_times out $A $R:$port "$times"
	done
}

# written_after MS PID FILE: a time after MS is in the file, or nobody writes any more. Then
# all before it are there too.
written_after() {
	gone "$2" || awk -v ms="$1" '{ last = $1 } END { exit !(last > ms) }' "$3"
}

# Several snapshots while closes go on, one every 250 ms.
while_it_closes() {
	local round load

	add_addr $A $R
	"$TOOL" pairs --from $A --to $R:443 --count 120 --interval-ms 250 \
		--times "$TW_TMP/all" &
	load=$!
	remember_pid $load
	for round in 1 2 3 4; do
		sleep 6
		timed_snapshot
		wait_for 60 written_after "$AFTER" $load "$TW_TMP/all" ||
			abort "nothing is closed any more"
		check_row_times out $A $R:443 "$TW_TMP/all"
		check_range "close/s in round $round" 1 5 \
			"$(cell out $A $R:443 close/s)"
	done
	wait
	timed_snapshot
	check_row_times out $A $R:443 "$TW_TMP/all"
}

# Full sockets have no `next` and no `close/s`, in FIN_WAIT2 neither.
no_timewait_no_next() {
	add_addr $A $R
	traffic_bg pairs --from $A --to $R:443 --keep 3 --fin-wait2 2 --close-listener
	check_table
	check_cell "next and close/s" "- 0.0" out $A $R:443 next close/s
	check_cell "fw2, fw2_held" "2 2" out $A $R:443 fw2 fw2_held
}

# A timewait socket in FIN_WAIT2 has a timer, and is none that has closed.
next_of_fin_wait2() {
	local next

	add_addr $A $R
	set_sysctl net.ipv4.tcp_fin_timeout 40
	traffic_bg pairs --from $A --to $R:443 --keep 3 --orphans 4 --fin-wait2 2
	check_table
	check_cell "close/s" 0.0 out $A $R:443 close/s
	check_cell "fw2, fw2_held" "6 2" out $A $R:443 fw2 fw2_held
	next=$(cell out $A $R:443 next)
	check_range "next" 35 40 "$next"
	sleep_ms 10000
	snapshot
	check_range "next after 10 s" "$(awk -v n="$next" 'BEGIN { print n - 12 }')" \
		"$(awk -v n="$next" 'BEGIN { print n - 10 }')" "$(cell out $A $R:443 next)"
	sleep_ms 34000
	snapshot
	check_cell "those that the program holds open" "2 2 -" out $A $R:443 fw2 fw2_held next
}

# A FIN_WAIT2 socket enters TIME_WAIT when the peer's FIN comes, not when it
# was closed.
age_starts_with_timewait() {
	local began ended

	add_addr $A $R
	set_sysctl net.ipv4.tcp_fin_timeout 60
	traffic_bg pairs --from $A --to $R:443 --orphans 5 --close-listener
	sleep 20
	began=$("$TOOL" now)
	end_pid "$LAST_PID"
	settle
	ended=$("$TOOL" now)
	for _ in 1 2 3 4 5; do
		echo "$began $ended"
	done >"$TW_TMP/times"
	timed_snapshot
	expect_row out $A $R:443 tw=5
	check_row_times out $A $R:443 "$TW_TMP/times"
}

# TIME_WAITs expire until the last is gone; /proc/net/tcp and ss must agree.
expiry() {
	local n start

	n=$(scaled 100)
	add_addr $A $R
	start=$("$TOOL" now)
	traffic pairs --from $A --to $R:443 --count "$n"
	traffic pairs --from $A --to $R:80 --count "$n" --server-closes
	check_table
	check_eq timewait $((2 * n)) "${TW_HEAD[timewait]-}"
	sleep 30
	traffic pairs --from $A --to $R:444 --count 5
	check_table
	check_eq timewait $((2 * n + 5)) "${TW_HEAD[timewait]-}"
	sleep 28
	wait_for 40 gone_but 5 || abort "the first ones do not expire"
	check "expired before 60 s" [ $(($("$TOOL" now) - start)) -ge 60000 ]
	check_table
	check_eq out_rows 1 "${TW_HEAD[out_rows]-}"
	sleep 25
	wait_for 40 gone_but 0 || abort "the last ones do not expire"
	check "expired before 90 s" [ $(($("$TOOL" now) - start)) -ge 90000 ]
	check_table
	check_eq rows 0 "$(row_count)"
}

gone_but() {
	snapshot
	[ "${TW_HEAD[sockets]-}" -le "$1" ]
}

# `next` counts down and never below zero, also while the timer is late.
next_counts_down() {
	local last=60 now seen

	add_addr $A $R
	seen=$("$TOOL" now)
	traffic pairs --from $A --to $R:443 --count 3 --times "$TW_TMP/times"
	while :; do
		timed_snapshot
		find_cells out $A $R:443 next
		now=$CELLS
		[ -n "$now" ] || break
		check_row_times out $A $R:443 "$TW_TMP/times"
		check_range "next after $last" 0 "$last" "$now"
		last=$now seen=$BEFORE
		sleep 3.7
	done
	check_range "the last next, $((AFTER - seen)) ms before it was gone" 0 \
		"$(awk -v ms=$((AFTER - seen)) 'BEGIN { print ms / 1000 + 0.1 }')" "$last"
}

tw_main steady_closes the_clock_is_set rows_have_their_own_rates while_it_closes \
	no_timewait_no_next next_of_fin_wait2 age_starts_with_timewait expiry next_counts_down
