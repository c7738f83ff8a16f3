#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Compares eta with what happens. A load opens and closes connections at a steady rate
# until connect() finds no port. The eta that was read before must have said when, to
# within a second. In counted time the minutes pass at once.
#
# kernels: newest
# on all kernels: full_now
. "${BASH_SOURCE[0]%/*}/../lib/main.sh"
. "$TW_LIB/free.sh"

TW_TIMEOUT=${TW_TIMEOUT:-900}

# A thousand ports, and N connections per second until there is none.
load() {
	FAILED_AT=$TW_TMP/failed_at
	{
		"$TOOL" pairs --from $A --to $R:443 --count 100000 \
			--interval-ms $((1000 / $1)) >"$TW_TMP/load" 2>&1 &
		echo $! >"$TW_TMP/load.pid"
		remember_pid $!
		wait $! 2>/dev/null
		"$TOOL" now >"$FAILED_AT.new" && mv "$FAILED_AT.new" "$FAILED_AT"
	} &
	LOAD=$!
	START=$("$TOOL" now)
}

thousand_ports() {
	add_addr $A $B $R
	use_range 40000 40999
}

# at SECOND: of the load
at() {
	local left=$((START + $1 * 1000 - $("$TOOL" now)))

	[ $left -le 0 ] || sleep_ms $left
}

# check_eta: the load is left to itself until it fails.
check_eta() {
	local eta read_at fails_in

	snapshot
	read_at=$("$TOOL" now)
	eta=$(cell out $A $R:443 eta)
	! [ -e "$FAILED_AT" ] || abort "the load has ended before it was read"
	wait $LOAD
	grep -q 'Cannot assign requested address' "$TW_TMP/load" ||
		abort "the load ended with: $(<"$TW_TMP/load")"
	fails_in=$(awk -v f="$(<"$FAILED_AT")" -v r="$read_at" \
		'BEGIN { printf "%.1f\n", (f - r) / 1000 }')
	note "eta $eta, the first failure came after $fails_in s"
	check_range "eta, for a failure after $fails_in s" \
		"$(awk -v t="$fails_in" 'BEGIN {
			m = t / 10 > 1 ? t / 10 : 1; print (t > m ? t - m : 0) }')" \
		"$(awk -v t="$fails_in" 'BEGIN {
			m = t / 10 > 1 ? t / 10 : 1; print (t + m) }')" \
		"$eta"
}

# check_fits SECOND: at this second the load uses as many ports as it ever will, and some
# are left.
check_fits() {
	local second

	for second; do
		at "$second"
		snapshot
		check_cell "eta at second $second" - out $A $R:443 eta
	done
	! [ -e "$FAILED_AT" ] || fail "but connect() found no port"
	end_pid "$(<"$TW_TMP/load.pid")"
}

# 1,000 ports at 50 a second: none before second 20.
full_before_any_comes_back() {
	thousand_ports
	load 50
	at 11
	check_eta
}

# 17 a second, of which 1,000 are never enough for a minute.
just_over_the_limit() {
	thousand_ports
	load 17
	at 30
	check_eta
}

# 10 a second are 600 or so after a minute, and no more.
fits() {
	thousand_ports
	load 10
	check_fits 15 40 70 100
}

# Some ports are reserved.
kept_connections() {
	thousand_ports
	traffic_bg hold bind --from $B --early-bind --count 200
	load 25
	at 16
	check_eta
}

# 500 ports come back before the load has used up the others: a straight line
# would promise the end for the wrong minute. Their timers end late, by as much
# as the timer wheel rounds (kernel/time/timer.c: 512 ticks, which are 2 s at
# HZ=250 and 5 s at HZ=100): second 14 to 19.1 of the load, and it needs 20.
burst_comes_back() {
	thousand_ports
	traffic pairs --from $A --to $R:443 --count 500
	sleep_ms 46000
	load 25
	at 12
	check_eta
}

# The load pauses: then nothing runs out.
drains() {
	thousand_ports
	traffic_bg pairs --from $A --to $R:443 --count 900 --keep 1
	sleep_ms 12000
	snapshot
	check_cell eta - out $A $R:443 eta
	check_cell close/s 0.0 out $A $R:443 close/s
}

full_now() {
	thousand_ports
	use_range 40000 40099
	traffic_bg pairs --from $A --to $R:443 --count 90 --keep 10
	snapshot
	check_cell eta 0.0 out $A $R:443 eta
}

# If connect() takes TIME_WAITs over, the same load never runs out.
taken_over() {
	thousand_ports
	set_sysctl net.ipv4.tcp_tw_reuse 1
	load 50
	check_fits 11 15 40
}

tw_main full_before_any_comes_back just_over_the_limit fits kept_connections \
	burst_comes_back drains full_now taken_over
