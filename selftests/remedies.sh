#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What docs/usage.md says helps: each situation, its remedy, and what the table then says,
# which connect() confirms. (reuse_if: free_reuse.sh)
#
# kernels: rules
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/cable.sh"

# All 60 ports are in TIME_WAIT.
tw_full() {
	small_net
	serve $R 443
	traffic pairs --from $A --to $R:443 --external --count 60
	settle
	snapshot
	check_cell "before" "full 0 60" out $A $R:443 level free tw
}

tw_wider_range() {
	tw_full
	use_range $LOW $((HIGH + 40))
	check_free $A $R:443
	check_eq "free with 40 ports more" 40 "$FREE"
}

tw_second_local_address() {
	tw_full
	check_eq "connections from another address" 60 "$(connects $B $R:443)"
}

# An address that nothing binds is never used: the route says which one is.
tw_second_address_must_be_bound() {
	tw_full
	ip route replace local $R dev lo table local src $A || abort "no route to $R"
	add_addr 10.9.0.3
	check_eq "connections of a program that does not bind" 0 \
		"$("$TOOL" try --to $R:443)"
	snapshot
	check_text "local addresses in use" $A "$(columns local out)"
	check_eq "connections of one that binds" 60 "$(connects 10.9.0.3 $R:443)"
}

# Ends the TIME_WAITs toward $R as usage.md says
tw_killed() {
	ss -K -tn state time-wait dst $R >"$TW_TMP/ss" 2>&1
	settle
	snapshot
}

# The emergency measure. 5.10 has no such function for TIME_WAIT
# (net/ipv4/tcp.c:tcp_abort).
tw_ss_kill() {
	tw_full
	tw_killed
	if ! kernel_at_least 6 1; then
		check_eq "TIME_WAITs after ss -K on a kernel that cannot do it" 60 \
			"${TW_HEAD[timewait]-}"
		check_eq "connections that succeed there" 0 "$(connects $A $R:443)"
		return
	fi
	check_eq "TIME_WAITs after ss -K" 0 "${TW_HEAD[timewait]-}"
	check_eq "connections that succeed" 60 "$(connects $A $R:443)"
}

# overflows: TIME_WAITs that the kernel did not make, as nstat counts them
overflows() {
	nstat -asz TcpExtTCPTimeWaitOverflow | awk '/Overflow/ { print $2 }'
}

# With more closes than net.ipv4.tcp_max_tw_buckets the ports of the rest are free at once.
tw_limit() {
	small_net
	serve $R 443
	set_sysctl net.ipv4.tcp_max_tw_buckets 25
	check_eq "overflows at first" 0 "$(overflows)"
	traffic pairs --from $A --to $R:443 --external --count 60
	settle
	snapshot
	check_eq "TIME_WAITs and their limit" "25 25" \
		"${TW_HEAD[timewait]-} ${TW_HEAD[timewait_max]-}"
	check_eq "overflows, and what the table says of them" "35 35" \
		"$(overflows) ${TW_HEAD[timewait_dropped]-}"
	check_free $A $R:443
	check_eq free 35 "$FREE"
}

tw_second_remote_port() {
	tw_full
	serve $R 444
	check_eq "connections to another port" 60 "$(connects $A $R:444)"
}

# fw2_after SECONDS: how many of 12 sockets are in FIN_WAIT2 after 9 s
fw2_after() {
	set_sysctl net.ipv4.tcp_fin_timeout "$1"
	traffic_bg pairs --from $A --to $R:443 --orphans 12
	settle
	snapshot
	check_cell "fw2, fw2_held and free at first" "12 0 48" out $A $R:443 fw2 fw2_held free
	sleep_ms 9000
	snapshot
	FW2=${TW_HEAD[fin_wait2]-}
}

fw2_by_the_default() {
	small_net
	fw2_after 60
	check_eq "still in FIN_WAIT2" 12 "$FW2"
}

