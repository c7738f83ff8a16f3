#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Each connect() and bind() that finds no port is counted once, and no other one is.
#
# kernels: ends
# on all kernels: ipv4,ipv6,mapped,mptcp,device,early_bind,refused,unreachable,no_source_address,explicit_port_in_use,promises_are_kept,promises_are_broken
# debug: ipv4,on_and_off,bounded_memory,others_take_no_place
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"
. "$TW_LIB/burst.sh"
needs probe

PARAM=/sys/module/tw_summary/parameters/count_failures

counting() {
	[ "$(<$PARAM)" = Y ] ||
		abort "failures are not counted here: no probe"
	trace_on tw_connect_failed
}

# Holds all ports from LOCAL to REMOTE; none of its own calls fails.
fill() {
	dialer "$1" "$2" fill
	dial 60 fill
}

# ends_as "ERRNO N" CONNECT-OPTION...
ends_as() {
	local want=$1

	shift
	check_eq "connect $*" "$want" "$("$TOOL" connect "$@" 2>&1)"
}

# check_fails N LOCAL REMOTE: the column, and events of that pair
check_fails() {
	snapshot
	check_cell "fail from $2 to $3" "$1" out "$2" "$3" fail
	check_eq "events from $2 to $3" "$1" \
		"$(events tw_connect_failed | grep -cF " local=$2 remote=$3 ")"
}

ipv4() {
	counting
	small_net
	serve $R 443
	fill $A $R:443
	check_fails 0 $A $R:443
	ends_as "EADDRNOTAVAIL 7" --from $A --to $R:443 --count 7
	check_fails 7 $A $R:443
	ends_as "EADDRNOTAVAIL 5" --from $A --to $R:443 --count 5
	check_fails 12 $A $R:443
	# Other pairs have ports.
	ends_as "connected 4" --from $B --to $R:443 --count 4
	check_eq "events of all pairs" 12 "$(event_count tw_connect_failed)"
}

ipv6() {
	counting
	use_range $LOW $HIGH
	add_addr $A6 $R6
	serve $R6 443
	fill $A6 "[$R6]:443"
	ends_as "EADDRNOTAVAIL 9" --from $A6 --to "[$R6]:443" --count 9
	check_fails 9 $A6 "[$R6]:443"
	check_eq "events of all pairs" 9 "$(event_count tw_connect_failed)"
}

mapped() {
	counting
	small_net
	serve $R 443
	fill $A $R:443
	ends_as "EADDRNOTAVAIL 6" --mapped --from $A --to $R:443 --count 6
	check_fails 6 $A $R:443
	ends_as "EADDRNOTAVAIL 2" --from $A --to $R:443 --count 2
	check_fails 8 $A $R:443
}

# Only the subflow looks for a port.
mptcp() {
	[ "$(cat /proc/sys/net/mptcp/enabled 2>/dev/null)" = 1 ] ||
		skip "no MPTCP in this kernel"
	counting
	small_net
	serve $R 443
	# From where the routing says: not every kernel lets MPTCP pick an
	# address alone.
	talk_to fill "$TOOL" dial --to $R:443
	dial 60 fill
	check_fails 0 $R $R:443
	ends_as "EADDRNOTAVAIL 5" --mptcp --to $R:443 --count 5
	check_fails 5 $R $R:443
	check_eq "events of all pairs" 5 "$(event_count tw_connect_failed)"
}

device() {
	counting
	small_net
	reserve_all
	ends_as "EADDRNOTAVAIL 3" --dev lo --from $A --to $R:443 --count 3
	reserve_none
	serve $R 443
	dialer $A $R:443
	dial 1
	talk_to bound "$TOOL" dial --dev lo --from $A --to $R:443
	dial 1 bound
	snapshot
	check_cell "fail of the pair without a device" 0 out $A $R:443 fail
	check_cell "fail of the device's pair" 3 out $A%lo $R:443 fail
}

