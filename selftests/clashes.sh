#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# connect() with a port from bind() is refused because this very connection is there: each
# such call is counted once, for its pair, its program and the namespace, and no other one.
#
# kernels: rules
# debug: two_connections_of_one_port,on_and_off,many_clients
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/callers.sh"
. "$TW_LIB/watch.sh"
. "$TW_LIB/burst.sh"
needs probe

# ends_as "ERRNO N" CONNECT-OPTION...
ends_as() {
	local want=$1

	shift
	check_eq "connect $*" "$want" "$("$TOOL" connect "$@" 2>&1)"
}

# check_clashes N ALL LOCAL REMOTE: the column, beside that of failures, and the sums
check_clashes() {
	snapshot
	check_cell "clash and fail from $3 to $4" "$1 0" out "$3" "$4" clash fail
	check_eq "clashes and fails" "$2 0" "${TW_HEAD[clashes]-} ${TW_HEAD[fails]-}"
}

# established FROM TO: a connection with a port that its client has chosen
established() {
	traffic_bg pairs --external --from "$1" --to "$2" --keep 1 --reuseaddr
}

two_connections_of_one_port() {
	small_net
	sample 0
	serve $R 443
	program proxy
	snapshot
	check_eq "before the first" "0 -" \
		"${TW_HEAD[clashes]-} ${TW_HEAD[clashes_last]-}"
	established $A:40001 $R:443
	check_eq "the second one" "EADDRNOTAVAIL 8" "$("$TW_TMP/proxy" connect \
		--from $A:40001 --to $R:443 --count 8 --reuseaddr)"
	check_clashes 8 8 $A $R:443
	check_range "clashes_last in tenths" 0 20 "${TW_HEAD[clashes_last]/./}"
	callers
	check_caller "the program" "0 8 - - $A" "fails clashes first last local" \
		proxy $R:443
	check_eq "rows" 1 "$(callers_head rows)"
	sleep_ms 3000
	snapshot
	check_range "clashes_last in tenths" 30 100 "${TW_HEAD[clashes_last]/./}"
	# Another destination, and another address.
	serve $S 443
	ends_as "connected 1" --from $A:40001 --to $S:443 --count 1 --reuseaddr
	ends_as "connected 1" --from $B:40001 --to $R:443 --count 1 --reuseaddr
	check_clashes 8 8 $A $R:443
}

ipv6() {
	small_net
	add_addr $A6 $R6
	serve $R6 443
	established "[$A6]:40001" "[$R6]:443"
	ends_as "EADDRNOTAVAIL 3" --from "[$A6]:40001" --to "[$R6]:443" --count 3 \
		--reuseaddr
	check_clashes 3 3 $A6 "[$R6]:443"
}

# An IPv6 socket with IPv4 addresses, while IPv4 has the connection
mapped() {
	small_net
	serve $R 443
	established $A:40001 $R:443
	ends_as "EADDRNOTAVAIL 4" --mapped --from $A:40001 --to $R:443 --count 4 \
		--reuseaddr
	check_clashes 4 4 $A $R:443
}

# A peer has called it. Now it calls back, from the port where it listens to the port from
# where the peer has called: both are one connection.
dials_from_its_listening_port() {
	small_net
	traffic_bg hold share --from $R:443
	traffic_bg pairs --external --from $A:40001 --to $R:443 --keep 1
	ends_as "EADDRNOTAVAIL 3" --from $R:443 --to $A:40001 --count 3 --reuseaddr \
		--reuseport
	check_clashes 3 3 $R $A:40001
	check_cell "sockets of the pair" 0 out $R $A:40001 used
	# The peer has not called from this one.
	ends_as "ECONNREFUSED 2" --from $R:443 --to $A:40003 --count 2 --reuseaddr \
		--reuseport
	check_eq clashes 3 "${TW_HEAD[clashes]-}"
}

# The TIME_WAIT of a connection without timestamps may not be taken over, one with them may.
redials_without_timestamps() {
	small_net
	serve $R 443
	traffic pairs --external --from $A:40001 --to $R:443 --count 1 --reuseaddr \
		--no-timestamps
	traffic pairs --external --from $A:40002 --to $R:443 --count 1 --reuseaddr
	settle
	sleep_ms 2000
	ends_as "EADDRNOTAVAIL 5" --from $A:40001 --to $R:443 --count 5 --reuseaddr
	check_clashes 5 5 $A $R:443
	ends_as "connected 1" --from $A:40002 --to $R:443 --count 1 --reuseaddr
	check_clashes 5 5 $A $R:443
}

