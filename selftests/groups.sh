#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Readers in a control group with little memory, or little processor time. The OOM killer
# must not end them, nor anybody else, and nobody waits for them. A monitor's memory is
# that of a group.
#
# kernels: ends
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/overflow.sh"
. "$TW_LIB/watch.sh"
. "$TW_LIB/cgroups.sh"
needs cgroups

A=10.9.0.1

many_rows() {
	keep_init_sysctl max_rows
	init_sysctl max_rows 1048576
}

# Each connection is to itself, so each is a destination.
destinations() {
	many_rows
	add_addr $A
	traffic selfconnect --from $A:33000 --destinations 1 --count "$1"
}

# limited_to CONTROLLER LIMIT VALUE: a control group with that limit, in $GROUP
limited_to() {
	cgroup2
	echo "+$1" 2>/dev/null >"$CGROUP_TOP/cgroup.subtree_control" ||
		skip "cgroup2 has no controller $1"
	GROUP=$CGROUP_TOP/tw_limited
	mkdir "$GROUP" || abort "cannot make a control group"
	at_exit "wait_for 60 group_is_empty && rmdir $GROUP"
	echo "$3" >"$GROUP/$2" || abort "cannot set $2"
}

# Ends what is left in it
group_is_empty() {
	local pids

	mapfile -t pids <"$GROUP/cgroup.procs"
	[ ${#pids[@]} -gt 0 ] || return 0
	kill -9 "${pids[@]}" 2>/dev/null
	return 1
}

# The table as a reader in the group sees it, in $TW_TMP/table; its status in $STATUS.
# With the file open, it needs some 300 KB for itself.
read_in_group() {
	local reader='echo $$ >"$1/cgroup.procs" && exec 5<"$2" &&
		printf -v own %0100000d 0 && exec cat <&5'

	STATUS=0
	"$BASH" -c "$reader" - "$GROUP" $TW_FILE \
		>"$TW_TMP/table" 2>"$TW_TMP/error" || STATUS=$?
}

nobody_was_killed() {
	check_eq "processes that were killed for want of memory" \
		"oom_kill 0" "$(grep '^oom_kill ' "$GROUP/memory.events")"
	check "the reader was ended: status $STATUS" [ $STATUS -lt 128 ]
}

# What a reader may see that has not got enough
check_short() {
	nobody_was_killed
	if [ $STATUS = 0 ]; then
		use_snapshot "$TW_TMP/table"
		check_eq "whether it is complete" no "${TW_HEAD[complete]-}"
		check_eq "rows whose free ports are told" 0 \
			"$(columns "free" | grep -vc '^-$')"
	else
		check_eq "the error" "Cannot allocate memory" \
			"$(sed 's/.*: C/C/' "$TW_TMP/error")"
	fi
}

# 3,000 rows need 1.5 MB.
reader_with_too_little() {
	destinations 3000
	limited_to memory memory.max $((1 << 20))
	read_in_group
	check_short
	# Others are not concerned.
	snapshot
	check_eq "rows without the limit" "${TW_HEAD[sockets]}" "${TW_HEAD[out_rows]}"
}

reader_with_enough() {
	destinations 3000
	limited_to memory memory.max $((32 << 20))
	read_in_group
	nobody_was_killed
	check_eq "the reader's status" 0 "$STATUS"
	use_snapshot "$TW_TMP/table"
	check_wellformed
	check_eq "rows" "${TW_HEAD[sockets]}" "${TW_HEAD[out_rows]}"
}

# Rows with several sockets each: they do not go at once when a further one has no room.
rows_of_several() {
	many_rows
	crowd_addresses
	crowd 3000 2
	limited_to memory memory.max $((1 << 20))
	read_in_group
	check_short
}

# group_holds BYTES: of memory
group_holds() {
	[ "$(<"$GROUP/memory.current")" -ge "$1" ]
}

# A monitor works in a kworker, which belongs to the host. The memory of its snapshots
# belongs to the group that switched it on.
monitor_pays() {
	case $(uname -r) in 5.10.*) skip "before 5.14 modules cannot charge others" ;; esac
	destinations 10000
	limited_to memory memory.max $((64 << 20))
	"$BASH" -c 'echo $$ >"$1/cgroup.procs" && echo 1000 >"$2"' - \
		"$GROUP" $TW_INTERVAL || abort "cannot switch the monitor on"
	at_exit "echo 0 >$TW_INTERVAL"
	wait_for 20 group_holds $((4 << 20))
	check "the group holds 10,000 rows: $(<"$GROUP/memory.current") bytes" \
		group_holds $((4 << 20))
}

# With one percent of a processor a reader is nearly always stopped in the middle of its
# snapshot. (7.x stops it only on its way back to user mode.) The monitor looks 30 times
# in 3 s all the same.
throttled_reader() {
	needs_debugfs
	destinations 2000
	limited_to cpu cpu.max "1000 100000"
	"$BASH" -c 'echo $$ >"$1/cgroup.procs" && exec cat '"$(yes $TW_FILE |
		head -n 1000 | tr '\n' ' ')" - "$GROUP" >/dev/null &
	remember_pid $!
	disown
	monitor_on
	wait_looks 2
	looks_in 3000
	check "the monitor waits for a reader: $LOOKS looks in 3 s" [ "$LOOKS" -ge 25 ]
	note "$LOOKS looks, $(grep nr_throttled "$GROUP/cpu.stat")"
}

tw_main throttled_reader reader_with_too_little rows_of_several reader_with_enough \
	monitor_pays