# bind() fails there, connect() is never called. With a port it fails for another
# reason, and is not counted.
early_bind() {
	counting
	small_net
	snapshot
	check_eq "bind_fails at first" 0 "${TW_HEAD[bind_fails]-}"
	reserve_all
	for _ in 1 2 3; do
		ends_as "tw_traffic: bind: Address already in use" \
			--from $A --to $R:443 --count 1 --early-bind
	done
	ends_as "tw_traffic: bind: Address already in use" \
		--from :: --to "[$R6]:443" --count 1 --early-bind
	reserve_none
	serve $R 443
	ends_as "tw_traffic: bind: Address already in use" \
		--from $R:443 --to $R:444 --count 1
	ends_as "connected 4" --from $A --to $R:443 --count 4 --early-bind
	snapshot
	check_eq bind_fails 4 "${TW_HEAD[bind_fails]-}"
	check_eq fails 0 "${TW_HEAD[fails]-}"
	check_eq "events" 0 "$(event_count tw_connect_failed)"
}

# The header has the sum, and when the last one was.
sums() {
	counting
	small_net
	snapshot
	check_eq "fails before the first" "0 -" \
		"${TW_HEAD[fails]-} ${TW_HEAD[fails_last]-}"
	reserve_all
	ends_as "EADDRNOTAVAIL 3" --from $A --to $R:443 --count 3
	ends_as "EADDRNOTAVAIL 4" --from $B --to $R:444 --count 4
	sleep_ms 3000
	snapshot
	check_eq "fails of two pairs" 7 "${TW_HEAD[fails]-}"
	check_range "fails_last in tenths" 30 100 "${TW_HEAD[fails_last]/./}"
	check_eq fails_missed 0 "${TW_HEAD[fails_missed]-}"
	ends_as "EADDRNOTAVAIL 1" --from $A --to $R:443 --count 1
	snapshot
	check_eq "fails once more" 8 "${TW_HEAD[fails]-}"
	check_range "fails_last in tenths" 0 20 "${TW_HEAD[fails_last]/./}"
}

# A destination that gets no port at all has no socket. It is in the table all the same,
# for 600 s.
pair_without_a_socket() {
	counting
	small_net
	add_addr $A6 $R6
	reserve_all
	ends_as "EADDRNOTAVAIL 3" --from $A --to $R:443 --count 3
	ends_as "EADDRNOTAVAIL 2" --from $A6 --to "[$R6]:443" --count 2
	snapshot
	check_cell "the IPv4 row" "full 0 0 100.0 0 0 3" \
		out $A $R:443 level free used use% tw reuse_if fail
	check_cell "the IPv6 row" "full 0 0 2" \
		out $A6 "[$R6]:443" level free used fail
	check_eq "out_rows and level" "2 full" \
		"${TW_HEAD[out_rows]-} ${TW_HEAD[level]-}"
	sleep_ms 300000
	ends_as "EADDRNOTAVAIL 1" --from $A --to $R:443 --count 1
	reserve_none
	sleep_ms 299000
	snapshot
	check_cell "after 599 s" "ok 60 2" \
		out $A6 "[$R6]:443" level free fail
	sleep_ms 2000
	snapshot
	check_cell "after 601 s" "" out $A6 "[$R6]:443" level
	check_cell "the one that failed once more" "ok 60 4" \
		out $A $R:443 level free fail
	check_eq "fails" 6 "${TW_HEAD[fails]-}"
}

# An outage that is over is above destinations that have fewer ports left, for 600 s.
outage_that_is_over() {
	counting
	small_net
	reserve_all
	ends_as "EADDRNOTAVAIL 3" --from $A --to $R:443 --count 3
	reserve_none
	serve $R 443
	serve $R 444
	dialer $A $R:443
	dial 1
	dialer $B $R:444 b
	dial 20 b
	sleep_ms 95000
	snapshot
	check_eq "rows after 95 s" "ok 59 $R:443,ok 40 $R:444," \
		"$(columns "level free remote" out | tr '\n' ,)"
	check_range "fail_last in tenths" 950 1100 \
		"$(columns fail_last out | sed -n '1s/\.//p')"
	check_cell "fail_last of the other one" - out $B $R:444 fail_last
	sleep_ms 510000
	snapshot
	check_eq "rows after 605 s" "ok 40 $R:444,ok 59 $R:443," \
		"$(columns "level free remote" out | tr '\n' ,)"
	check_range "fail_last in tenths" 6050 6200 \
		"$(columns fail_last out | sed -n '2s/\.//p')"
}

