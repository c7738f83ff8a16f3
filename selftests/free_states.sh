#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# `free` with sockets in every state, of this destination and of others: reads it, then
# calls connect() until it fails.
#
# kernels: rules
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"

fresh_beside_busy() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 40 --keep 5
	traffic_bg pairs --from $A --to $S:443 --keep 1
	check_free $A $R:443
	check_eq "free of the busy one" 15 "$FREE"
	check_free $A $S:443
	check_eq "free of the fresh one" 59 "$FREE"
}

no_row_yet() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 40
	serve $S 443
	check_usable $A $S:443
	check_eq usable 60 "${TW_HEAD[usable]-}"
}

mixed_states() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 12 --keep 8 \
		--fin-wait2 6 --orphans 5
	check_free $A $R:443
	check_eq free 29 "$FREE"
}

close_wait() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --fin-wait2 10 --server-closes
	check_free $A $R:443
	check_eq free 50 "$FREE"
}

syn_sent() {
	ip link add dummy0 type dummy || skip "no dummy devices"
	ip addr add 10.8.0.1/24 dev dummy0
	ip link set dummy0 up
	use_range $LOW $HIGH
	traffic_bg hold syn-sent --from 10.8.0.1 --to 10.8.0.2:443 --count 17
	check_free 10.8.0.1 10.8.0.2:443
	check_eq free 43 "$FREE"
}

used_up() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 40 --keep 20
	check_free $A $R:443
	check_eq free 0 "$FREE"
	check_eq "level of the namespace" full "${TW_HEAD[level]-}"
}

# A level begins at its threshold, not above it.
levels() {
	local n level more

	add_addr $A $R
	use_range 40000 40099
	n=0
	traffic_bg pairs --from $A --to $R:443 --keep 1
	for level in 79:ok 80:warn 94:warn 95:crit 99:crit 100:full; do
		more=$((${level%:*} - n - (n == 0)))
		traffic_bg pairs --from $A --to $R:443 --external --keep $more
		n=${level%:*}
		snapshot
		check_cell "level with $n of 100 in use" "${level#*:}" \
			out $A $R:443 level
		check_cell "use%" "$n.0" out $A $R:443 use%
		check_eq "level of the namespace" "${level#*:}" \
			"${TW_HEAD[level]-}"
	done
}

two_locals_one_remote() {
	small_net
	traffic pairs --from $B --to $R:443 --count 30
	traffic_bg pairs --from $A --to $R:443 --count 11 --keep 2
	check_free $A $R:443
	check_eq "free from $A" 47 "$FREE"
	check_free $B $R:443
	check_eq "free from $B" 30 "$FREE"
}

one_local_two_remotes() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 30 --keep 3
	traffic_bg pairs --from $A --to $S:443 --count 20 --keep 4
	check_free $A $R:443
	check_eq "free to $R" 27 "$FREE"
	check_free $A $S:443
	check_eq "free to $S" 36 "$FREE"
}

two_ports_of_one_remote() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 30 --keep 3
	traffic_bg pairs --from $A --to $R:80 --count 20 --keep 4
	check_free $A $R:443
	check_free $A $R:80
	check_eq "free to port 80" 36 "$FREE"
}

ipv6() {
	add_addr $A6 $R6
	use_range $LOW $HIGH
	traffic_bg pairs --from $A6 --to "[$R6]:443" --count 25 --keep 5 \
		--fin-wait2 2 --orphans 3
	check_free $A6 "[$R6]:443"
	check_eq free 25 "$FREE"
}

# IPv4 and IPv6 may use the same port.
ipv6_beside_ipv4() {
	small_net
	add_addr $A6 $R6
	traffic_bg pairs --from $A6 --to "[$R6]:443" --count 25 --keep 5
	traffic_bg pairs --from $A --to $R:443 --count 35 --keep 5
	check_free $A6 "[$R6]:443"
	check_eq "free by IPv6" 30 "$FREE"
	check_free $A $R:443
	check_eq "free by IPv4" 20 "$FREE"
}

mapped_and_plain() {
	small_net
	traffic pairs --from $A --to $R:443 --count 11 --mapped
	traffic_bg pairs --from $A --to $R:443 --count 12 --keep 4
	traffic_bg pairs --from $A --to $R:443 --external --keep 3 --mapped
	check_free $A $R:443
	check_eq free 30 "$FREE"
	check_free $A $R:443 --mapped
	check_eq "free to a mapped socket" 30 "$FREE"
}

# TIME_WAITs of a server in this namespace take no port from its clients.
servers_timewaits() {
	small_net
	traffic_bg pairs --from $A --to $R:443 --count 40 --server-closes \
		--keep 1
	check_free $A $R:443
	check_eq free 59 "$FREE"
	check_range "TIME_WAITs of the server" 1 40 "$(cell in $R:443 '*' tw)"
}

# connect() that chooses the local address as well: the same rows and ports.
address_left_to_connect() {
	local got

	use_range $LOW $HIGH
	set_sysctl net.ipv4.tcp_tw_reuse 0
	traffic_bg pairs --to 127.0.0.1:443 --count 20 --keep 5
	snapshot
	got=$("$TOOL" try --to 127.0.0.1:443)
	check_cell "free as connect() finds it" "$got" \
		out 127.0.0.1 127.0.0.1:443 free
	check_eq free 35 "$got"
}

tw_main fresh_beside_busy no_row_yet mixed_states close_wait syn_sent used_up \
	levels two_locals_one_remote one_local_two_remotes \
	two_ports_of_one_remote ipv6 ipv6_beside_ipv4 mapped_and_plain \
	servers_timewaits address_left_to_connect
