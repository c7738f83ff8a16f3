#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Compares eta with what happens. A load opens and closes connections at a steady rate
# until connect() finds no port. The eta that was read before must have said when, to
# within a second. In counted time the minutes pass at once.
#
# kernels: newest
# on all kernels: full_now
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"

TW_TIMEOUT=${TW_TIMEOUT:-900}

# N connections per second that are closed at once, until there is no port.
load() {
	load_of "$1" --from $A --to $R:443 --count 100000
}

# load_of N PAIRS-OPTION...: N connections per second
load_of() {
	FAILED_AT=$TW_TMP/failed_at
	{
		"$TOOL" pairs --interval-ms $((1000 / $1)) "${@:2}" >"$TW_TMP/load" 2>&1 &
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

# Reads eta, for check_eta_read()
read_eta() {
	snapshot
	READ_AT=$("$TOOL" now)
	ETA=$(cell out $A $R:443 eta)
}

# check_eta: the load is left to itself until it fails.
check_eta() {
	read_eta
	check_eta_read
}

check_eta_read() {
	local eta=$ETA read_at=$READ_AT fails_in

	! [ -e "$FAILED_AT" ] || abort "the load has ended before it was read"
	wait $LOAD
	grep -qE 'Cannot assign requested address|bind: Address already in use' \
		"$TW_TMP/load" ||
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

# fits_at SECOND...: at these seconds nothing will run out
fits_at() {
	local second

	for second; do
		at "$second"
		snapshot
		check_cell "eta at second $second" - out $A $R:443 eta
	done
}

# check_fits SECOND...: at the last of these the load uses as many ports as it ever will,
# and some are left.
check_fits() {
	fits_at "$@"
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

# --- leaks, and what else takes ports ---

two_hundred_ports() {
	add_addr $A $B $R
	use_range 40000 40199
}

# Connections are opened and none is closed, 20 a second: full in 10 s. Somebody looks each
# second, from before it begins.
leak() {
	local second etas=()

	two_hundred_ports
	serve $R 443
	traffic_bg pairs --from $A --to $R:443 --external --keep 1
	sleep_ms 2000
	snapshot
	check_cell "grow/s and eta at first" "- -" out $A $R:443 grow/s eta
	load_of 20 --from $A --to $R:443 --external --keep 100000
	for second in 1 2 3 4 5 6 7 8 9; do
		at $second
		read_eta
		etas+=("$READ_AT $ETA")
	done
	check_range "grow/s" 16 24 "$(cell out $A $R:443 grow/s)"
	wait $LOAD
	for second in 6 7 8 9; do
		check_close "eta at second $second" ${etas[second - 1]}
	done
}

# check_close WHAT READ-AT ETA: within 20%, or 0.3 s, of the first failure
check_close() {
	note "$1: $3, the first failure came after $(($(<"$FAILED_AT") - $2)) ms"
	check "$1: $3" awk -v f="$(<"$FAILED_AT")" -v r="$2" -v eta="$3" 'BEGIN {
		t = (f - r) / 1000; d = eta - t; d = d < 0 ? -d : d
		exit !(eta != "-" && (d <= t / 5 || d <= 0.3)) }'
}

# A pool that grows for a while, shrinks, and grows again: nothing runs out.
pool_that_breathes() {
	local n

	two_hundred_ports
	serve $R 443
	dialer $A $R:443
	for n in 60 90 70 40 80 90 60 50 70 90 60 80; do
		dial $n
		snapshot
		check_cell "eta with $n connections" - out $A $R:443 eta
		sleep_ms 1000
	done
	dial 10
	snapshot
	check_cell eta - out $A $R:443 eta
	check "grow/s $(cell out $A $R:443 grow/s)" \
		awk -v g="$(cell out $A $R:443 grow/s)" 'BEGIN { exit !(g < 0) }'
}

# The peer does not close: 50 sockets a second go to FIN_WAIT2, and stay there for 30 s.
fin_wait2() {
	thousand_ports
	set_sysctl net.ipv4.tcp_fin_timeout 30
	load_of 50 --from $A --to $R:443 --orphans 100000
	at 11
	read_eta
	check_cell "close/s" 0.0 out $A $R:443 close/s
	check_range "next" 18 20 "$(cell out $A $R:443 next)"
	check_eta_read
}

# 20 a second for 30 s are 600 of 1,000 ports.
fin_wait2_fits() {
	thousand_ports
	set_sysctl net.ipv4.tcp_fin_timeout 30
	load_of 20 --from $A --to $R:443 --orphans 100000
	check_fits 10 20 31 45
}

# tcp_max_tw_buckets is less than the range, and 30 a second close.
timewait_max() {
	thousand_ports
	set_sysctl net.ipv4.tcp_max_tw_buckets 300
	load 30
	fits_at 3 7 9
	check_eq "timewait_dropped" 0 "${TW_HEAD[timewait_dropped]-}"
	at 14
	snapshot
	check_cell "eta and close/s, beyond the maximum" "- -" out $A $R:443 eta close/s
	check_fits 20 40 70
	snapshot
	check_eq "timewait_dropped" "$(tcp_counter TCPTimeWaitOverflow)" \
		"${TW_HEAD[timewait_dropped]-}"
	check "$(header timewait_dropped) were dropped" \
		[ "${TW_HEAD[timewait_dropped]-0}" -gt 1000 ]
	# Nothing closes any more.
	sleep_ms 61000
	traffic pairs --from $A --to $R:443 --count 1
	snapshot
	sleep_ms 6000
	snapshot
	check_cell "close/s afterwards" 0.1 out $A $R:443 close/s
}

# A program that binds first takes ports from a destination that it does not use.
bind_first_to_others() {
	thousand_ports
	serve $R 443
	traffic_bg pairs --from $A --to $R:443 --external --keep 3
	load_of 50 --from $B --to $R:444 --count 100000 --early-bind
	at 11
	check_eta
}

# The destination's own connections bind first: each is in close/s, and in what bind() has
# taken.
bind_first_itself() {
	thousand_ports
	load_of 50 --from $A --to $R:443 --count 100000 --early-bind
	at 11
	check_eta
}

bind_first_fits() {
	thousand_ports
	load_of 10 --from $A --to $R:443 --count 100000 --early-bind
	check_fits 15 40 70 100
}

# beside PAIRS-OPTION...: ten connections a second, which may fail
beside() {
	"$TOOL" pairs --interval-ms 100 "$@" >/dev/null 2>&1 &
	remember_pid $!
	disown
}

# Each of them 10 a second: opened and not closed; closed; closed by a program that binds
# first; and closed by one that binds first while the peer does not close. That is 40 ports
# a second for who connects and does not bind.
all_at_once() {
	local second

	thousand_ports
	use_range 40000 41199
	serve $R 443
	traffic_bg pairs --from $A --to $R:443 --external --keep 3
	snapshot
	sleep_ms 1000
	beside --from $A --to $R:443 --external --count 100000
	beside --from $B --to $R:444 --count 100000 --early-bind
	beside --from $B --to $R:445 --orphans 100000 --early-bind
	load_of 10 --from $A --to $R:443 --external --keep 100000
	for ((second = 1; second <= 14; second++)); do
		at $second
		snapshot
	done
	check_eta
}

tw_main full_before_any_comes_back just_over_the_limit fits kept_connections \
	burst_comes_back drains full_now taken_over leak pool_that_breathes fin_wait2 \
	fin_wait2_fits timewait_max bind_first_to_others bind_first_itself \
	bind_first_fits all_at_once