# Of 400 pairs 256 have rows, beside those that max_rows allows.
pairs_without_sockets_beyond_max_rows() {
	counting
	echo 0 >$TRACE/events/tw_summary/enable
	wait_for_reserve
	small_net
	ip route add local 10.77.0.0/16 dev lo || abort "ip route"
	keep_init_sysctl max_rows
	init_sysctl max_rows 2
	serve $R 443
	dialer $A $R:443
	dial 9
	dialer $B $R:443 b
	dial 4 b
	reserve_all
	ends_as "EADDRNOTAVAIL 400" --from $A --to 10.77.0.1:443 --count 1 \
		--destinations 400
	snapshot
	check_eq out_rows 257 "${TW_HEAD[out_rows]-}"
	check_eq in_rows 1 "${TW_HEAD[in_rows]-}"
	check_eq "hidden_min and hidden_sockets" "1 4" \
		"${TW_HEAD[hidden_min]-} ${TW_HEAD[hidden_sockets]-}"
	check_cell "the row with sockets" 9 out $A $R:443 used
	check_cell "the newest pair" "0 1" out $A 10.77.1.144:443 used fail
	check_cell "the oldest pair" "" out $A 10.77.0.1:443 used
}

refused() {
	counting
	small_net
	ends_as "ECONNREFUSED 8" --from $A --to $R:443 --count 8
	serve $R 443
	dialer $A $R:443
	dial 1
	check_fails 0 $A $R:443
	check_eq "events" 0 "$(event_count tw_connect_failed)"
}

unreachable() {
	counting
	small_net
	ends_as "ENETUNREACH 8" --to 192.0.2.1:443 --count 8
	ip route add prohibit 192.0.2.0/24 || abort "ip route"
	ends_as "EACCES 8" --to 192.0.2.1:443 --count 8
	check_eq "events" 0 "$(event_count tw_connect_failed)"
}

# The same error, because no address is found: not counted.
no_source_address() {
	counting
	sysctl -qw net.ipv6.conf.lo.disable_ipv6=1 &&
		ip link add d0 type dummy &&
		ip link set d0 addrgenmode none && ip link set d0 up &&
		ip -6 route add fd0a::/64 dev d0 || abort "cannot set up d0"
	ends_as "EADDRNOTAVAIL 8" --to '[fd0a::1]:443' --count 8
	check_eq "events" 0 "$(event_count tw_connect_failed)"
}

# The same error, for a port that bind() has chosen: not counted.
explicit_port_in_use() {
	counting
	small_net
	serve $R 443
	traffic_bg pairs --external --from $A:40001 --to $R:443 --keep 1 \
		--reuseaddr
	ends_as "EADDRNOTAVAIL 8" --from $A:40001 --to $R:443 --count 8 \
		--reuseaddr
	check_fails 0 $A $R:443
	check_eq "events" 0 "$(event_count tw_connect_failed)"
}

fail_elsewhere() {
	counting
	small_net
	serve $R 443
	fill $A $R:443
	ends_as "EADDRNOTAVAIL 3" --from $A --to $R:443 --count 3
	check_fails 3 $A $R:443
}

each_namespace_its_own() {
	counting
	small_net
	serve $R 443
	fill $A $R:443
	ends_as "EADDRNOTAVAIL 2" --from $A --to $R:443 --count 2
	new_ns
	check_in_ns "the other namespace" "$NS_PID" fail_elsewhere
	check_fails 2 $A $R:443
}

on_and_off() {
	local key

	counting
	at_exit "echo Y >$PARAM"
	small_net
	serve $R 443
	fill $A $R:443
	ends_as "EADDRNOTAVAIL 3" --from $A --to $R:443 --count 3
	check_fails 3 $A $R:443
	echo N >$PARAM || abort "cannot switch it off"
	check_eq "count_failures" N "$(<$PARAM)"
	ends_as "EADDRNOTAVAIL 3" --from $A --to $R:443 --count 3
	snapshot
	check_cell "fail while it is off" - out $A $R:443 fail
	for key in fails fails_last fails_missed bind_fails mispredicted; do
		check_eq "$key while it is off" - "${TW_HEAD[$key]-}"
	done
	check_eq "events while it is off" 3 "$(event_count tw_connect_failed)"
	echo Y >$PARAM || abort "cannot switch it on"
	check_eq "count_failures" Y "$(<$PARAM)"
	snapshot
	check_cell "fail once it is on again" 0 out $A $R:443 fail
	ends_as "EADDRNOTAVAIL 4" --from $A --to $R:443 --count 4
	snapshot
	check_cell "fail, begun anew" 4 out $A $R:443 fail
	(echo maybe >$PARAM) 2>/dev/null && fail "'maybe' is taken"
	check_eq "count_failures after nonsense" Y "$(<$PARAM)"
}