fw2_tcp_fin_timeout() {
	small_net
	fw2_after 4
	check_eq "still in FIN_WAIT2" 0 "$FW2"
	check_eq "connections that succeed" 60 "$(connects $A $R:443)"
}

# A program that has called shutdown() and keeps the descriptor: tcp_fin_timeout is not about
# its sockets. ss names it; when it closes, they go.
fw2_held_open() {
	small_net
	set_sysctl net.ipv4.tcp_fin_timeout 2
	traffic_bg pairs --from $A --to $R:443 --fin-wait2 12
	settle
	sleep_ms 8000
	snapshot
	check_cell "fw2 and fw2_held after 8 s" "12 12" out $A $R:443 fw2 fw2_held
	check_eq "sockets of tw_traffic by ss" 12 \
		"$(ss -Htnp state fin-wait-2 dst $R | grep -cF '"tw_traffic"')"
	end_pid "$LAST_PID"
	settle
	snapshot
	check_eq fin_wait2 0 "${TW_HEAD[fin_wait2]-}"
}

# The ports come back a minute after the pool has closed its connections.
estab_smaller_pool() {
	small_net
	serve $R 443
	traffic_bg pairs --from $A --to $R:443 --external --keep 40
	snapshot
	check_cell "estab and free of a large pool" "40 20" \
		out $A $R:443 estab free
	end_pid "$LAST_PID"
	settle
	snapshot
	check_cell "estab once it has closed" 0 out $A $R:443 estab
	sleep_ms 66000
	check_eq "connections that succeed" 60 "$(connects $A $R:443)"
}

cwait_program_that_closes() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --fin-wait2 25 --server-closes
	settle
	snapshot
	check_cell "cwait and free" "25 35" out $A $R:443 cwait free
	end_pid "$LAST_PID"
	settle
	snapshot
	check_eq close_wait 0 "${TW_HEAD[close_wait]-}"
	serve $R 443
	check_eq "connections that succeed" 60 "$(connects $A $R:443)"
}

# A peer that never answers: after one more try instead of six connect() gives up.
syn_fewer_retries() {
	ip link add dummy0 type dummy || skip "no dummy device"
	ip link set dummy0 up
	ip addr add 10.8.0.1/24 dev dummy0
	use_range $LOW $HIGH
	set_sysctl net.ipv4.tcp_syn_retries 1
	traffic_bg hold syn-sent --from 10.8.0.1 --to 10.8.0.2:443 --count 45
	snapshot
	check_cell "syn and free" "45 15" out 10.8.0.1 10.8.0.2:443 syn free
	sleep_ms 9000
	snapshot
	check_eq syn_sent 0 "${TW_HEAD[syn_sent]-}"
	check_eq usable 60 "${TW_HEAD[usable]-}"
}

# FIN_WAIT1 of connections whose peer is gone: the kernel sends the FIN again, with
# tcp_orphan_retries=1 for seconds, by default for minutes.
other_peer_gone() {
	cable_to 10.8.0.2/24
	cable_end veth0 10.8.0.1/24
	use_range $LOW $HIGH
	traffic_bg pairs --from 10.8.0.1 --to 10.8.0.2:443 --server-netns "$PEER" --keep 20
	in_ns "$NS_PID" ip addr flush dev veth1 || abort "the peer stays"
	[ "$1" = 0 ] || set_sysctl net.ipv4.tcp_orphan_retries "$1"
	end_pid "$LAST_PID"
	snapshot
	check_cell "other and free" "20 40" out 10.8.0.1 10.8.0.2:443 other free
	check_eq "states by ss" "20 FIN-WAIT-1" \
		"$(ss -Htan dst 10.8.0.2 | awk '{ print $1 }' | uniq -c | xargs)"
	sleep_ms 15000
	snapshot
}

other_by_the_default() {
	other_peer_gone 0
	check_cell "other after 15 s" 20 out 10.8.0.1 10.8.0.2:443 other
}

