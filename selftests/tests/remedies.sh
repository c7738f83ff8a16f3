#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What docs/usage.md says helps: each situation, its remedy, and what the table then says,
# which connect() confirms. (reuse_if: free_reuse.sh)
#
# kernels: all
. "${BASH_SOURCE[0]%/*}/../lib/main.sh"
. "$TW_LIB/free.sh"

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
	check_cell "fw2 and free at first" "12 48" out $A $R:443 fw2 free
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

tw_main tw_wider_range tw_second_local_address tw_second_remote_port \
	fw2_by_the_default fw2_tcp_fin_timeout estab_smaller_pool \
	cwait_program_that_closes syn_fewer_retries bound_bind_address_no_port \
	none_of_them_wrong_local_address