# Starts a process that calls connect() in a loop.
start_connecting() {
	(while :; do
		"$TOOL" connect --from $A --to $R:443 --count 500
	done) >/dev/null 2>&1 &
	remember_pid $!
	disown
}

# Switched while connect() calls are under way.
on_and_off_under_traffic() {
	local i

	counting
	at_exit "echo Y >$PARAM"
	small_net
	serve $R 443
	fill $A $R:443
	start_connecting
	for i in $(seq "$(scaled 5)"); do
		echo N >$PARAM || fail "cannot switch it off"
		snapshot
		check_cell "fail, off" - out $A $R:443 fail
		echo Y >$PARAM || fail "cannot switch it on"
		wait_for 20 has_failures ||
			fail "nothing is counted after the ${i}th time"
	done
}

# The module comes and goes while connect() calls are under way.
unload_under_traffic() {
	local i

	needs_modprobe
	small_net
	reserve_all
	start_connecting
	for i in $(seq "$(scaled 4)"); do
		rmmod tw_summary || abort "rmmod"
		check "$TW_FILE is still there" [ ! -e $TW_FILE ]
		modprobe tw_summary || abort "modprobe"
		check "no $TW_FILE after modprobe" [ -e $TW_FILE ]
	done
	counting
	wait_for 20 has_events || fail "no failure makes an event any more"
	reserve_none
	serve $R 443
	dialer $A $R:443
	dial 1
	has_failures || fail "no failure is counted any more"
}

# The first one is enough: events may come faster than the shell reads them.
has_events() {
	grep -qm 1 " tw_connect_failed: netns=$(own_netns) " "$TRACE/trace"
}

has_failures() {
	snapshot
	[ "$(cell out $A $R:443 fail)" -gt 0 ]
}

loaded_switched_off() {
	needs_modprobe
	small_net
	rmmod tw_summary || abort "rmmod"
	modprobe tw_summary count_failures=0 || abort "modprobe"
	check_eq "count_failures" N "$(<$PARAM)"
	traffic pairs --from $A --to $R:443 --count 1
	snapshot
	check_cell "fail" - out $A $R:443 fail
	rmmod tw_summary || abort "rmmod"
	modprobe tw_summary || abort "modprobe"
	check_eq "count_failures by default" Y "$(<$PARAM)"
}

# As every other switch of a module: without a value it is on.
loaded_without_a_value() {
	needs_modprobe
	rmmod tw_summary || abort "rmmod"
	check "modprobe tw_summary count_failures" \
		modprobe tw_summary count_failures
	check_eq "count_failures" Y "$(<$PARAM)"
}

who_it_was() {
	local pid

	counting
	small_net
	reserve_all
	pid=$("$BASH" -c 'echo $$; exec "$@" >/dev/null' - \
		"$TOOL" connect --from $A --to $R:443 --count 1)
	check_eq "the event" \
		"netns=$(own_netns) local=$A remote=$R:443 pid=$pid comm=tw_traffic" \
		"$(events tw_connect_failed)"
}

# All pairs that failed, each as often as it did
check_burst() {
	snapshot
	check_eq fails $((2 * BURST_PAIRS)) "${TW_HEAD[fails]-}"
	check_eq "pairs, and how often each has failed" "$BURST_PAIRS 2" \
		"$(columns fail out | sort | uniq -c | xargs)"
}

# A burst from a standing start loses no pair, however late the worker comes.
burst_before_the_worker() {
	local before

	counting
	echo 0 >$TRACE/events/tw_summary/enable
	before=$(walk_value failure_pairs_forgotten)
	burst_in_two_namespaces
	check_burst
	check_in_ns "the other namespace" "$NS_PID" check_burst
	check_eq "pairs forgotten" "$before" "$(walk_value failure_pairs_forgotten)"
	wait_for_reserve
}