# The same error, but no connection is in the way: neither a clash nor a failure.
no_address_to_call_from() {
	small_net
	ends_as "tw_traffic: bind: Cannot assign requested address" \
		--from 192.0.2.1:40001 --to $R:443 --count 1
	sysctl -qw net.ipv6.conf.lo.disable_ipv6=1 &&
		ip link add d0 type dummy &&
		ip link set d0 addrgenmode none && ip link set d0 up &&
		ip -6 route add fd0a::/64 dev d0 || abort "cannot set up d0"
	ends_as "EADDRNOTAVAIL 4" --from '[::]:40001' --to '[fd0a::1]:443' --count 4
	ends_as "EADDRNOTAVAIL 4" --to '[fd0a::1]:443' --count 4
	snapshot
	check_eq "clashes and fails" "0 0" "${TW_HEAD[clashes]-} ${TW_HEAD[fails]-}"
}

# Who finds no port does not clash, and the time of a bind() that found none is told too.
other_failures() {
	small_net
	reserve_all
	ends_as "EADDRNOTAVAIL 3" --from $A --to $R:443 --count 3
	snapshot
	check_eq "bind_fails_last before the first" - "${TW_HEAD[bind_fails_last]-}"
	ends_as "tw_traffic: bind: Address already in use" \
		--from $A --to $R:443 --count 1 --early-bind
	sleep_ms 3000
	snapshot
	check_cell "clash and fail" "0 3" out $A $R:443 clash fail
	check_eq "clashes, and the last" "0 -" \
		"${TW_HEAD[clashes]-} ${TW_HEAD[clashes_last]-}"
	check_range "bind_fails_last in tenths" 30 100 "${TW_HEAD[bind_fails_last]/./}"
}

# A transparent proxy's clients: 200 pairs clash whose sockets are in another row. 64 of
# them are shown, for 600 s, beside those that max_rows allows and beside the 256 that
# found no port; all are in the sum. These take no place from those.
many_clients() {
	local clash=(--from "$A:30001" --to 10.77.0.1:443 --destinations 200 --reuseaddr)

	wait_for_reserve
	small_net
	sample 0
	ip route add local 10.77.0.0/16 dev lo || abort "ip route"
	keep_init_sysctl max_rows
	init_sysctl max_rows 2
	serve 0.0.0.0 443
	traffic_bg pairs --external --keep 1 "${clash[@]}"
	wait_for_reserve
	ends_as "EADDRNOTAVAIL 200" "${clash[@]}" --count 1
	wait_for_reserve
	reserve_all
	ends_as "EADDRNOTAVAIL 300" --from $B --to 10.77.0.1:443 --count 1 \
		--destinations 300
	reserve_none
	snapshot
	check_eq "clashes and fails" "200 300" "${TW_HEAD[clashes]-} ${TW_HEAD[fails]-}"
	check_eq out_rows $((256 + 64)) "${TW_HEAD[out_rows]-}"
	check_eq "pairs, and how often each has clashed" "256 0 64 1" \
		"$(columns clash out | sort | uniq -c | xargs)"
	check_eq "pairs, and how often each has failed" "64 0 256 1" \
		"$(columns fail out | sort | uniq -c | xargs)"
	check_cell "the newest that clashed" "1 0" out $A 10.77.0.200:443 clash used
	sleep_ms 601000
	snapshot
	check_eq "out_rows after 601 s" 0 "${TW_HEAD[out_rows]-}"
	check_eq "clashes" 200 "${TW_HEAD[clashes]-}"
}

clash_elsewhere() {
	small_net
	serve $R 443
	established $A:40001 $R:443
	ends_as "EADDRNOTAVAIL 3" --from $A:40001 --to $R:443 --count 3 --reuseaddr
	check_clashes 3 3 $A $R:443
}

each_namespace_its_own() {
	clash_elsewhere
	new_ns
	check_in_ns "the other namespace" "$NS_PID" clash_elsewhere
	check_clashes 3 3 $A $R:443
}

on_and_off() {
	local key

	keep_param count_failures
	clash_elsewhere
	set_param count_failures N
	snapshot
	check_cell "clash while it is off" - out $A $R:443 clash
	for key in bind_fails_last clashes clashes_last; do
		check_eq "$key while it is off" - "${TW_HEAD[$key]-}"
	done
	set_param count_failures Y
	check_clashes 0 0 $A $R:443
	check_eq "clashes_last" - "${TW_HEAD[clashes_last]-}"
	ends_as "EADDRNOTAVAIL 2" --from $A:40001 --to $R:443 --count 2 --reuseaddr
	check_clashes 2 2 $A $R:443
}

tw_main two_connections_of_one_port ipv6 mapped dials_from_its_listening_port \
	redials_without_timestamps no_address_to_call_from other_failures many_clients \
	each_namespace_its_own on_and_off
