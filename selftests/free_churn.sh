#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Reads while connections come and go. There are never fewer sockets than before the
# read, never more than after it, and free + used is the number of usable ports.
#
# kernels: rules
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
needs parallel

# connect() calls of this namespace that have taken a port.
opened() {
	awk '$1 == "Tcp:" {
		if (!at) {
			for (i = 1; i <= NF; i++)
				if ($i == "ActiveOpens")
					at = i
		} else {
			print $at
		}
	}' /proc/net/snmp
}

read_now() {
	before=$(opened)
	snapshot
	after=$(opened)
}

# Every connection ends in TIME_WAIT. Until the first of those ends, all that were opened
# are still there, in this state or that.
still_all_there() {
	[ "$("$TOOL" now)" -lt $((STARTED + 60000)) ]
}

# check_exists MORE
check_exists() {
	local cells n sum=0

	while read -ra cells; do
		for n in "${cells[@]}"; do
			sum=$((sum + n))
		done
	done < <(columns "$TW_STATES" out)
	# One for each of those at work may have its port and not be counted.
	check_range "sockets of $before to $after connections" \
		"$before" $((after + $1)) "$sum"
}

check_free_and_used() {
	check_text "free and used of each row are what is usable" '' \
		"$(columns "free used local remote" out |
		   awk -v usable="${TW_HEAD[usable]-}" '$1 + $2 != usable' ||
		   echo "awk failed")"
}

reads() {
	scaled 40 10
}

nothing_lost_nothing_twice() {
	local i before after loads

	add_addr $A $B $R $S
	# A quick machine reaches the default of a small guest.
	set_sysctl net.ipv4.tcp_max_tw_buckets 1000000
	traffic_bg pairs --from $A --to $R:443 --interval-ms 5 --count 1000 \
		--forever
	loads=$LAST_PID
	traffic_bg pairs --from $B --to $R:80 --interval-ms 5 --count 1000 \
		--forever
	loads+=" $LAST_PID"
	traffic_bg pairs --from $A --to $S:443 --interval-ms 5 --count 1000 \
		--forever
	for i in $(seq "$(reads)"); do
		read_now
		still_all_there || break
		check_exists 3 || break
		check_free_and_used || break
	done
	check "one read at least was in time: $i" [ "$i" -gt 1 ]
	check_range "connections opened meanwhile" 10 1000000 "$after"
	check_alive $loads "$LAST_PID"
}

# A narrow range in which connect() takes TIME_WAITs over all the time: a port with two
# sockets for a moment counts once.
taken_over() {
	local i before

	use_range $LOW $HIGH
	set_sysctl net.ipv4.tcp_tw_reuse 1
	traffic_bg pairs --to 127.0.0.1:443 --interval-ms 5 --count 1000 \
		--forever
	wait_for 20 recycled_since 0 || abort "no port is taken over"
	before=$(recycled)
	for i in $(seq "$(reads)"); do
		snapshot
		check_eq "rows that are judged" 1 "$(row_count out)"
		check_text "free is never above usable, used never above tried" '' \
			"$(columns "free used reuse tw" out |
			   awk -v usable="${TW_HEAD[usable]-}" \
			       -v tried="${TW_HEAD[tried]-}" \
			       '$1 > usable || $2 > tried || $3 > $4 ||
				$1 < usable - $2 || $1 - $3 > usable - $2 + 1' ||
			   echo "awk failed")"
	done
	wait_for 20 recycled_since "$before" ||
		fail "no port was taken over meanwhile"
	check_alive "$LAST_PID"
}

# bind() takes ports and gives them back: each is subtracted from usable once.
bound_ports_come_and_go() {
	local i

	small_net
	traffic_bg pairs --from $A --to $R:443 --keep 10
	for i in $(seq "$(reads)"); do
		traffic_bg hold bind --from $A --early-bind --count 20
		snapshot
		check_eq "bound while they are held" 20 "${TW_HEAD[bound]-}"
		kill -9 "$LAST_PID"
		snapshot
		check_range bound 0 20 "${TW_HEAD[bound]-}"
		check_eq "usable" $((60 - ${TW_HEAD[bound]-})) "${TW_HEAD[usable]-}"
		check_eq "free" $((${TW_HEAD[usable]-} - 10)) \
			"$(cell out $A $R:443 free)"
		end_pid "$LAST_PID"
	done
}

STARTED=$("$TOOL" now)
tw_main nothing_lost_nothing_twice taken_over bound_ports_come_and_go
