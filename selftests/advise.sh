#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# twstat --advise: what it says would help brings as many ports as it says.
#
# kernels: newest
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"
. "$TW_LIB/servers.sh"
needs servers

settings() {
	sysctl -a 2>/dev/null | grep '^net\.ipv4\.\(ip_local\|tcp_\)'
}

# advise [FILTER...]: its text, in one line
advise() {
	local before

	before=$(settings)
	served /usr/bin/python3 /tools/bin/twstat --advise --width 0 "$@" \
		>"$TW_TMP/advice" || abort "twstat --advise $*"
	ADVICE=$(tr -s '\n ' ' ' <"$TW_TMP/advice")
	ADVICE=${ADVICE% }
	check_text "settings before and after" "$before" "$(settings)"
	check "it says so" grep -qx 'Nothing was changed.' "$TW_TMP/advice"
}

# said BEFORE: the number behind these words
said() {
	local rest=${ADVICE#*"$1"}

	[ "$rest" != "$ADVICE" ] || rest=
	printf '%s\n' "${rest%%[!0-9]*}"
}

# follow: does what is printed as commands
follow() {
	grep '^    sysctl -w ' "$TW_TMP/advice" >"$TW_TMP/commands"
	check_eq "commands" 2 "$(wc -l <"$TW_TMP/commands")"
	. "$TW_TMP/commands" >/dev/null || abort "cannot do: $(<"$TW_TMP/commands")"
}

# All 60 ports are in TIME_WAIT. Some ports of the wider range are not for connect():
# listeners' (one of them reserved, one with IPv6 only, one in the old range), a client's
# with a port of its own, that of a UDP server.
full_beside_servers() {
	servers_ready
	tools_ready
	small_net
	add_addr $A6
	serve $R 443
	traffic pairs --from $A --to $R:443 --external --count 58
	# Most of the range is reserved: 64,000 connections would take minutes.
	echo "1024-8078,8081,8090-20000,20010-39899,41000-65535" \
		>/proc/sys/net/ipv4/ip_local_reserved_ports
	SERVERS_PIDS=()
	serve 0.0.0.0 8080
	SERVERS_PIDS+=("$LAST_PID")
	serve 0.0.0.0 8081
	SERVERS_PIDS+=("$LAST_PID")
	traffic_bg serve $A6 8082 --v6only
	SERVERS_PIDS+=("$LAST_PID")
	udp_server 8083
	SERVERS_PIDS+=("$LAST_PID")
	serve $R "$(free_port)"
	traffic_bg pairs --from $A:20001 --to $S:444 --keep 1
	settle
	snapshot
	check_cell "free and tw" "1 58" out $A $R:443 free tw
}

udp_server() {
	(exec chroot $SERVERS /usr/bin/python3 -c "import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('0.0.0.0', $1))
time.sleep(9999)") &
	LAST_PID=$!
	remember_pid $LAST_PID
	disown
	wait_for 20 grep -q ":$(printf %04X "$1") " /proc/net/udp || abort "no UDP server"
}

# A port of the range that nobody has
free_port() {
	local port

	port=$HIGH
	while [ -n "$(ss -Htan "sport = :$port")" ]; do
		port=$((port - 1))
	done
	echo $port
}

wider_range() {
	local before

	full_beside_servers
	advise
	check "$ADVICE" eval '[[ $ADVICE == *"$A -> $R:443: crit, 1 of 60 ports free"* ]]'
	before=$(cell out $A $R:443 free)
	follow
	check_free $A $R:443
	check_eq "ports that it brings" "$(said 'the wider range below: ')" \
		$((FREE - before))
	# 8079, 8084 to 8089, but for 20001 the ports to 20009, 39900 to 39999, 40060 to 40999
	check_eq "ports that it brings" 1055 $((FREE - before))
	advise
	check "it is advised again: $ADVICE" eval '[[ $ADVICE != *"wider range"* ]]'
}

# Servers that stop for a moment find their ports free again, though connect() has used all
# that there are.
servers_keep_their_ports() {
	local pid

	full_beside_servers
	advise
	follow
	for pid in "${SERVERS_PIDS[@]}"; do
		end_pid "$pid"
	done
	use_range 8079 8084
	check_eq "connections from 8079, 8084 and no other port" 2 "$(connects $A $R:443)"
}

# tcp_tw_reuse=1 makes as many ports free as it says.
reuse() {
	servers_ready
	tools_ready
	small_net
	serve $R 443
	traffic pairs --from $A --to $R:443 --external --count 58
	sleep_ms 3000
	snapshot
	advise dst $R:443
	set_sysctl net.ipv4.tcp_tw_reuse 1
	check_free $A $R:443
	check_eq "ports that tcp_tw_reuse=1 brings" \
		"$(said 'sysctl -w net.ipv4.tcp_tw_reuse=1: ')" $((FREE - 2))
	check_eq "with more than a guess" 58 "$(said 'sysctl -w net.ipv4.tcp_tw_reuse=1: ')"
}

# Other addresses have as many ports as it says, also where bind() has taken some.
another_address() {
	servers_ready
	tools_ready
	small_net
	serve $R 443
	traffic_bg hold bind --from $B:$LOW --count 10
	traffic pairs --from $A --to $R:443 --external --count 48
	settle
	advise
	check_eq "ports of another local address" \
		"$(said 'IP_BIND_ADDRESS_NO_PORT: ')" "$(connects $B $R:443)"
	serve $R 444
	check_eq "ports of another port of the server" \
		"$(said 'another address or port of the server: ')" "$(connects $A $R:444)"
	check_eq "ports that programs which bind have taken" 10 \
		"$(said 'in the programs that bind first: up to ')"
}

# In an emergency
killed() {
	servers_ready
	tools_ready
	small_net
	serve $R 443
	traffic pairs --from $A --to $R:443 --external --count 58
	settle
	advise
	check_eq "ports that ss -K brings" 58 "$(said "state time-wait dst $R:443: up to ")"
	eval "$(grep -o 'ss -K -tn state time-wait dst [^ ]*:443' "$TW_TMP/advice")" >/dev/null
	snapshot
	check_eq timewait 0 "${TW_HEAD[timewait]-}"
}

all_is_well() {
	servers_ready
	tools_ready
	small_net
	advise
	check_eq "what it says" "No destination is short of ports, and no call has failed for \
want of one. Nothing was changed." "$ADVICE"
}

tw_main wider_range servers_keep_their_ports reuse another_address killed all_is_well
