#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A reader whose control group has little memory left. The kernel's OOM killer must not
# end it, nor anybody else.
#
# needs: memcg
# kernels: all
. "${BASH_SOURCE[0]%/*}/../lib/main.sh"
. "$TW_LIB/overflow.sh"
. "$TW_LIB/watch.sh"

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

# limited_to BYTES: a control group with that limit, in $GROUP
limited_to() {
	local top=$TW_TMP/cgroup

	mkdir "$top"
	mount -t cgroup2 none "$top" 2>/dev/null || skip "no cgroup2"
	at_exit umount "$top"
	echo +memory 2>/dev/null >"$top/cgroup.subtree_control" ||
		skip "no control of memory in cgroup2"
	GROUP=$top/tw_memory
	mkdir "$GROUP" || abort "cannot make a control group"
	at_exit rmdir "$GROUP"
	echo "$1" >"$GROUP/memory.max"
	[ ! -e "$GROUP/memory.swap.max" ] || echo 0 >"$GROUP/memory.swap.max"
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

# 10,000 rows need 5 MB.
reader_with_too_little() {
	destinations 10000
	limited_to $((4 << 20))
	read_in_group
	check_short
	# Others are not concerned.
	snapshot
	check_eq "rows without the limit" "${TW_HEAD[sockets]}" "${TW_HEAD[out_rows]}"
}

reader_with_enough() {
	destinations 10000
	limited_to $((32 << 20))
	read_in_group
	nobody_was_killed
	check_eq "the reader's status" 0 "$STATUS"
	use_snapshot "$TW_TMP/table"
	check_wellformed
	check_eq "rows" "${TW_HEAD[sockets]}" "${TW_HEAD[out_rows]}"
}

# Rows with several sockets each do not go by themselves when a further one comes.
rows_of_several() {
	many_rows
	crowd_addresses
	crowd 6000 2
	limited_to $((2 << 20))
	read_in_group
	check_short
}

tw_main reader_with_too_little rows_of_several reader_with_enough