other_tcp_orphan_retries() {
	other_peer_gone 1
	check_eq "other after 15 s" 0 "${TW_HEAD[other]-}"
	check_eq "out rows" 0 "${TW_HEAD[out_rows]-}"
}

# Ports of bind() are lost for every destination; those of connect() for one.
bound_bind_address_no_port() {
	local pool

	small_net
	serve $R 443
	traffic_bg pairs --from $A --to $R:443 --external --keep 22 --early-bind
	pool=$LAST_PID
	snapshot
	check_eq "bound and usable" "22 38" \
		"${TW_HEAD[bound]-} ${TW_HEAD[usable]-}"
	serve $S 443
	check_usable $A $S:443
	end_pid "$pool"
	sleep_ms 66000
	traffic_bg pairs --from $A --to $R:443 --external --keep 22
	snapshot
	check_eq "bound and usable with the option" "0 60" \
		"${TW_HEAD[bound]-} ${TW_HEAD[usable]-}"
	check_usable $A $S:443
}

# The same error, but for a local address that is gone: the table has nothing to say.
none_of_them_wrong_local_address() {
	small_net
	serve $R 443
	check_eq "what the program says" "Cannot assign requested address" \
		"$("$TOOL" connect --from 10.9.0.77 --to $R:443 --count 1 2>&1 |
			grep -o 'Cannot assign.*')"
	snapshot
	check_eq "level and usable" "ok 60" \
		"${TW_HEAD[level]-} ${TW_HEAD[usable]-}"
	# User-mode Linux has no probe that counts them.
	[ "$(</sys/module/tw_summary/parameters/count_failures)" = N ] ||
		check_eq fails 0 "${TW_HEAD[fails]-}"
	check_eq out_rows 0 "${TW_HEAD[out_rows]-}"
	add_addr 10.9.0.77
	check_eq "connections that succeed" 60 "$(connects 10.9.0.77 $R:443)"
}

# Nor for IPv6 that is switched off.
none_of_them_no_ipv6() {
	local to

	small_net
	set_sysctl net.ipv6.conf.all.disable_ipv6 1
	for to in "[::1]:443" "[$R6]:443"; do
		check_eq "what the program says of $to" "EADDRNOTAVAIL 3" \
			"$("$TOOL" connect --to "$to" --count 3)"
	done
	snapshot
	check_eq "level, usable and rows" "ok 60 0" \
		"${TW_HEAD[level]-} ${TW_HEAD[usable]-} ${TW_HEAD[out_rows]-}"
	[ "$(</sys/module/tw_summary/parameters/count_failures)" = N ] ||
		check_eq fails 0 "${TW_HEAD[fails]-}"
}

# A program with a range of its own (IP_LOCAL_PORT_RANGE) has used that up. `free` is that of
# the others, who have it.
none_of_them_range_of_its_own() {
	local own=(--from "$A" --to "$R:443" --last-port "$((LOW + 9))")

	small_net
	serve $R 443
	"$TOOL" connect "${own[@]}" --count 1 >/dev/null 2>&1 ||
		skip "no IP_LOCAL_PORT_RANGE before 6.3"
	traffic_bg pairs "${own[@]}" --external --keep 10
	check_eq "what its next call gets" "EADDRNOTAVAIL 1" \
		"$("$TOOL" connect "${own[@]}" --count 1)"
	check_free $A $R:443
	check_eq "free of the others" 50 "$FREE"
}

tw_main tw_wider_range tw_second_local_address tw_second_address_must_be_bound tw_ss_kill \
	tw_limit tw_second_remote_port fw2_by_the_default fw2_tcp_fin_timeout fw2_held_open \
	estab_smaller_pool cwait_program_that_closes syn_fewer_retries \
	other_by_the_default other_tcp_orphan_retries bound_bind_address_no_port \
	none_of_them_wrong_local_address none_of_them_no_ipv6 none_of_them_range_of_its_own