# A namespace has room for 512 pairs. Of 1,000 the oldest are dropped, and that is
# counted.
bounded_memory() {
	local before bytes n=1000

	needs_debugfs
	counting
	echo 0 >$TRACE/events/tw_summary/enable
	wait_for_reserve
	many_to_fail
	before=$(walk_value failure_pairs_forgotten)
	bytes=$(walk_value bytes_held)
	ends_as "EADDRNOTAVAIL $n" --from $A --to 10.77.0.1:443 --count 1 \
		--destinations $n
	check_eq "pairs forgotten" $((n - 512)) \
		$(($(walk_value failure_pairs_forgotten) - before))
	wait_for_reserve
	# 64 KiB for the pairs, and 88 for the callers, of which there are as many.
	check_eq "memory that it took" $((152 << 10)) \
		$(($(walk_value bytes_held) - bytes))
	check_eq "probes missed" 0 "$(walk_value failure_probes_missed)"
	# The newest is never the one that is forgotten.
	ends_as "EADDRNOTAVAIL 3" --from $A --to $R:443 --count 3
	reserve_none
	serve $R 443
	dialer $A $R:443
	dial 1
	snapshot
	check_cell "fail of the newest pair" 3 out $A $R:443 fail
	# Those of forgotten pairs are in the sum.
	check_eq fails $((n + 3)) "${TW_HEAD[fails]-}"
}

# 1,000 pairs of another namespace: none of these takes the place of ours.
many_elsewhere() {
	many_to_fail
	ends_as "EADDRNOTAVAIL 1000" --from $A --to 10.77.0.1:443 --count 1 \
		--destinations 1000
}

others_take_no_place() {
	local i

	needs_debugfs
	counting
	small_net
	serve $R 443
	for i in 1 2 3 4 5 6 7; do
		add_addr 10.9.2.$i
		fill 10.9.2.$i $R:443
		ends_as "EADDRNOTAVAIL $i" --from 10.9.2.$i --to $R:443 \
			--count $i
	done
	new_ns
	echo 0 >$TRACE/events/tw_summary/enable
	check_in_ns "the other namespace" "$NS_PID" many_elsewhere
	snapshot
	for i in 1 2 3 4 5 6 7; do
		check_cell "fail from 10.9.2.$i" "$i" out 10.9.2.$i $R:443 fail
	done
}

# Ten times, each call that fails comes just when as many ports are taken as were free.
promises_are_kept() {
	local before i

	needs_debugfs
	counting
	small_net
	serve $R 443
	before=$(walk_value mispredicted)
	for i in 1 2 3 4 5 6 7 8 9 10; do
		check_eq "connections, round $i" 60 "$(connects $A $R:443)"
		snapshot
		check_cell "free, round $i" 60 out $A $R:443 free
	done
	check_eq mispredicted "$before" "$(walk_value mispredicted)"
}

# walks_since WALKS [N]: N snapshots have been taken since there were so many
walks_since() {
	[ "$(walk_value walks)" -ge $(($1 + ${2-1})) ]
}

# The module takes a snapshot by itself 1 s after a call that found no port. wait_asked WALKS:
# until then, if there were so many before. It is counted first, then used: nothing else
# wants the processor meanwhile.
wait_asked() {
	wait_for 60 walks_since "$@" || abort "the module does not ask itself"
	sleep_ms 200
}

# From $A to $R:443: 60 connections, and a call that found no port. Now all are free.
one_failure() {
	needs_debugfs
	counting
	small_net
	serve $R 443
	check_eq connections 60 "$(connects $A $R:443)"
}

# Settings that change between two snapshots and change back make a promise that the
# kernel does not keep: one that is wrong looks the same. Those that stay changed do not
# count.
promises_are_broken() {
	local before walks

	one_failure
	snapshot
	before=$(walk_value mispredicted)
	tw_promises_break
	reserve_all
	ends_as "EADDRNOTAVAIL 4" --from $A --to $R:443 --count 4
	snapshot
	walks=$(walk_value walks)
	check_eq "mispredicted, with other settings" "$before" "$(walk_value mispredicted)"
	wait_asked "$walks"
	reserve_none
	snapshot
	reserve_all
	ends_as "EADDRNOTAVAIL 5" --from $A --to $R:443 --count 5
	reserve_none
	snapshot
	check_eq "mispredicted" $((before + 5)) "$(walk_value mispredicted)"
	check_eq "mispredicted in the header" 5 "${TW_HEAD[mispredicted]-}"
	new_ns
	check_in_ns "the other namespace" "$NS_PID" nothing_mispredicted
}

