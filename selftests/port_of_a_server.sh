#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A server whose port is in the range of connect(): an outgoing connection may have it, and
# then the server cannot start, though its listener has SO_REUSEADDR. What docs/usage.md says
# of it: ss shows the connection, ip_local_reserved_ports prevents it.
#
# kernels: rules
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"

# One of the ports that connect() tries first: low, low + 2, ...
PORT=40006

reserve() {
	echo "$1" >/proc/sys/net/ipv4/ip_local_reserved_ports || abort "cannot reserve $1"
}

# outgoing [OPTION...]: connections from A to R:443 that use all ports of the range
outgoing() {
	small_net
	serve $R 443
	traffic_bg pairs --from $A --to $R:443 --external --keep 60 "$@"
	OUTGOING=$LAST_PID
}

# What a server says that wants PORT of ADDRESS (all of them); nothing if it has started. (A
# listener of tw_traffic has SO_REUSEADDR.)
start_server() {
	local pid

	if pid=$("$TOOL" serve "${1-0.0.0.0}" $PORT --background 2>"$TW_TMP/said"); then
		end_pid "$pid"
	else
		grep -o 'Address already in use' "$TW_TMP/said" || cat "$TW_TMP/said"
	fi
}

# What ss says of the port: states
states_of_port() {
	ss -Htan "sport = :$PORT" | awk '{ print $1 }'
}

cannot_start() {
	check_eq "what the server says, $1" "Address already in use" "$(start_server)"
	check_eq "what ss shows, $1" "$2" "$(states_of_port)"
}

connection_has_it() {
	outgoing
	cannot_start "with a connection" ESTAB
	check_eq "what a server of another address says" "" "$(start_server $B)"
	end_pid "$OUTGOING"
	settle
	cannot_start "with its TIME_WAIT" TIME-WAIT
	sleep_ms 66000
	check_eq "what the server says after a minute" "" "$(start_server)"
}

# The emergency measure; a TIME_WAIT needs 6.1 (net/ipv4/tcp.c:tcp_abort).
ss_kill_frees_it() {
	outgoing
	ss -K -tan sport = :$PORT >/dev/null 2>&1
	check_eq "what the server says after its end" "" "$(start_server)"
	end_pid "$OUTGOING"
	kernel_at_least 6 1 || return
	sleep_ms 66000
	traffic pairs --from $A --to $R:443 --external --count 60
	settle
	cannot_start "with its TIME_WAIT" TIME-WAIT
	ss -K -tan sport = :$PORT >/dev/null 2>&1
	check_eq "what the server says after the end of TIME_WAIT" "" "$(start_server)"
}

# Where the client had SO_REUSEADDR too, its TIME_WAIT is in nobody's way.
client_with_reuseaddr() {
	outgoing --reuseaddr
	end_pid "$OUTGOING"
	settle
	check_eq "what ss shows" TIME-WAIT "$(states_of_port)"
	check_eq "what the server says" "" "$(start_server)"
}

reserved_ports_prevent_it() {
	small_net
	reserve $PORT
	serve $R 443
	traffic_bg pairs --from $A --to $R:443 --external --keep 59
	snapshot
	check_cell "free with all but one of 60 ports" 0 out $A $R:443 free
	check_eq reserved 1 "${TW_HEAD[reserved]-}"
	check_eq "what ss shows" "" "$(states_of_port)"
	check_eq "what the server says" "" "$(start_server)"
}

# A program that tries again and again to reach a server of this machine that is down: one
# call in some gets the server's own port, and is connected to itself.
self_connects() {
	small_net
	use_range 40000 40009
	"$TOOL" connect --from $A --to $A:$PORT --count 200 >"$TW_TMP/said"
	check "no call has connected to itself" grep -q '^connected ' "$TW_TMP/said"
	reserve $PORT
	check_eq "with the port reserved" "ECONNREFUSED 200" \
		"$("$TOOL" connect --from $A --to $A:$PORT --count 200)"
}

tw_main connection_has_it ss_kill_frees_it client_with_reuseaddr reserved_ports_prevent_it self_connects
