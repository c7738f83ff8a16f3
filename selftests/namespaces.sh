#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# twstat --metrics --all: what it says of other network namespaces, which ones it reads, and
# what that costs.
#
# kernels: newest
# probe: as_its_file_says
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"

SERVERS=/python
. "$TW_LIB/unpacked.sh"
needs python

ready() {
	unpacked_ready python3
	tools_ready
	cp "$TW_LIB/listeners.py" $SERVERS/tmp/
	small_net
}

# metrics: in $TW_TMP/metrics
metrics() {
	served /usr/bin/python3 /tools/bin/twstat --metrics --all >"$TW_TMP/metrics" ||
		abort "twstat --metrics --all"
}

# metric NAME [LABEL="VALUE"...]: the values of its series that have all these labels
metric() {
	local name=ephemeral_ports_$1

	shift
	awk -v name="$name" -v labels="$*" '
		BEGIN { n = split(labels, wanted, " ") }
		{
			of = $0
			sub(/[{ ].*/, "", of)
			if (of != name)
				next
			for (i = 1; i <= n; i++)
				if (!index($0, wanted[i]))
					next
			print $NF
		}' "$TW_TMP/metrics"
}

# other NAME: a namespace with addresses as ours, and a server in it
other() {
	ip netns add "$1" || abort "ip netns add"
	at_exit ip netns del "$1"
	ip -n "$1" link set lo up
	printf 'addr add %s/32 dev lo\n' $A $R | ip -n "$1" -batch - || abort "addresses"
	ip netns exec "$1" sysctl -qw net.ipv4.ip_local_port_range="$LOW $HIGH"
	ip netns exec "$1" "$TOOL" serve $R 443 --background >>"$TW_TMP/pids" ||
		abort "no server in $1"
}

# Its own file, ss and connect() are the judges.
as_its_file_says() {
	local net

	ready
	other tenant
	mkdir -p $SERVERS/run/netns
	mount --rbind /run/netns $SERVERS/run/netns || abort "cannot mount /run/netns"
	at_exit umount -l $SERVERS/run/netns
	net=netns=\"$(stat -L -c %i /run/netns/tenant)\"
	ip netns exec tenant "$TOOL" pairs --from $A --to $R:443 --external --count 60 ||
		abort "no traffic"
	ip netns exec tenant "$TOOL" connect --from $A --to $R:443 --count 3 >/dev/null
	metrics
	check_eq "its name" "$(metric netns_worst_free "$net")" \
		"$(metric netns_worst_free 'name="tenant"')"
	check_eq "TIME_WAITs" "$(ip netns exec tenant ss -Htan state time-wait | wc -l)" \
		"$(metric netns_sockets "$net" 'state="time_wait"')"
	check_eq "what connect() finds" 0 "$(metric netns_worst_free "$net")"
	check_eq "its level" 3 "$(metric netns_worst_level "$net")"
	# Without the probe nobody counts.
	if ip netns exec tenant grep -q 'fails=-' $TW_FILE; then
		note "this kernel counts no failures"
	else
		check_eq "calls that failed" 3 "$(metric netns_connect_failures_total "$net")"
	fi
	check_eq "our own level" 0 "$(metric worst_level)"
}

# tables: how many have been taken until now
tables() {
	read_walk
	echo "${WALK[walks]-}"
}

# cost COMMAND...: the milliseconds of processor time that it takes
cost() {
	served /usr/bin/python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(round(1000 * (used.ru_utime + used.ru_stime)))' "$@"
}

# A guest whose clock counts instructions has one nanosecond for each of them. So a second
# here is a thousand million instructions, which a machine with three in a nanosecond has done
# after a third of one.
a_thousand() {
	local number=1000 sockets=10000 before taken plain all sum

	needs_debugfs
	ready
	keep_init_sysctl cache_ms
	init_sysctl cache_ms 0
	set_sysctl net.ipv4.tcp_max_tw_buckets 1000000
	talk_to listeners chroot $SERVERS /usr/bin/python3 /tmp/listeners.py "$number"
	hear listeners
	check_eq "the namespaces are there" ready "$HEARD"
	# Each connects to itself: so many ports of one address.
	traffic selfconnect --from $A:20000 --count "$sockets"
	before=$(tables)
	metrics
	taken=$(($(tables) - before))
	check_eq "our own TIME_WAITs" "$sockets" "$(metric sockets 'state="time_wait"')"
	check_eq "tables that were taken" 50 "$taken"
	check_eq "namespaces that are shown" 49 "$(metric netns_shown)"
	# That of the guest's first process is there too, if it has sockets.
	check_range "the rest" $((number - 49)) $((number - 48)) "$(metric netns_rest)"
	sum=$(rest_of "$number")
	check_range "sockets of the rest, which has fewest" "$sum" $((sum + 4)) \
		"$(metric netns_rest_sockets 'state="in_use"')"
	plain=$(cost /usr/bin/python3 /tools/bin/twstat --metrics)
	all=$(cost /usr/bin/python3 /tools/bin/twstat --metrics --all)
	note "$number namespaces, $sockets sockets: $all ms, of which $plain for the host alone"
	check_range "milliseconds for all of them" 0 3000 $all
	hang_up listeners
}

# rest_of NUMBER: the listeners of all but the 49 namespaces with most of them
rest_of() {
	local at sum=0

	for ((at = 0; at < $1; at++)); do
		echo $((1 + 4 * at / $1))
	done | sort -n | head -n $(($1 - 49)) | {
		while read -r at; do
			sum=$((sum + at))
		done
		echo $sum
	}
}

# Namespaces end while they are read, again and again.
come_and_go() {
	local round pid

	ready
	for round in 1 2 3 4 5 6 7 8; do
		talk_to "many$round" chroot $SERVERS /usr/bin/python3 /tmp/listeners.py 20
		pid=$LAST_PID
		hear "many$round"
		{
			sleep_ms $((round * 20))
			kill "$pid"
		} 2>/dev/null &
		metrics
		check_eq "up, round $round" 1 "$(metric up)"
		check_eq "unread, round $round" 0 "$(metric netns_unread)"
		hang_up "many$round"
		wait
	done
}

tw_main as_its_file_says a_thousand come_and_go
