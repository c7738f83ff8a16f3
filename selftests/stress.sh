#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# All at once: connections over IPv4 and IPv6, readers in random pieces, pollers, changes of
# rules and settings, namespaces that come and go, some with a table of their own, memory
# that is nearly used up again and again, and the module unloaded and loaded. Afterwards
# nobody holds the module; what leaked, the leak scan at the guest's end finds. That
# somebody was killed for want of memory is a complaint. TW_SECONDS=N says how long it
# goes on.
#
# kernels: debug
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/watch.sh"
needs parallel

A=10.9.0.1
R=10.9.1.1
seconds=${TW_SECONDS:-$(scaled 40 10)}

# Loops write how often they have come round into $TW_TMP/NAME.rounds.
# loop NAME COMMAND...: until the time is over, and it has come round once
loop() {
	local name=$1 n=0

	shift
	while [ $SECONDS -lt "$TW_END" ] || [ $n = 0 ]; do
		"$@" && n=$((n + 1))
	done >/dev/null 2>&1
	echo $n >"$TW_TMP/$name.rounds"
}

# The module may be gone meanwhile: then its files are not there, or have no content.
random_calls() {
	"$TW_SELFTESTS/tw_ifuzz" --gone $RANDOM 300
}

random_calls_of_a_user() {
	setpriv --reuid 1000 --regid 1000 --clear-groups \
		"$TW_SELFTESTS/tw_ifuzz" --gone $RANDOM 300
}

# It holds the module, but not for long.
poller() {
	echo now | "$TOOL" poll --files 4 $TW_FILE
	sleep 0.5
}

# A namespace with sockets and a monitor, gone a moment later
namespace() {
	local entries=$((RANDOM % 3 ? 0 : 64))

	echo $entries >/proc/sys/net/ipv4/tcp_child_ehash_entries
	unshare -n "$BASH" -c '
		ip link set lo up
		echo 1000 >/proc/sys/net/tw_summary/monitor_interval_ms
		"$1" pairs --to 127.0.0.1:443 --count 3
		cat /proc/net/tw_summary' - "$TOOL"
}

# memory_left: in KiB
memory_left() {
	local key value unit

	while read -r key value unit; do
		[ "$key" != MemAvailable: ] || break
	done </proc/meminfo
	echo "$value"
}

# Leaves some 64 MiB for half a second, and then gives the memory back. Others take memory
# meanwhile, so it comes near that in steps.
pressure() {
	local full=$TW_TMP/full left n=0

	mkdir "$full" && mount -t tmpfs -o size=100% none "$full" || return
	while left=$(memory_left) && [ "$left" -gt 65536 ]; do
		fallocate -l $((left / 4 * 1024)) "$full/$n" || break
		n=$((n + 1))
	done
	sleep 0.5
	umount "$full" && rmdir "$full"
	sleep 0.5
}

reload() {
	rmmod tw_summary || return
	modprobe tw_summary || return
	init_sysctl cache_ms 0
	sleep 0.2
}

rounds_of() {
	local n=0

	read -r n <"$TW_TMP/$1.rounds"
	echo "${n:-0}"
}

all_at_once() {
	local names=(calls user_calls pollers namespaces pressure reloads) pids=() name

	needs_modprobe
	add_addr $A $R fd00:9::1
	# Beyond this limit no socket would become a TIME_WAIT any more.
	set_sysctl net.ipv4.tcp_max_tw_buckets 10000000
	traffic_bg pairs --from $A --to $R:443 --count 20 --interval-ms 2 --forever
	traffic_bg pairs --to "[fd00:9::1]:444" --count 20 --interval-ms 2 --forever
	TW_END=$((SECONDS + seconds))
	loop calls random_calls & pids+=($!)
	loop user_calls random_calls_of_a_user & pids+=($!)
	loop pollers poller & pids+=($!)
	loop namespaces namespace & pids+=($!)
	loop pressure pressure & pids+=($!)
	loop reloads reload & pids+=($!)
	wait "${pids[@]}"

	for name in "${names[@]}"; do
		note "$name: $(rounds_of $name) rounds"
		check "$name: not once round" [ "$(rounds_of $name)" -gt 0 ]
	done
	# A file of a poller that ended may have been the last user.
	wait_for 20 rmmod tw_summary || fail "somebody still uses the module"
	modprobe tw_summary || abort "modprobe failed"
	init_sysctl cache_ms 0
	traffic pairs --to 127.0.0.1:4443 --count 3
	check_cell_now
}

check_cell_now() {
	snapshot
	check_cell "TIME_WAITs to 127.0.0.1:4443" 3 \
		out 127.0.0.1 127.0.0.1:4443 tw
}

tw_main all_at_once
