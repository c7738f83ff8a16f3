#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The worst row is on top, and the order is total.
#
# kernels: newest
# on all kernels: by_address
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/rules.sh"

A=10.9.0.1
B=10.9.0.10
C=10.9.0.2
R=10.9.1.1

out_of_order() {
	columns "dir level free used tw" | awk '
		function rank(level) {
			return level == "full" ? 3 : level == "crit" ? 2 : \
			       level == "warn" ? 1 : 0
		}
		function bad() {
			print "line " NR ": " last " before " $0
		}
		BEGIN { kind["out"] = 1; kind["in"] = 2; kind["bound"] = 3 }
		NR > 1 {
			if (kind[$1] < kind[dir])
				bad()
			else if ($1 == dir && dir == "out") {
				if (rank($2) > rank(level))
					bad()
				else if (rank($2) == rank(level)) {
					if ($3 + 0 < free + 0)
						bad()
					else if ($3 == free && $4 > used)
						bad()
				}
			} else if ($1 == dir && $5 > tw)
				bad()
		}
		{
			dir = $1
			level = $2
			free = $3
			used = $4 + 0
			tw = $5 + 0
			last = $0
		}' || echo "awk failed"
}

# Different numbers for every kind, made in no order. Rules make those that use
# least the worst: the level comes before the number.
worst_first() {
	local n port

	add_addr $A $R
	set_sysctl net.ipv4.ip_local_port_range "40000 40059"
	set_rules "$R:401 warn=1 crit=1" "$R:403 warn=5 crit=100"
	for n in 3 9 1 7 5; do
		port=$((400 + n))
		traffic pairs --from $A --to $R:$port --count $n
		traffic pairs --from $A --to $R:$((port + 1000)) --count $n \
			--server-closes
		traffic pairs --from $A --to $R:$((port + 2000)) --count $n \
			--server-closes
		traffic_bg hold listen --from $R:$((port + 2000))
	done
	check_table
	check_text "rows out of order" "" "$(out_of_order)"
	check_eq "levels of the out rows" "crit warn ok ok ok" \
		"$(columns level out | tr '\n' ' ' | sed 's/ $//')"
	check_eq "out rows by remote" \
		"$R:401 $R:403 $R:409 $R:407 $R:405" \
		"$(columns remote out | tr '\n' ' ' | sed 's/ $//')"
	check_eq "in rows by local" \
		"$R:2409 $R:2407 $R:2405 $R:2403 $R:2401" \
		"$(columns local in | tr '\n' ' ' | sed 's/ $//')"
	check_eq "bound rows by local" \
		"$R:1409 $R:1407 $R:1405 $R:1403 $R:1401" \
		"$(columns local bound | tr '\n' ' ' | sed 's/ $//')"
}

# Rows that are equal but for their address: by address, as numbers.
by_address() {
	local from

	add_addr $A $B $C $R fd00:9::1
	for from in $B $C $A; do
		traffic pairs --from $from --to $R:1443 --count 2
		traffic pairs --from $from --to $R:443 --count 2
	done
	traffic pairs --to "[fd00:9::1]:443" --count 2
	check_table
	check_text "rows by address" "$A $R:443
$A $R:1443
$C $R:443
$C $R:1443
$B $R:443
$B $R:1443
fd00:9::1 [fd00:9::1]:443" "$(columns "local remote")"
}

# The same numbers give the same rows in the same order, in whatever order the sockets were
# made: here in two namespaces with different hash chains.
whatever_the_history() {
	new_ns
	PORTS="80 443 22 8080" check_in_ns "one order" $NS_PID make_rows
	new_ns
	PORTS="8080 22 443 80" check_in_ns "another" $NS_PID make_rows
	check_eq "rows" 8 "$(wc -l <"$TW_TMP/rows.80")"
	check_text "the same order" "$(<"$TW_TMP/rows.80")" \
		"$(<"$TW_TMP/rows.8080")"
}

make_rows() {
	local port

	add_addr $A $R
	for port in $PORTS; do
		traffic_bg pairs --from $A --to $R:$port --keep 2 \
			--close-listener
	done
	check_table
	columns "dir used estab local remote" >"$TW_TMP/rows.${PORTS%% *}"
}

tw_main worst_first by_address whatever_the_history