nothing_mispredicted() {
	snapshot
	check_eq "mispredicted elsewhere" 0 "${TW_HEAD[mispredicted]-}"
}

# The same where nobody reads: the module asks itself, 1 s after a call that failed.
unread_promises_are_broken() {
	local before walks

	needs_debugfs
	walks=$(walk_value walks)
	one_failure
	wait_asked "$walks"
	before=$(walk_value mispredicted)
	walks=$(walk_value walks)
	tw_promises_break
	reserve_all
	ends_as "EADDRNOTAVAIL 5" --from $A --to $R:443 --count 5
	reserve_none
	wait_asked "$walks"
	check_eq "mispredicted" $((before + 5)) "$(walk_value mispredicted)"
}

# No column is looked at here: if reserved ports counted as free, the counter alone would
# notice it.
unread_promises_are_kept() {
	local before walks i

	needs_debugfs
	counting
	small_net
	set_sysctl net.ipv4.ip_local_reserved_ports $LOW-$((LOW + 9))
	serve $R 443
	before=$(walk_value mispredicted)
	walks=$(walk_value walks)
	for i in 1 2 3; do
		check_eq "connections, round $i" 50 "$(connects $A $R:443)"
		wait_asked "$walks"
	done
	# If a promise was broken, the next snapshot says so.
	snapshot
	check_eq mispredicted "$before" "$(walk_value mispredicted)"
}

# It asks once for many calls, and not again while what was said holds.
asks_seldom() {
	local before

	needs_debugfs
	counting
	small_net
	serve $R 443
	fill $A $R:443
	before=$(walk_value walks)
	ends_as "EADDRNOTAVAIL 500" --from $A --to $R:443 --count 500
	wait_asked "$before"
	# If it asked more often, this would be seen by then.
	sleep_ms 3000
	check_eq "snapshots after 500 calls" $((before + 1)) "$(walk_value walks)"
	ends_as "EADDRNOTAVAIL 500" --from $A --to $R:443 --count 500
	sleep_ms 3000
	check_eq "snapshots after 500 more" $((before + 1)) "$(walk_value walks)"
	sleep_ms 8000
	ends_as "EADDRNOTAVAIL 500" --from $A --to $R:443 --count 500
	wait_asked "$before" 2
	sleep_ms 3000
	check_eq "snapshots after 10 s" $((before + 2)) "$(walk_value walks)"
}

# A socket with a range of its own finds no port sooner than the table says: nothing was
# promised to it.
promises_of_other_ranges() {
	local before own=(--from "$A" --to "$R:443" --last-port "$((LOW + 3))")

	counting
	needs_debugfs
	small_net
	serve $R 443
	"$TOOL" connect "${own[@]}" --count 1 >/dev/null 2>&1 ||
		skip "no IP_LOCAL_PORT_RANGE before 6.3"
	check_eq connections 60 "$(connects $A $R:443)"
	snapshot
	check_cell "free, of all ports" 60 out $A $R:443 free
	before=$(walk_value mispredicted)
	traffic_bg pairs "${own[@]}" --external --keep 4
	ends_as "EADDRNOTAVAIL 5" "${own[@]}" --count 5
	snapshot
	check_cell "free, and the failed calls" "56 6" out $A $R:443 free fail
	check_eq mispredicted "$before" "$(walk_value mispredicted)"
}

tw_main ipv4 ipv6 mapped mptcp device early_bind sums pair_without_a_socket outage_that_is_over \
	pairs_without_sockets_beyond_max_rows refused unreachable \
	no_source_address explicit_port_in_use each_namespace_its_own \
	on_and_off on_and_off_under_traffic unload_under_traffic \
	loaded_switched_off loaded_without_a_value who_it_was bounded_memory burst_before_the_worker \
	others_take_no_place promises_are_kept promises_are_broken \
	unread_promises_are_broken unread_promises_are_kept asks_seldom \
	promises_of_other_ranges
