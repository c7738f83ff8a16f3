#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Programs that call bind(ADDRESS, port 0) before connect(): proxies with a source address
# of their own, load generators. Each of their ports is lost to every destination, and the
# levels say so before all are gone.
#
# kernels: newest
# on all kernels: proxy_and_another_program
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"

P=10.9.0.6

two_hundred_ports() {
	add_addr $A $P $R
	use_range 40000 40199
}

# proxy N: it has N connections to R:443
proxy() {
	dialer $P $R:443 proxy --early-bind
	dial "$1" proxy
}

# check_levels WHAT HEADER [LOCAL REMOTE "FREE USE LEVEL"]
check_levels() {
	snapshot
	check_eq "$1: level of the namespace" "$2" "${TW_HEAD[level]-}"
	[ $# = 2 ] || check_cell "$1: free, use%, level" "$5" out "$3" "$4" free use% level
}

# Another program, which does not bind, connects to the same server.
proxy_and_another_program() {
	two_hundred_ports
	serve $R 443
	proxy 159
	check_levels "159 of 200" ok $P $R:443 "41 79.5 ok"
	dial 170 proxy
	check_levels "170 of 200" warn $P $R:443 "30 85.0 warn"
	traffic_bg pairs --from $A --to $R:443 --external --keep 10
	check_levels "10 of another program" warn $A $R:443 "20 90.0 warn"
	check_levels "10 of another program" warn $P $R:443 "30 85.0 warn"
	check_free $P $R:443
	check_free $A $R:443
	# Some of these bind() calls choose ports that the other program is connected from.
	dial 190 proxy
	snapshot
	check_eq "190 of 200: level of the namespace" crit "${TW_HEAD[level]-}"
	check_free $A $R:443
}

# Nothing else connects: the worst row is that of the proxy.
proxy_alone() {
	two_hundred_ports
	serve $R 443
	proxy 199
	check_levels "199 of 200" crit $P $R:443 "1 99.5 crit"
	check_free $P $R:443
}

# Sockets that are bound and not connected have no row: the header tells all the same.
no_row_at_all() {
	two_hundred_ports
	serve $R 443
	traffic_bg hold bind --from $P:40000 --count 159
	check_levels "159 bound" ok
	traffic_bg hold bind --from $P:40159 --count 1
	check_levels "160 bound" warn
	traffic_bg hold bind --from $P:40160 --count 30
	check_levels "190 bound" crit
	check_eq "rows" 0 "${TW_HEAD[out_rows]-}"
	check_usable $A $R:443
	traffic_bg hold bind --from $P:40190 --count 10
	check_levels "200 bound" full
	check_eq "usable" 0 "${TW_HEAD[usable]-}"
	check_usable $A $R:443
}

# With thresholds of the namespace; a rule of a destination is about that one only.
thresholds_of_the_namespace() {
	two_hundred_ports
	set_sysctl net.tw_summary.warn_percent 50
	echo "$R:443 warn=1 crit=2" >/proc/net/tw_thresholds || abort "cannot write a rule"
	traffic_bg hold bind --from $P:40000 --count 99
	check_levels "99 bound" ok
	traffic_bg hold bind --from $P:40099 --count 1
	check_levels "100 bound" warn
}

# The monitor tells it, in the initial namespace in the log too, and leaves a level with its
# hysteresis only.
host_binds() {
	local range first

	read -r range </proc/sys/net/ipv4/ip_local_port_range
	at_exit "echo $range >/proc/sys/net/ipv4/ip_local_port_range"
	at_exit "for a in $A $P $R; do ip addr del \$a/32 dev lo; done"
	at_exit "echo 0 >$TW_INTERVAL"
	two_hundred_ports
	trace_on tw_level
	set_sysctl net.tw_summary.monitor_interval_ms 100
	traffic_bg hold bind --from $P:40000 --count 159
	first=$LAST_PID
	wait_looks
	check_eq "changes with 159 bound" "" "$(changes)"
	traffic_bg hold bind --from $P:40159 --count 11
	check "170 bound" wait_for 20 changes_are "ok>warn"
	check_eq "the event" "local=* remote=* old=ok new=warn use=85.0% free=30 of=200" \
		"$(events tw_level | grep -o 'local=.* of=[0-9]*')"
	end_pid "$LAST_PID"
	traffic_bg hold bind --from $P:40159 --count 40
	check "199 bound" wait_for 20 changed_to crit
	end_pid "$LAST_PID"
	wait_looks
	check "159 bound: the level is held" changed_to warn
	end_pid "$first"
	check "none bound" wait_for 20 changed_to ok
}

monitor_tells() {
	needs_debugfs
	check "in the initial namespace" nsenter --net=/proc/self/fd/9 \
		"$BASH" "$0" --inside host_binds
	check "the log" log_has '\* -> \* warn: 170 of 200 ports (85.0%) are lost to every destination'
	check "the log" log_has '\* -> \* crit: 199 of 200 ports (99.5%) are lost to every destination'
}

log_has() {
	dmesg | grep -q "tw_summary: $1\$"
}

tw_main proxy_and_another_program proxy_alone no_row_at_all thresholds_of_the_namespace \
	monitor_tells
